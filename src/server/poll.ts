import type { Clock } from '../platform/clock.ts'
import type { Answer } from './exchange.ts'
import type { ReplayBuffer } from './replay-buffer.ts'

/** Milliseconds that an answer waits at most, whatever the client wishes: longer than most proxies let it. */
const MAX_POLL = 60_000
/** About how many characters an answer holds: the client confirms them before it gets more. */
const ANSWER_SIZE = 1_048_576

/** An answer that waits for something to say. */
export interface Poll {
  readonly answer: Answer
  /** Says what there is to say, and if there is nothing, the epitaph of a closed carrier. True if the answer has ended. */
  tell(epitaph: string | undefined): boolean
  /** Ends the answer, with no lines or no more of them. */
  dismiss(): void
  /** The answer has ended, or nobody is there to read it. */
  release(): void
}

/** What a poll is made of. */
export interface PollOptions {
  readonly clock: Clock
  readonly buffer: ReplayBuffer
  readonly answer: Answer
  /** Milliseconds that the client wants it to wait. */
  readonly wait: number
  /** The answer begins now and goes on with each line that comes. */
  readonly stream: boolean
  /** The first line of an answer. */
  head(): string
  /** The time is over: it is to be told what there is. */
  due(): void
}

/** One that waits from now on. */
export const createPoll = ({ clock, buffer, answer, wait, stream, head, due }: PollOptions): Poll => {
  let isDue = false
  let written = 0
  const release = clock.after(Math.min(wait, MAX_POLL), () => {
    isDue = true
    due()
  })
  const end = (status: number, body: string): true => {
    release()
    if (stream) answer.end()
    else answer.send(status, body)
    return true
  }
  const goOn = (isClosed: boolean): boolean => {
    while (buffer.untold > 0 && written < ANSWER_SIZE) {
      const text = buffer.tell(ANSWER_SIZE - written)
      written += text.length
      answer.write(text)
    }
    return (isDue || isClosed || written >= ANSWER_SIZE) && end(200, '')
  }
  if (stream) answer.write(head())
  return {
    answer,
    tell(epitaph) {
      if (stream) return goOn(epitaph !== undefined)
      if (buffer.untold > 0) return end(200, head() + buffer.tell(ANSWER_SIZE))
      if (epitaph !== undefined) return end(410, epitaph)
      return isDue && end(200, head())
    },
    dismiss: () => void end(200, head()),
    release,
  }
}
