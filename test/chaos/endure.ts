/** A conversation of 200 messages a second each way, of all kinds and sizes, through faults; and how soon it goes on after each. */
import type { HoldfastError, InDoubt, Socket } from 'holdfast'
import { type Chatter, type Outcome, converse, describeOutcome } from './chatter.ts'
import { type Fault, type Network, deal, deploy, sleep } from './faults.ts'

export const pace = { rate: 200, sizes: 'mixed' } as const

export interface Stage {
  readonly socket: Socket<Chatter>
  readonly network: Network
  /** The page hears that its network is another one. */
  changed(): void
  /** It hears so whenever all is well again. */
  readonly hears?: boolean
}

/** All is well again, and something is said: how long until it is answered, in milliseconds. */
interface Recovery {
  readonly took: number
  /** How long this process was kept waiting meanwhile: a busy machine, not a slow socket. */
  readonly late: number
  /** Of `took`, until the connection was open on which it was answered; 0 if that had been open all the while. */
  readonly opened: number
}

export interface Endured extends Outcome {
  readonly recoveries: readonly Recovery[]
  /** Messages that the client was told to be in doubt. */
  readonly inDoubt: readonly InDoubt[]
  readonly errors: readonly HoldfastError[]
  /** What carried the session, each change of it. */
  readonly carriers: readonly string[]
}

/** One fault after the other. */
export const endure = (stage: Stage, faults: readonly Fault[]): Promise<Endured> =>
  play(stage, async (recovered) => {
    for (const fault of faults) {
      await fault(stage.network, stage.changed)
      await recovered()
      await sleep(300)
    }
  })

/** Three at a time, out of all there are, and a deployment now and then, for so long. */
export const endureEverything = (stage: Stage, duration: number): Promise<Endured> =>
  play(stage, async (recovered) => {
    const end = performance.now() + duration
    while (performance.now() < end) {
      for (const faults of deal(3)) {
        await Promise.all(faults.map((fault) => fault(stage.network, stage.changed)))
        await recovered()
        if (performance.now() > end) return
      }
      await deploy(stage.network, stage.changed)
      await recovered()
    }
  })

async function play(
  { socket, changed, hears = false }: Stage,
  scene: (recovered: () => Promise<void>) => Promise<void>,
): Promise<Endured> {
  const recoveries: Recovery[] = []
  const inDoubt: InDoubt[] = []
  const errors: HoldfastError[] = []
  const carriers: string[] = []
  socket.onLost((lost) => inDoubt.push(...lost.inDoubt))
  socket.onError((error) => errors.push(error))
  let openedAt = 0
  let wasOpen = false
  socket.status.subscribe(({ state, transport }) => {
    if (transport !== null && transport !== carriers.at(-1)) carriers.push(transport)
    const isOpen = state === 'open'
    if (isOpen && !wasOpen) openedAt = performance.now()
    wasOpen = isOpen
  })
  const recovered = async (): Promise<void> => {
    const since = performance.now()
    const lateness = watchTimers()
    if (hears) changed()
    await socket.request('echo', undefined, { idempotent: true, timeout: Infinity })
    const opened = Math.max(0, openedAt - since)
    recoveries.push({ took: performance.now() - since, opened, late: lateness() })
  }
  const outcome = await converse(socket, pace, () => scene(recovered))
  return { ...outcome, recoveries, inDoubt, errors, carriers }
}

/** How late timers are, in all, until it is asked. What the usual timer is late does not count. */
function watchTimers(): () => number {
  let late = 0
  let due = performance.now() + TICK
  const timer = setInterval(() => {
    late += Math.max(0, performance.now() - due - TICK)
    due = performance.now() + TICK
  }, TICK)
  return () => {
    clearInterval(timer)
    return late
  }
}
const TICK = 20

/** The middle one, and the worst. */
const spread = (values: readonly Recovery[]): string => {
  const sorted = values.map(({ took }) => took).toSorted((one, other) => one - other)
  const late = Math.max(...values.map((value) => value.late))
  return `p50 ${sorted[Math.floor(sorted.length / 2)]?.toFixed()} ms, at most ${sorted.at(-1)?.toFixed()} ms (timers ${late.toFixed()} ms late)`
}

/** For people. */
export const describeEndured = (endured: Endured): string =>
  `${describeOutcome(endured)}; flows again after ${spread(endured.recoveries)} of ${endured.recoveries.length}; ${
    endured.inDoubt.length
  } in doubt; ${endured.carriers.join(' ')}`
