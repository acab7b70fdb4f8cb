import { type AskOptions, type Read, type ReadOptions, requestCell, streamCell } from './ask.ts'
import { given } from './given.ts'
import { type LatestOptions, latestCell } from './latest.ts'
import type { LiveCell } from './live.ts'
import { type Source, keyOf, mounted } from './source.ts'
import { statusCell } from './status.ts'
import type { HookName } from './types.ts'

/** A value that is followed by whoever reads it: a ref, an accessor. */
type Signal = object

/** What there is in frameworks that run a component once and follow what it reads. */
export interface Signals {
  /** What was provided here: a socket, or a signal of one. */
  provided(): unknown
  /** The value of a signal, or whatever else it is. */
  read(from: unknown): unknown
  /** Reads, unfollowed where that is possible. */
  peek<T>(read: () => T): T
  /** A signal, and what sets it. */
  signal(): readonly [Signal, (value: object) => void]
  /** A signal of what is computed, and again when what it read has changed; from what it was before. */
  memo<T>(compute: (before?: T) => T): Signal
  /**
   * Calls `begin` once the component is there, though never on a server, and again when the signal has changed; before that, and in the
   * end, what `begin` returned.
   */
  follow(signal: Signal, begin: () => () => void): void
}

type Options = Omit<AskOptions & ReadOptions, 'enabled'> & { readonly enabled?: unknown }
interface Question {
  readonly asked: AskOptions & ReadOptions & { readonly input: unknown }
  readonly key: string | undefined
}

type Made = Readonly<Record<HookName, (...args: never[]) => unknown>>

const itself = <T>(value: T): T => value

/** The hooks of such a framework. Data is never a function, so one that stands for an input is a signal. */
export const signalHooks = ({ provided, read, peek, signal, memo, follow }: Signals): Made => {
  const useGiven = (): Signal => {
    const from = provided()
    const socket = memo(() => given(read(from)))
    // Where there is none, it throws at once.
    peek(() => read(socket))
    return socket
  }
  const use = (begin: (socket: Source) => () => void): Signal => {
    const socket = useGiven()
    follow(socket, () => begin(read(socket) as Source))
    return socket
  }
  /** A signal of the cell that is made, and of what it holds: as soon as it is another one, nothing of the former. */
  const useCell = <T>(make: (socket: Source) => LiveCell<T>): { readonly cell: Signal; readonly state: Signal } => {
    const socket = useGiven()
    const cell = memo(() => make(read(socket) as Source))
    const [told, tell] = signal()
    follow(cell, () => {
      const by = read(cell) as LiveCell<T>
      return by.subscribe((value) => tell({ by, value }))
    })
    const state = memo(() => {
      const now = read(cell) as LiveCell<T>
      const last = read(told) as { readonly by: unknown; readonly value: T } | undefined
      return last?.by === now ? last.value : now.initial
    })
    return { cell, state }
  }
  const asking =
    (cellOf: typeof requestCell | typeof streamCell) =>
    (name: string, data?: unknown, options: Options = {}) => {
      const question = memo<Question>((before) => {
        const asked = { ...options, input: read(data), enabled: read(options.enabled) as boolean | undefined }
        const key = keyOf(asked)
        return before?.key === key ? before! : { asked, key }
      })
      const { cell, state } = useCell<object>((socket) => {
        const { input, ...rest } = (read(question) as Question).asked
        return cellOf(socket, name, input, rest)
      })
      const part = (name: keyof Read<unknown>): Signal => memo(() => (read(state) as Read<unknown>)[name])
      return {
        data: part('data'),
        error: part('error'),
        pending: part('pending'),
        done: part('done'),
        async refetch() {
          // It may have been given something else to ask just before.
          await mounted
          return (read(cell) as LiveCell<Read<unknown>>).initial.refetch()
        },
      }
    }
  return {
    useSocket: () => use(({ status }) => status.subscribe(() => {})),
    useStatus(select: (status: unknown) => unknown = itself) {
      const { state } = useCell(statusCell)
      return memo(() => select(read(state)))
    },
    useEvent: (name: string, listener: (data: unknown) => void) => void use((socket) => socket.on(name, listener)),
    useLatest: (name: string, options?: LatestOptions<never>) =>
      useCell((socket) => latestCell(socket, name, options)).state,
    useRequest: asking(requestCell),
    useStream: asking(streamCell),
  }
}
