/** Holdfast's hooks for React 18 and later, and by its alias for Preact. */
import {
  createContext,
  createElement,
  useContext,
  useEffect,
  useInsertionEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react'
import { type AskOptions, type ReadOptions, requestCell, streamCell } from '../hooks/ask.ts'
import { given } from '../hooks/given.ts'
import { type LatestOptions, latestCell } from '../hooks/latest.ts'
import type { LiveCell } from '../hooks/live.ts'
import { type Source, keyOf } from '../hooks/source.ts'
import { statusCell } from '../hooks/status.ts'
import type { CreateHooks, HookName } from '../hooks/types.ts'
import { remember } from './remember.ts'
import type { React } from './types.ts'

export type * from '../hooks/public.ts'
export type * from './types.ts'

/** What the last render was given: changed before any effect runs, and gone with the component, whose other effects end only after the next paint. */
const useLatestOf = <T>(value: T): { readonly current: T | undefined } => {
  const latest = useRef<T | undefined>(value)
  useInsertionEffect(() => {
    latest.current = value
    return () => (latest.current = undefined)
  })
  return latest
}

const useCell = <T>({ subscribe, get, initial }: LiveCell<T>): T => useSyncExternalStore(subscribe, get, () => initial)

/**
 * Hooks for one contract: `createHooks(live)` for a socket, best a shared one (`share`), which components use without more ado;
 * `createHooks<Chat>()` for whatever socket a `SocketProvider` gives.
 */
export const createHooks: CreateHooks<React> = (fallback?: object) => {
  const Context = createContext(fallback)
  const useGiven = (): Source => given(useContext(Context))
  const useAsked =
    (cell: typeof requestCell | typeof streamCell) =>
    (name: string, input?: unknown, options: AskOptions & ReadOptions = {}) => {
      const socket = useGiven()
      const key = keyOf([input, options.history, options.enabled])
      return useCell<unknown>(useMemo(() => cell(socket, name, input, options), [socket, name, key]))
    }
  return {
    SocketProvider: ({ socket, children }: { socket: object; children?: never }) =>
      createElement(Context.Provider, { value: socket }, children),
    useSocket() {
      const socket = useGiven()
      useEffect(() => socket.status.subscribe(() => {}), [socket])
      return socket
    },
    useStatus(select: (status: unknown) => unknown = (status) => status) {
      const socket = useGiven()
      const cell = useMemo(() => statusCell(socket), [socket])
      const choose = useMemo(() => remember(select), [select])
      return useCell({ ...cell, get: () => choose(cell.get()), initial: choose(cell.initial) })
    },
    useEvent(name: string, listener: (data: unknown) => void) {
      const socket = useGiven()
      const latest = useLatestOf(listener)
      useEffect(() => socket.on(name, (data) => latest.current?.(data)), [socket, name])
    },
    useLatest(name: string, { history, filter }: LatestOptions<never> = {}) {
      const socket = useGiven()
      const latest = useLatestOf(filter)
      const accepts = (data: never): boolean => !latest.current || latest.current(data)
      return useCell(useMemo(() => latestCell(socket, name, { history, filter: accepts }), [socket, name, history]))
    },
    useRequest: useAsked(requestCell),
    useStream: useAsked(streamCell),
  } satisfies Record<HookName | 'SocketProvider', unknown> as never
}
