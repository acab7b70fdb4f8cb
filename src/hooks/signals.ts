import { type AskOptions, type Read, type ReadOptions, requestCell, streamCell } from './ask.ts'
import { given } from './given.ts'
import { type LatestOptions, latestCell } from './latest.ts'
import type { LiveCell } from './live.ts'
import { type Source, keyOf } from './source.ts'
import { statusCell } from './status.ts'

/** A value that is followed by whoever reads it: a ref, an accessor. */
type Signal = object

/** What there is in frameworks that run a component once and follow what it reads. */
export interface Signals {
  /** What was provided here: a socket, or a signal of one. */
  provided(): unknown
  /** The value of a signal, or whatever else it is. */
  read(from: unknown): unknown
  /** Reads unfollowed. */
  peek<T>(read: () => T): T
  /** A signal, and what sets it. */
  signal(value: unknown): readonly [Signal, (value: unknown) => void]
  /** A signal of what is computed, and computed again when what it read has changed. */
  memo(compute: () => unknown): Signal
  /**
   * Calls `begin` once the component is there, though never on a server, and again when one of the signals has changed; before that, and
   * in the end, what `begin` returned.
   */
  follow(signals: readonly Signal[], begin: () => () => void): void
}

type Name = 'useSocket' | 'useStatus' | 'useEvent' | 'useLatest' | 'useRequest' | 'useStream'
type Made = Readonly<Record<Name, (...args: never[]) => unknown>>

const itself = <T>(value: T): T => value

/** The hooks of such a framework. Data is never a function, so one that stands for an input is a signal. */
export const signalHooks = ({ provided, read, peek, signal, memo, follow }: Signals): Made => {
  const useGiven = (): { socket: Signal; now: () => Source } => {
    const from = provided()
    const socket = memo(() => given(read(from)))
    const now = (): Source => peek(() => read(socket)) as Source
    // Without any, it throws here.
    now()
    return { socket, now }
  }
  const useCell = <T>(make: (socket: Source) => LiveCell<T>, key = (): unknown => '') => {
    const { socket, now } = useGiven()
    let value = peek(() => make(now()).initial)
    const [state, set] = signal(value)
    follow([socket, memo(key)], () => make(now()).subscribe((next) => set((value = next))))
    return { state, now: () => value }
  }
  const use = (begin: (socket: Source) => () => void): Signal => {
    const { socket, now } = useGiven()
    follow([socket], () => begin(now()))
    return socket
  }
  const asking =
    (cell: typeof requestCell | typeof streamCell) =>
    (
      name: string,
      input?: unknown,
      options: Omit<AskOptions & ReadOptions, 'enabled'> & { enabled?: unknown } = {},
    ) => {
      const asked = () => ({ input: read(input), enabled: read(options.enabled) as boolean | undefined })
      const { state, now } = useCell<object>(
        (socket) => cell(socket, name, asked().input, { ...options, enabled: asked().enabled }),
        () => keyOf(asked()),
      )
      const part = (name: keyof Read<unknown>): Signal => memo(() => (read(state) as Read<unknown>)[name])
      return {
        data: part('data'),
        error: part('error'),
        pending: part('pending'),
        done: part('done'),
        refetch: () => (now() as Read<unknown>).refetch(),
      }
    }
  return {
    useSocket: () => use(({ status }) => status.subscribe(() => {})),
    useStatus(select: (status: unknown) => unknown = itself) {
      const { state } = useCell((socket) => statusCell(socket, itself))
      return memo(() => select(read(state)))
    },
    useEvent: (name: string, listener: (data: unknown) => void) => void use((socket) => socket.on(name, listener)),
    useLatest: (name: string, options?: LatestOptions<never>) =>
      useCell((socket) => latestCell(socket, name, options)).state,
    useRequest: asking(requestCell),
    useStream: asking(streamCell),
  }
}
