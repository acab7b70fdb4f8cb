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
import type { Socket } from '../connect.ts'
import type { Contract, Untyped } from '../contract.ts'
import { type AskOptions, type ReadOptions, requestCell, streamCell } from '../hooks/ask.ts'
import { given } from '../hooks/given.ts'
import { type LatestOptions, latestCell } from '../hooks/latest.ts'
import type { LiveCell } from '../hooks/live.ts'
import { type Source, keyOf } from '../hooks/source.ts'
import { remember, statusCell } from '../hooks/status.ts'
import type { ContractOf, HookSocket } from '../hooks/types.ts'
import type { Hooks } from './types.ts'

export type { Answered, AskOptions, Read, ReadOptions } from '../hooks/ask.ts'
export type { LatestOptions } from '../hooks/latest.ts'
export type { Hooks } from './types.ts'

const itself = <T>(value: T): T => value

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
export function createHooks<C extends Contract = Untyped>(socket?: Socket<C>): Hooks<C, Socket<C>>
export function createHooks<S extends HookSocket>(socket: S): Hooks<ContractOf<S>, S>
export function createHooks(fallback?: object): object {
  const Context = createContext(fallback)
  const useGiven = (): Source => given(useContext(Context))
  return {
    SocketProvider: ({ socket, children }: { socket: object; children?: never }) =>
      createElement(Context.Provider, { value: socket }, children),
    useSocket() {
      const socket = useGiven()
      useEffect(() => socket.status.subscribe(() => {}), [socket])
      return socket
    },
    useStatus(select: (status: unknown) => unknown = itself) {
      const socket = useGiven()
      const cell = useMemo(() => statusCell(socket, itself), [socket])
      const choose = useMemo(() => remember(select), [select])
      return useCell({ ...cell, get: () => choose(cell.get()), initial: choose(cell.initial) })
    },
    useEvent(name: string, listener: (data: unknown) => void) {
      const socket = useGiven()
      const latest = useLatestOf(listener)
      useEffect(() => socket.on(name, (data) => latest.current?.(data)), [socket, name])
    },
    useLatest(name: string, options: LatestOptions<never> = {}) {
      const socket = useGiven()
      const { history, filter } = options
      const latest = useLatestOf(filter)
      return useCell(
        useMemo(
          () => latestCell(socket, name, { history, filter: (data) => !latest.current || latest.current(data) }),
          [socket, name, history],
        ),
      )
    },
    useRequest(name: string, input?: unknown, options: AskOptions = {}) {
      const socket = useGiven()
      return useCell(
        useMemo(() => requestCell(socket, name, input, options), [socket, name, keyOf(input), options.enabled]),
      )
    },
    useStream(name: string, input?: unknown, options: ReadOptions = {}) {
      const socket = useGiven()
      const { history, enabled } = options
      return useCell(
        useMemo(() => streamCell(socket, name, input, options), [socket, name, keyOf(input), history, enabled]),
      )
    },
  } satisfies Record<keyof Hooks<Untyped, never>, unknown>
}
