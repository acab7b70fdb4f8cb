import type { RequestOptions } from '../features/requests.ts'
import { type LiveCell, createLive } from './live.ts'
import { type Source, mounted, watchSession } from './source.ts'

/** How it is asked. */
export interface AskOptions extends Pick<RequestOptions, 'timeout' | 'idempotent'> {
  /** False asks nothing before `refetch`. Default: true. */
  readonly enabled?: boolean | undefined
}

/** What became of a question. */
export interface Answered<T> {
  /** The last answer to this question; `undefined` before there is one. */
  readonly data: T | undefined
  /** Why the last time gave none; `undefined` if it did. See the errors of `request`. */
  readonly error: unknown
  /** True while an answer is waited for. */
  readonly pending: boolean
  /** Asks again, and withdraws the question before. Resolves, always, when that is settled. */
  refetch(): Promise<void>
}

/** Asks while somebody watches, and again in each new session, which may know of more. An idempotent question, unless told otherwise. */
export const requestCell = (
  socket: Source,
  name: string,
  input: unknown,
  { enabled = true, ...options }: AskOptions = {},
): LiveCell<Answered<unknown>> => {
  let changed: (() => void) | undefined
  let asking = new AbortController()
  let isAsked = enabled
  const set = (change: Partial<Answered<unknown>>): void => {
    state = { ...state, ...change }
    changed?.()
  }
  const refetch = async (): Promise<void> => {
    asking.abort()
    const { signal } = (asking = new AbortController())
    if (!changed) return
    isAsked = true
    set({ pending: true })
    await mounted
    if (signal.aborted) return
    try {
      const data = await socket.request(name, input, { idempotent: true, ...options, signal })
      if (!signal.aborted) set({ data, error: undefined, pending: false })
    } catch (error) {
      if (!signal.aborted) set({ error, pending: false })
    }
  }
  let state: Answered<unknown> = { data: undefined, error: undefined, pending: enabled, refetch }
  return createLive(
    state,
    () => state,
    (tell) => {
      changed = tell
      const unwatch = watchSession(socket, () => {
        if (isAsked && !state.pending) void refetch()
      })
      if (isAsked) void refetch()
      return () => {
        changed = undefined
        unwatch()
        asking.abort()
      }
    },
  )
}
