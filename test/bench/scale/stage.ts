/** What is done with each server, and what of it is measured. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Kind,
  type LoadQuestion,
  type ServerQuestion,
  type Talked,
  type Usage,
  type Way,
  now,
} from './contract.ts'

/** In this order: everything after the first needs its clients, or others. */
export const partNames = ['connect', 'talk', 'broadcast', 'burst', 'reconnect', 'polling'] as const
export type Part = (typeof partNames)[number]

interface Fanned {
  /** Milliseconds until the last client has it, or them: the median. */
  readonly last: number
  /** Messages a second that arrive. */
  readonly rate: number
  /** Microseconds of the server's for each. */
  readonly cpu: number
}

export interface Measured {
  /** Bytes for each idle connection, and microseconds to make it. */
  connect?: { readonly heap: number; readonly rss: number; readonly cpu: number }
  talk?: Talked & { readonly cpu: number }
  broadcast?: Fanned
  burst?: Fanned
  /** Milliseconds until the last is back, and microseconds for each. */
  reconnect?: { readonly last: number; readonly cpu: number }
  polling?: Talked & { readonly heap: number; readonly rss: number; readonly cpu: number }
}

interface Wishes {
  readonly parts: readonly Part[]
  readonly clients: number
  readonly polling: number
  readonly profile: Part | undefined
}

/** Messages of a burst, which are sent in one task. */
export const BURST = 10
const ROUNDS = 10
const TALK_SECONDS = 6
/** Connections that are being made at a time. */
const ABREAST = 200
/** Milliseconds after which nothing is owed any more: acknowledgements, and sessions that come to rest. */
const CALM = 3_000

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const ask = async <T>(child: ChildProcess, question: ServerQuestion | LoadQuestion): Promise<T> => {
  const answer = once(child, 'message')
  child.send(question)
  return ((await answer) as [T])[0]
}

/** One server and its clients, each in a process of its own. */
class Stage implements AsyncDisposable {
  readonly #server: ChildProcess
  #load!: ChildProcess
  readonly #profile: Part | undefined

  private constructor(kind: Kind, profile: Part | undefined) {
    this.#server = fork(join(import.meta.dirname, 'server.ts'), [kind])
    this.#profile = profile
  }

  static async open(kind: Kind, profile: Part | undefined): Promise<Stage> {
    const stage = new Stage(kind, profile)
    const [port] = (await once(stage.#server, 'message')) as [number]
    stage.#load = fork(join(import.meta.dirname, 'load.ts'), [kind, String(port)])
    return stage
  }

  usage(usage: 'cpu' | 'memory'): Promise<Usage> {
    return ask(this.#server, { usage })
  }

  /** Does something, and tells the server's microseconds for it. */
  async cost<T>(part: Part, run: () => Promise<T>): Promise<{ readonly result: T; readonly cpu: number }> {
    const isProfiled = part === this.#profile
    if (isProfiled) await ask(this.#server, { profile: 'start' })
    const { cpu: before } = await this.usage('cpu')
    const result = await run()
    const { cpu: after } = await this.usage('cpu')
    if (isProfiled) console.log(await ask(this.#server, { profile: 'stop' }))
    return { result, cpu: after - before }
  }

  /** They connect, and are then idle. */
  async connect(
    clients: number,
    way: Way,
    part: Part,
  ): Promise<{ readonly heap: number; readonly rss: number; readonly cpu: number }> {
    const before = await this.usage('memory')
    const { cpu } = await this.cost(part, () => ask(this.#load, { connect: clients, way, abreast: ABREAST }))
    await sleep(CALM)
    const after = await this.usage('memory')
    return { heap: (after.heap - before.heap) / clients, rss: (after.rss - before.rss) / clients, cpu: cpu / clients }
  }

  /** Half of them talk, once a second, and get an echo. */
  async talk(clients: number, part: Part): Promise<Talked & { readonly cpu: number }> {
    const { result, cpu } = await this.cost(part, () =>
      ask<Talked>(this.#load, { talk: clients >> 1, seconds: TALK_SECONDS }),
    )
    await sleep(CALM)
    return { ...result, cpu: cpu / result.messages }
  }

  /** All get so many messages that were sent in one task, and then again. */
  async broadcast(clients: number, messages: number, part: Part): Promise<Fanned> {
    const times: number[] = []
    const { cpu } = await this.cost(part, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const done = ask<number>(this.#load, { expect: clients * messages })
        const began = now()
        await ask(this.#server, { broadcast: messages })
        times.push((await done) - began)
      }
    })
    await sleep(CALM)
    const last = median(times)
    return { last, rate: (clients * messages * 1_000) / last, cpu: cpu / (clients * messages * ROUNDS) }
  }

  /** All are thrown out, and come back. */
  async reconnect(clients: number, part: Part): Promise<{ readonly last: number; readonly cpu: number }> {
    const { result, cpu } = await this.cost(part, async () => {
      const back = ask<number>(this.#load, { recover: true })
      await ask(this.#server, { drop: true })
      return back
    })
    return { last: result, cpu: cpu / clients }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#load.disconnect()
    this.#server.disconnect()
    return Promise.resolve()
  }
}

export async function measure(kind: Kind, { parts, clients, polling, profile }: Wishes): Promise<Measured> {
  const measured: Measured = {}
  {
    await using stage = await Stage.open(kind, profile)
    measured.connect = await stage.connect(clients, 'websocket', 'connect')
    if (parts.includes('talk')) measured.talk = await stage.talk(clients, 'talk')
    if (parts.includes('broadcast')) measured.broadcast = await stage.broadcast(clients, 1, 'broadcast')
    if (parts.includes('burst')) measured.burst = await stage.broadcast(clients, BURST, 'burst')
    if (parts.includes('reconnect')) measured.reconnect = await stage.reconnect(clients, 'reconnect')
  }
  if (kind === 'holdfast' && parts.includes('polling')) {
    await using stage = await Stage.open(kind, profile)
    const connected = await stage.connect(polling, 'polling', 'connect')
    measured.polling = { ...connected, ...(await stage.talk(polling, 'polling')) }
  }
  return measured
}
