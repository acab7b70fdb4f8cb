import { createFeed } from './feed.ts'
import { type LiveCell, createLive } from './live.ts'
import type { Source } from './source.ts'

/** Which events are kept. */
export interface LatestOptions<T> {
  /** How many are kept: the value is an array of them, oldest first. Default: the last one only, or `undefined` before there is one. */
  readonly history?: number | undefined
  /** Only those of which this is true. */
  readonly filter?: ((data: T) => boolean) | undefined
}

/** The data of the last event, or events, of this name, since somebody watches. */
export const latestCell = (
  socket: Source,
  name: string,
  { history, filter }: LatestOptions<never> = {},
): LiveCell<unknown> => {
  const { push, read } = createFeed(history)
  return createLive(read(), read, (changed) =>
    socket.on(name, (data) => {
      if (filter && !filter(data as never)) return
      push(data)
      changed()
    }),
  )
}
