/** Holdfast's hooks for Svelte 5: stores, and for runes what they hold now. */
import { getContext, setContext } from 'svelte'
import { type AskOptions, type ReadOptions, requestCell, streamCell } from '../hooks/ask.ts'
import { given } from '../hooks/given.ts'
import { type LatestOptions, latestCell } from '../hooks/latest.ts'
import type { LiveCell } from '../hooks/live.ts'
import type { Source } from '../hooks/source.ts'
import { statusCell } from '../hooks/status.ts'
import type { CreateHooks, HookName } from '../hooks/types.ts'
import { live, liveCell, reader, whileMounted } from './live.ts'
import type { Live, Svelte } from './types.ts'

export type * from '../hooks/public.ts'
export type * from './types.ts'

const nothing = (): void => {}

/**
 * Hooks for one contract: `createHooks(live)` for a socket, best a shared one (`share`), which components use without more ado;
 * `createHooks<Chat>()` for whatever socket `setSocket` gives.
 */
export const createHooks: CreateHooks<Svelte> = (fallback?: object) => {
  const key = {}
  const useGiven = (): (() => Source) => {
    const socket = getContext<(() => unknown) | undefined>(key) ?? (() => fallback)
    return () => given(socket())
  }
  const useAsked = <T>(
    make: (socket: Source, name: string, input: unknown, options: object) => LiveCell<T>,
    name: string,
    data: unknown,
    options: Omit<AskOptions & ReadOptions, 'enabled'> & { readonly enabled?: unknown } = {},
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
      const status = liveCell(useGiven(), nothing, statusCell)
      if (!select) return status
      const read = (): unknown => select(status.current)
      return live(read(), read, (selected, tell) => tell(selected))
    },
    useEvent: (name: string, listener: (data: unknown) => void) =>
      whileMounted(useGiven(), (socket) => socket.on(name, listener)),
    useLatest: (name: string, options?: LatestOptions<never>) =>
      liveCell(useGiven(), nothing, (socket) => latestCell(socket, name, options)),
    useRequest: (name: string, input?: unknown, options?: object) => useAsked(requestCell, name, input, options),
    useStream: (name: string, input?: unknown, options?: object) => useAsked(streamCell, name, input, options),
  } satisfies Record<HookName | 'setSocket', unknown> as never
}
