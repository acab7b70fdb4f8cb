import { UNAVAILABLE, UNREACHABLE, TOO_LARGE } from '../kernel/close-codes.ts'
import { firstHold, nextHold } from '../kernel/hold.ts'
import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import { toBase64 } from '../protocol/base64.ts'
import { createAnswerReader } from './answer.ts'
import type { Post, PostEvents } from './post.ts'
import { createPushQueue } from './push-queue.ts'
import { type Carrier, PATIENCE, type Transport } from './transport.ts'

/** A push that took so much longer (ms) than the opening is too large for the line: what the server waits for stands behind it. */
const SLOW = 500
/** Tries of a push or poll that has failed, the first pause between them (ms), and what it grows by. */
const TRIES = 4
const PAUSE = 100
const PAUSE_FACTOR = 3
/** Milliseconds beyond two round trips: a stream that has not begun by then is gathered on the way, a push has no connection yet. */
const SPARE = 500
/** Characters a millisecond that a push takes on the slowest line. */
const SLOWEST_LINE = 16
/** Milliseconds that a poll hangs which does not yield to pushes. */
const BRIEF = 1_000
/** An exchange that hung at least so long (ms) was cut by something impatient; one that failed sooner never arrived. */
const HUNG = 400

/** What an HTTP carrier needs of the world. */
export interface HttpPlatform {
  readonly post: Post
  readonly clock: Clock
  readonly random: Random
}

/**
 * A carrier made of POSTs: one at a time pushes what is sent, one hangs and brings what comes. Lost answers are healed here,
 * by counting pushes up and lines down; what cannot be healed ends the carrier. docs/protocol.md#http
 */
