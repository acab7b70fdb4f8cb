import { HoldfastError } from 'holdfast'

interface FollowOptions<T> {
  readonly open: () => AsyncIterable<T>
  readonly take: (item: T) => void
  readonly signal?: AbortSignal
}

/** Reads a stream to the end of the page: what ends with a lost session is asked for again. */
export const follow = async <T>({ open, take, signal }: FollowOptions<T>): Promise<void> => {
  while (!signal?.aborted)
    try {
      for await (const item of open()) take(item)
    } catch (error) {
      if (signal?.aborted || (error instanceof HoldfastError && error.code === 'closed')) return
      if (!(error instanceof HoldfastError && ['session-lost', 'in-doubt'].includes(error.code))) throw error
    }
}
