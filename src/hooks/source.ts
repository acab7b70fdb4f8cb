import type { Cell } from '../kernel/cell.ts'
import type { Status } from '../session/status.ts'

/** What cells need of a socket: those of `holdfast` and of `holdfast/wire` have it. */
export interface Source {
  readonly status: Cell<Pick<Status, 'state'> & Partial<Status>>
  on(name: string, listener: (data: unknown) => void): () => void
  request(name: string, input: unknown, options: object): Promise<unknown>
  stream(name: string, input: unknown, options: object): AsyncIterable<unknown>
}

/**
 * Calls `again` whenever the socket opens in another session than before: what the server said meanwhile, nobody heard. A server that
 * knows nothing of sessions begins one with each connection.
 */
export const watchSession = ({ status }: Source, again: () => void): (() => void) => {
  let isOpen = status.get().state === 'open'
  return status.subscribe(({ state, resumed }) => {
    const wasOpen = isOpen
    isOpen = state === 'open'
    if (isOpen && !wasOpen && !resumed) again()
  })
}

/** StrictMode mounts, unmounts and mounts in one task: what waits for this is asked once. */
export const mounted: Promise<void> = Promise.resolve()

/** Two inputs with the same key are the same question. A `bigint`, which some codecs carry, has no JSON. */
export const keyOf = (input: unknown): string | undefined =>
  JSON.stringify(input, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