export const createHttpTransport = ({ post, clock, random }: HttpPlatform, mayStream = true): Transport => {
  /** Answers come through as they are written; what gathered one will gather the next one, on any carrier. */
  let streams = mayStream

  return (target, { open, message, close }) => {
    const url = target.replace(/^ws/, 'http')
    const id = random.id()
    const queue = createPushQueue()
    let scheduled = false
    let isPatient = false
    /** Something in the queue is not patient, or has waited long enough. */
    let isDue = false
    let pushes = 0
    /** The push under way. */
    let pushing: { readonly number: number; readonly body: string } | undefined
    let isStreaming = false
    let isLeaving = false
    let isOpen = false
    let isOver = false
    let hold = firstHold
    /** Of the opening, and as it is by now if it has become longer. */
    let [roundTrip, usual] = [0, 0]
    /** Polls anew if the poll only hangs: the push can have its connection. */
    let makeRoom = (): void => {}
    const pending = new Set<() => void>()
    const reader = createAnswerReader((packet) => isOver || message(packet))

    const after = (delay: number, task: () => void): (() => void) => {
      const cancel = clock.after(delay, () => {
        pending.delete(cancel)
        task()
      })
      pending.add(cancel)
      return () => {
        pending.delete(cancel)
        cancel()
      }
    }
    const finish = (): void => {
      isOver = true
      for (const cancel of pending) cancel()
    }
    const end = (code: number, reason: string, retryAfter?: number): void => {
      finish()
      close(code, reason, retryAfter)
    }
    /** Ends the carrier for an answer that no repetition would better. */
    const isRefused = (status: number, body: string, retryAfter?: number): boolean => {
      if (status === 410) {
        const { code, reason } = reader.closing(body)
        end(code, reason)
      } else if (status === 413) end(TOO_LARGE, 'Too large for the server, or a proxy before it')
      else if (status !== 200 && retryAfter) end(UNAVAILABLE, `HTTP ${status}`, retryAfter)
      return isOver
    }
    const exchange = (
      envelope: object,
      lines: string,
      done: (status: number) => void,
      onHead?: () => void,
      yields = false,
    ): { abort: () => void; isWithin: () => boolean } => {
      const answer = reader.begin(onHead)
      const body = `${JSON.stringify({ carrier: id, got: reader.got, ...envelope })}\n${lines}`
      const events: PostEvents = {
        text: (part) => isOver || answer.text(part),
        done(status, text, retryAfter) {
          pending.delete(abort)
          // The page is still there.
          isLeaving = false
          // What answers for our server without being it (a captive portal, a login page) has no head.
          if (!isOver && !isRefused(status, text, retryAfter)) done(status === 200 && !answer.isOurs() ? 0 : status)
        },
      }
      const abort = post(url, body, isLeaving, events, yields ? 'low' : undefined)
      // A push that is under way when the carrier is given up may still arrive; the opening and polls are of no use then.
      if (!lines || !roundTrip) pending.add(abort)
      return { abort: () => void (pending.delete(abort) && abort()), isWithin: answer.isWithin }
    }
    /** Once more, later, if not too often. The opening is not repeated: there are other ways to open. */
    const repeat = (status: number, tries: number, task: () => void): void => {
      if (!roundTrip || tries >= TRIES) end(UNREACHABLE, status ? `HTTP ${status}` : '')
      else after(PAUSE * PAUSE_FACTOR ** (tries - 1), task)
    }

    const push = (tries = 1): void => {
      const { number, body } = pushing!
      const startedAt = clock.now()
      const opening = number === 1 && { poll: hold.wait }
      const transfer = body.length / SLOWEST_LINE
      const patience = 2 * usual + SPARE + transfer
      const stopWaiting = after(patience, () => makeRoom())
      exchange({ push: number, ...opening }, body, (status) => {
        stopWaiting()
        // Repeated on leaving: whichever is answered first.
        if (pushing?.number !== number) return
        if (status !== 200) return repeat(status, tries, () => pushing?.number === number && push(tries + 1))
        pushing = undefined
        const took = clock.now() - startedAt
        if (opening) {
          usual = roundTrip = Math.max(1, took)
          poll()
        } else if (took < patience) usual = Math.max(usual, (usual + took - transfer) / 2)
        queue.learn(body.length, took > roundTrip + SLOW)
        pump()
      })
    }
    const pump = (): void => {
      scheduled = false
      if (isOver || !isDue || queue.size === 0 || (pushing && !isLeaving)) return
      const isAhead = !!pushing
      pushing = { number: ++pushes, body: queue.take() }
      isDue = queue.size > 0
      push()
      // The server keeps one that overtook another, and no more.
      if (isAhead) isLeaving = false
    }

    /** Nothing waits for company any more. */
    const hurry = (): void => {
      isPatient = false
      isDue = queue.size > 0
      pump()
    }

    /** A poll keeps the connection that it gets, so it yields to what gives it back soon: pushes, and one that is brief. */
    const poll = (tries = 1, brief = false): void => {
      const startedAt = clock.now()
      const { got } = reader
      const stream = (streams && !brief) || undefined
      let stopWaiting = (): void => {}
      const { abort, isWithin } = exchange(
        { poll: Math.round(brief ? Math.min(BRIEF, hold.wait) : hold.wait), stream },
        '',
        (status) => {
          stopWaiting()
          makeRoom = () => {}
          const elapsed = clock.now() - startedAt
          const isAnswered = status === 200
          const isEmpty = reader.got === got
          // Nothing to say, and that is a sign of life.
          if (isAnswered && isEmpty) message('')
          if (isOver) return
          // What nobody held: asked again without a pause, it would be asked again without end.
          if (isEmpty && elapsed < (isAnswered ? Math.min(HUNG, hold.wait / 2) : HUNG))
            return repeat(status, tries, () => poll(tries + 1))
          hold = nextHold(hold, elapsed, !isAnswered)
          poll()
        },
        () => {
          stopWaiting()
          if (brief || isStreaming === !!stream) return
          isStreaming = !!stream
          message('')
        },
        !brief,
      )
      const again = (brief = false): void => {
        stopWaiting()
        abort()
        poll(1, brief)
      }
      // What comes just now would have to come again. Brief: an answer to the push is waited for.
      makeRoom = () => isWithin() || again(true)
      if (stream)
        stopWaiting = after(2 * usual + SPARE, () => {
          streams = false
          again()
        })
    }

    const carrier: Carrier = {
      get transport() {
        return isStreaming ? 'http-stream' : 'long-polling'
      },
      get bufferedAmount() {
        return queue.size + (pushing?.body.length ?? 0)
      },
      send(packet, patient) {
        if (isOver || !isOpen) return
        queue.add(typeof packet === 'string' ? packet : `=${toBase64(packet)}`)
        if (patient) {
          if (!isPatient) after(PATIENCE, hurry)
          isPatient = true
          return
        }
        isDue = true
        if (scheduled) return
        scheduled = true
        clock.soon(pump)
      },
      close() {
        if (isOver) return
        finish()
        if (!roundTrip) return
        const envelope = { carrier: id, got: reader.got, push: queue.size > 0 ? ++pushes : undefined, close: true }
        post(url, [JSON.stringify(envelope), ...queue.packets].join('\n'), true, { text: () => {}, done: () => {} })
      },
      leave() {
        isLeaving = true
        if (pushing) push()
        hurry()
      },
    }
    clock.soon(() => {
      if (isOver) return
      isOpen = true
      open()
    })
    return carrier
  }
}
