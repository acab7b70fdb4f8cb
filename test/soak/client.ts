/** A client that chats, in a process of its own, as long as it is not told to finish. */
import { once } from 'node:events'
import { connect } from '../../src/index.ts'
import { type Chatter, type Outcome, converse } from '../chaos/chatter.ts'
import { usedMemory } from '../chaos/child.ts'
import { pace } from '../chaos/endure.ts'
import { impatient } from '../chaos/options.ts'

/** What it is told. */
export type Order = { readonly url: string } | { readonly memory: true } | { readonly finish: true }

/** What it tells. */
export type Word = { readonly memory: number } | { readonly outcome: Outcome }

const tell = (word: Word): void => void process.send?.(word)
const [{ url }] = (await once(process, 'message')) as [Extract<Order, { url: unknown }>]
await using socket = connect<Chatter>(url, impatient)
/** When all that waited on either side has arrived. */
async function measure(): Promise<void> {
  await socket.request('echo', undefined, { timeout: Infinity })
  tell({ memory: usedMemory() })
}
const finished = new Promise<void>((resolve) => {
  process.on('message', (order: Order) => {
    if ('memory' in order) void measure()
    if ('finish' in order) resolve()
  })
})
process.on('disconnect', () => process.exit())
tell({ outcome: await converse(socket, pace, () => finished) })
