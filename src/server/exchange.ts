import type { ConnectionRequest } from './options.ts'

/** The answer to one POST, as the HTTP carrier gives it. */
export interface Answer {
  /** Answers in one go. Nothing may follow. */
  send(status: number, body: string): void
  /** Begins an answer of status 200 that goes on; what is written leaves at once. */
  write(text: string): void
  /** Ends what `write` began. */
  end(): void
}

/**
 * Takes one POST that speaks our protocol, with its whole body. The returned function tells that the answer can reach nobody any more.
 */
export type Exchange = (request: ConnectionRequest, body: string, answer: Answer) => () => void
