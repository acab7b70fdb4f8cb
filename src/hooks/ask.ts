import { HoldfastError } from '../kernel/errors.ts'
import { createFeed } from './feed.ts'
import { type LiveCell, createLive } from './live.ts'
import { type Source, mounted, watchSession } from './source.ts'

/** How a request is asked. */
export interface AskOptions {
  /** False asks nothing before `refetch`. Default: true. */
  readonly enabled?: boolean | undefined
  /** Milliseconds, as for `request`. */
  readonly timeout?: number | undefined
}

/** How a stream is read. */
export interface ReadOptions extends Pick<AskOptions, 'enabled'> {
  /** How many items are kept: `data` is an array of them, oldest first. Default: the last one only, or `undefined` before there is one. */
  readonly history?: number | undefined
}

/** What became of a question. */
export interface Answered<T> {
  /** The last answer to this question, that of a former session until there is one of this session; `undefined` before the first. */
  readonly data: T
  /** Why there was none the last time; `undefined` if there was. See the errors of `request` and `stream`. */
  readonly error: unknown
  /** True while an answer, or a first item, is waited for. */
  readonly pending: boolean
  /** Asks again, and withdraws the question before. Resolves, always, when that one is through. */
  refetch(): Promise<void>
}

/** What came of a stream. */
export interface Read<T> extends Answered<T> {
  /** True once the server has said that there is no more. */
  readonly done: boolean
}

/** Whether the server was asked, or not, in a session that is gone: to ask twice does no harm. */
const isLost = (error: unknown): boolean =>
  error instanceof HoldfastError && (error.code === 'session-lost' || error.code === 'in-doubt')

/** Asks while somebody watches, and anew in each new session: the server may have more to say by then. */
const askCell = (
  socket: Source,
  { history, enabled = true }: ReadOptions,
  open: (signal: AbortSignal) => AsyncIterable<unknown>,
): LiveCell<Read<unknown>> => {
  const feed = createFeed(history)
  let changed: (() => void) | undefined
  let asking = new AbortController()
  let isAsking = false
  let isWanted = enabled
  const set = (change: Partial<Read<unknown>>): void => {
    state = { ...state, ...change }
    changed?.()
  }
  const take = async (signal: AbortSignal): Promise<void> => {
    let isFirst = true
    /** The first item takes the place of what there was, and so does it if there is none. */
    const replace = (): void => {
      // It came as something else was asked already.
      signal.throwIfAborted()
      if (!isFirst) return
      isFirst = false
      feed.clear()
      set({ pending: false, error: undefined })
    }
    for await (const item of open(signal)) {
      replace()
      feed.push(item)
      changed?.()
    }
    replace()
    set({ done: true })
  }
  const refetch = async (): Promise<void> => {
    asking.abort()
    const { signal } = (asking = new AbortController())
    if (!changed) return
    isAsking = isWanted = true
    // A question that has not been asked yet is shown as pending already.
    if (!state.pending || state.done) set({ pending: true, done: false })
    await mounted
    if (signal.aborted) return
    try {
      await take(signal)
    } catch (error) {
      if (signal.aborted) return
      if (isLost(error)) return refetch()
      set({ error, pending: false })
    }
    isAsking = false
  }
  let state: Read<unknown> = { data: feed.read(), error: undefined, pending: enabled, done: false, refetch }
  const read = (): Read<unknown> => {
    const data = feed.read()
    if (data !== state.data) state = { ...state, data }
    return state
  }
  return createLive(state, read, (tell) => {
    changed = tell
    const unwatch = watchSession(socket, () => {
      if (isWanted && !isAsking) void refetch()
    })
    if (isWanted) void refetch()
    return () => {
      changed = undefined
      unwatch()
      asking.abort()
    }
  })
}

/** One answer. It is only shown, so asking twice does no harm. */
export const requestCell = (
  socket: Source,
  name: string,
  input: unknown,
  { enabled, ...options }: AskOptions = {},
): LiveCell<Answered<unknown>> =>
  askCell(socket, { enabled }, async function* (signal) {
    yield socket.request(name, input, { ...options, signal, idempotent: true })
  })

/** The items of a stream. */
export const streamCell = (
  socket: Source,
  name: string,
  input: unknown,
  options: ReadOptions = {},
): LiveCell<Read<unknown>> => askCell(socket, options, (signal) => socket.stream(name, input, { signal }))
