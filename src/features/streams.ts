import { iterate } from '../session/iterate.ts'
import type { Conversation } from '../session/ports.ts'

/** How one stream is to be opened. */
export interface StreamOptions {
  /** Ends the stream; whoever iterates gets the signal's reason thrown. */
  signal?: AbortSignal
}

/** A question with many answers. */
export type Stream = (name: string, data?: unknown, options?: StreamOptions) => AsyncIterableIterator<unknown>

export const createStream =
  ({ calls }: Conversation): Stream =>
  (name, data, options) =>
    iterate(name, (answer) => calls.ask(name, data, answer, options))
