import { type Cell, createCell } from '../kernel/cell.ts'
import { createEmitter } from '../kernel/emitter.ts'
import {
  type Connection,
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionWorld,
  idleConnection,
  step,
} from '../kernel/machine.ts'
import type { Clock } from '../platform/clock.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import type { Random } from '../platform/random.ts'
import { createAlarm } from './alarm.ts'

/** What runs on a connection. */
export interface ConnectionHost<Status extends object> {
  /** What the machine wants done. */
  readonly perform: Readonly<Record<ConnectionEffect, () => void>>
  /** The epoch is over: nothing that belongs to it may be heard any more. */
  drop(): void
  /** Hears of each change. */
  changed?(): void
  /** When the host must look at its own deadlines next, in the clock's time. */
  deadline(): number
  /** It may be time. */
  due(): void
  snapshot(state: Connection): Status
  /** Counts and reports what a listener of the status threw. */
  thrown(error: unknown, where: string): void
}

/** The machine's state, with its timer and its status. */
export interface ConnectionRuntime<Status> {
  readonly state: Connection
  readonly status: Cell<Status>
  apply(input: ConnectionInput): void
  /** Something that the status shows, or a deadline, may have changed. */
  changed(): void
}

/** True if two snapshots say the same. */
const isSame = <Status extends object>(a: Status, b: Status): boolean =>
  (Object.keys(a) as (keyof Status)[]).every((key) => a[key] === b[key])

/** The only interpreter of the machine. */
export const createConnection = <Status extends object>(
  settings: Pick<ConnectionWorld, 'backoff' | 'connectTimeout'>,
  {
    clock,
    random,
    lifecycle,
  }: { readonly clock: Clock; readonly random: Pick<Random, 'float'>; readonly lifecycle: Lifecycle },
  host: ConnectionHost<Status>,
): ConnectionRuntime<Status> => {
  let state = idleConnection
  let touched = false

  const apply = (input: ConnectionInput): void => {
    const world = { ...settings, now: clock.now(), chance: random.float(), online: lifecycle.online() }
    const [next, effect] = step(state, input, world)
    const isOver = next.epoch !== state.epoch
    state = next
    if (isOver) host.drop()
    if (effect) host.perform[effect]()
    changed()
    refresh()
  }
  const alarm = createAlarm(clock, () => {
    apply({ type: 'due' })
    host.due()
    changed()
  })
  const cell = createCell(
    host.snapshot(state),
    createEmitter((error) => host.thrown(error, 'A status listener')),
  )
  const refresh = (): void => {
    touched = false
    const next = host.snapshot(state)
    if (!isSame(cell.get(), next)) cell.set(next)
  }
  /** Counters move with every message, so their watchers are told once a task; the timer follows at once. */
  const changed = (): void => {
    host.changed?.()
    alarm.set(state.state === 'closed' ? Infinity : Math.min(state.deadline, host.deadline()))
    if (touched || !cell.isWatched()) return
    touched = true
    clock.soon(refresh)
  }

  return {
    get state() {
      return state
    },
    status: { get: () => (refresh(), cell.get()), subscribe: (listener) => (refresh(), cell.subscribe(listener)) },
    apply,
    changed,
  }
}
