/**
 * A network that comes and goes, half a second each, while 200 messages a second go each way. Client and server are processes of
 * their own, whose memory is looked at once a minute.
 */
import { join } from 'node:path'
import { Child } from '../chaos/child.ts'
import type { Outcome } from '../chaos/chatter.ts'
import { refused, sleep } from '../chaos/faults.ts'
import { startChatServer } from '../chaos/server-process.ts'
import { FaultProxy } from '../tools/fault-proxy.ts'
import type { Order, Word } from './client.ts'

interface Flapping {
  readonly outcome: Outcome
  /** Bytes that each process needed after each minute. */
  readonly client: readonly number[]
  readonly server: readonly number[]
}

/** `tell` hears of each minute. */
export async function flap(minutes: number, tell: (line: string) => void): Promise<Flapping> {
  const server = await startChatServer()
  await using proxy = await FaultProxy.start({ target: { port: server.port } })
  const child = new Child<Order, Word>(join(import.meta.dirname, 'client.ts'))
  child.order({ url: `ws://${proxy.host}/live` })
  const memory = { client: [] as number[], server: [] as number[] }
  for (let minute = 1; minute <= minutes; minute++) {
    for (const end = performance.now() + 59_000; performance.now() < end; await sleep(500)) await refused(500)(proxy)
    child.order({ memory: true })
    memory.client.push((await child.heard('memory')).memory)
    memory.server.push(await server.memory())
    const [client, ours] = [memory.client.at(-1)!, memory.server.at(-1)!].map((bytes) => (bytes / 1e6).toFixed(2))
    tell(`minute ${minute}: client ${client} MB, server ${ours} MB, ${proxy.accepted} connections`)
  }
  child.order({ finish: true })
  const { outcome } = await child.heard('outcome')
  await Promise.all([child.kill(), server.kill()])
  return { outcome, ...memory }
}
