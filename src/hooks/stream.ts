import { HoldfastError } from '../kernel/errors.ts'
import { createFeed } from './feed.ts'
import { type LiveCell, createLive } from './live.ts'
import { type Source, mounted } from './source.ts'

/** How a stream is read. */
export interface ReadOptions {
  /** How many items are kept: `data` is an array of them, oldest first. Default: the last one only, or `undefined` before there is one. */
  readonly history?: number | undefined
  /** False asks nothing. Default: true. */
  readonly enabled?: boolean | undefined
}

/** What came of a stream. */
export interface Read<T> {
  /** The last item, or the last ones. Those of a former session stay until the first of the new one. */
  readonly data: T
  /** Why it ended; `undefined` while it goes on, or if it was complete. See the errors of `stream`. */
  readonly error: unknown
  /** True while the first item is waited for. */
  readonly pending: boolean
  /** True once the server has said that there is no more. */
  readonly done: boolean
  /** Begins anew. */
  restart(): void
}

const isLost = (error: unknown): boolean => error instanceof HoldfastError && error.code === 'session-lost'

/** Reads while somebody watches, and begins anew in a new session. */
export const streamCell = (
  socket: Source,
  name: string,
  input: unknown,
  { history, enabled = true }: ReadOptions = {},
): LiveCell<Read<unknown>> => {
  const feed = createFeed(history)
  let changed: (() => void) | undefined
  let reading = new AbortController()
  const set = (change: Partial<Read<unknown>>): void => {
    state = { ...state, ...change }
    changed?.()
  }
  const readAll = async (signal: AbortSignal): Promise<void> => {
    let isFirst = true
    for await (const item of socket.stream(name, input, { signal })) {
      if (isFirst) {
        feed.clear()
        set({ pending: false })
      }
      isFirst = false
      feed.push(item)
      changed?.()
    }
    set({ done: true, pending: false })
  }
  const run = async (): Promise<void> => {
    reading.abort()
    const { signal } = (reading = new AbortController())
    if (!changed) return
    set({ error: undefined, pending: true, done: false })
    await mounted
    if (signal.aborted) return
    try {
      await readAll(signal)
    } catch (error) {
      if (signal.aborted) return
      if (isLost(error)) restart()
      else set({ error, pending: false })
    }
  }
  const restart = (): void => void run()
  let state: Read<unknown> = { data: feed.read(), error: undefined, pending: enabled, done: false, restart }
  const read = (): Read<unknown> => {
    const data = feed.read()
    if (data !== state.data) state = { ...state, data }
    return state
  }
  return createLive(state, read, (tell) => {
    changed = tell
    if (enabled) restart()
    return () => {
      changed = undefined
      reading.abort()
    }
  })
}
