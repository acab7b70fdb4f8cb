/** Holdfast's hooks for Svelte 5: stores, and for runes what they hold now. */
import { getContext, setContext } from 'svelte'
import type { Socket } from '../connect.ts'
import type { Contract, Untyped } from '../contract.ts'
import { requestCell, streamCell } from '../hooks/ask.ts'
import { given } from '../hooks/given.ts'
import { type LatestOptions, latestCell } from '../hooks/latest.ts'
import type { LiveCell } from '../hooks/live.ts'
import type { Source } from '../hooks/source.ts'
import { statusCell } from '../hooks/status.ts'
import type { ContractOf, HookSocket } from '../hooks/types.ts'
import { live, liveCell, reader, whileMounted } from './live.ts'
import type { AskOptions, Hooks, Live, ReadOptions } from './types.ts'

export type { Answered, Read } from '../hooks/ask.ts'
export type { LatestOptions } from '../hooks/latest.ts'
export type { AskOptions, Given, Hooks, Live, ReadOptions } from './types.ts'

const nothing = (): void => {}

/**
 * Hooks for one contract: `createHooks(live)` for a socket, best a shared one (`share`), which components use without more ado;
 * `createHooks<Chat>()` for whatever socket `setSocket` gives.
 */
export function createHooks<C extends Contract = Untyped>(socket?: Socket<C>): Hooks<C, Socket<C>>
export function createHooks<S extends HookSocket>(socket: S): Hooks<ContractOf<S>, S>
export function createHooks(fallback?: object): object {
  const key = {}
  const useGiven = (): (() => Source) => {
    const socket = getContext<(() => unknown) | undefined>(key) ?? (() => fallback)
    return () => given(socket())
  }
  const useAsked = <T>(
    make: (socket: Source, name: string, input: unknown, options: object) => LiveCell<T>,
    name: string,
    data: unknown,
    options: AskOptions & ReadOptions = {},
  ): Live<T> => {
    const [inputOf, enabledOf] = [reader(data), reader(options.enabled)]
    const ask = () => ({ input: inputOf(), enabled: enabledOf() })
    return liveCell(useGiven(), ask, (socket, { input, enabled }) => make(socket, name, input, { ...options, enabled }))
  }
  return {
    setSocket: (socket: unknown) => void setContext(key, reader(socket)),
    useSocket() {
      const socket = useGiven()
      return live(socket(), socket, (now, tell) => {
        tell(now)
        return now.status.subscribe(nothing)
      })
    },
    useStatus(select?: (status: unknown) => unknown) {
      const status = liveCell(useGiven(), nothing, (socket) => statusCell(socket, (whole) => whole))
      if (!select) return status
      const read = (): unknown => select(status.current)
      return live(read(), read, (selected, tell) => tell(selected))
    },
    useEvent: (name: string, listener: (data: unknown) => void) =>
      whileMounted(useGiven(), (socket) => socket.on(name, listener)),
    useLatest: (name: string, options?: LatestOptions<never>) =>
      liveCell(useGiven(), nothing, (socket) => latestCell(socket, name, options)),
    useRequest: (name: string, input?: unknown, options?: AskOptions) => useAsked(requestCell, name, input, options),
    useStream: (name: string, input?: unknown, options?: ReadOptions) => useAsked(streamCell, name, input, options),
  } satisfies Record<keyof Hooks<Untyped, never>, unknown>
}
