import type { Mutable } from './mutable.ts'

/** How dead connections are found. */
export interface Heartbeat {
  /** Milliseconds without hearing anything after which the other side is asked for a sign of life. */
  readonly idle: number
  /** The longest to wait for that sign, in milliseconds; with measured round trips the wait is shorter, though not under 2 s. */
  readonly timeout: number
}

/** What carriers show of the other side's life. All times in milliseconds of one clock. docs/protocol.md#liveness */
export interface Liveness {
  /** Smoothed round trip, -1 until measured. */
  readonly roundTrip: number
  /** When {@link judge} must be asked next. */
  deadline(): number
  /** A new carrier, presumed alive. */
  start(now: number): void
  /** Something arrived. */
  heard(now: number): void
  /** So many bytes are out without acknowledgement; `progress`: one has just come. */
  out(bytes: number, progress: boolean, now: number): void
  /** A ping is about to be sent. False if it need not be: one went out a moment ago, and that one's answer is waited for. */
  asked(now: number): boolean
  /** The answer came: to what was said at `since` with nothing before it, or else to the question, if one is under way. */
  answered(now: number, since?: number, isOpening?: boolean): void
  /** What is the silence worth? `ask`: send a ping. */
  judge(now: number): 'alive' | 'ask' | 'dead'
}

/** The shortest wait for an answer: below it, a garbage collection or a busy peer would look like death. */
const SHORTEST_TIMEOUT = 2_000
/** Bytes a millisecond of the slowest line that must not be taken for dead while its queue drains, and for how many timeouts at most. */
const SLOWEST_LINE = 16
const LONGEST_QUEUE = 3
/** So many bytes hardly delay what stands behind them. */
export const LIGHT = 4_096
/** A timer that fires this much late (ms) slept or was throttled, and proves nothing about the network. */
const LATE = 1_000
/** What arrived while the process slept or was busy is heard within so many ms of waking: nobody is judged before, or by that. */
const GRACE = 100
/** A hidden tab's timers are always late: after so many unanswered late questions the line is dead after all. */
const LATE_QUESTIONS = 2

export const createLiveness = ({ idle, timeout }: Heartbeat): Liveness => {
  let heardAt = 0
  /** Since when counted frames are out without any acknowledgement. */
  let waitingSince = Infinity
  let bytesOut = 0
  /** What of them stands before the answer that is waited for. */
  let queue = 0
  /** Bytes that this carrier was seen to deliver, and the time (ms) in which something was out on it. */
  let delivered = 0
  let busy = 0
  let askedAt = Infinity
  /** The question is about data that is out: other traffic from there does not answer it, because a line can be dead one way. */
  let strict = false
  let lateQuestions = 0
  /** Milliseconds added for a second look. */
  let grace = 0
  /** The round trip is that of an opening, which contains the other side's work: the first pong replaces it. */
  let provisional = true
  let variation = 0

  const calm = (): void => {
    askedAt = Infinity
    queue = 0
    strict = false
    lateQuestions = grace = 0
  }
  /** What was on its way before the question says nothing of the line as it is now: it may have died in our sleep. */
  const isSign = (at: number): boolean => at >= askedAt + GRACE
  /** How long the way there and back takes at most. */
  const usual = (): number => {
    const { roundTrip } = liveness
    return roundTrip < 0 ? timeout : Math.min(timeout, Math.max(SHORTEST_TIMEOUT, roundTrip + 4 * variation))
  }
  const patience = (): number => {
    // What is being heard stands before the answer in the same queue. A line dead only one way is found from the other end.
    if (strict && isSign(heardAt)) return timeout * (1 + LONGEST_QUEUE)
    // At half the speed that was seen so far.
    return usual() + Math.min(LONGEST_QUEUE * timeout, queue / Math.max(SLOWEST_LINE, delivered / busy / 2 || 0))
  }

  const liveness: Mutable<Liveness> = {
    // RFC 6298, which weighs a measure half as much: but it has one in each round trip, and these are seconds apart.
    roundTrip: -1,
    deadline: () =>
      askedAt < Infinity ? askedAt + patience() + grace : Math.min(heardAt + idle, waitingSince + usual()),
    start(now) {
      heardAt = now
      waitingSince = Infinity
      delivered = busy = 0
      provisional = true
      calm()
    },
    heard(now) {
      heardAt = now
      if (!strict && isSign(now)) calm()
    },
    out(bytes, progress, now) {
      if (progress) {
        // The first acknowledgement on a carrier may be of what an earlier one delivered.
        if (busy++) {
          delivered += bytesOut - bytes
          busy += now - waitingSince
        }
        if (isSign(now)) calm()
      }
      bytesOut = bytes
      if (progress || !bytes || waitingSince === Infinity) waitingSince = bytes ? now : Infinity
    },
    asked(now) {
      // Coming back is told by several events at once.
      const isNew = Math.abs(now - askedAt) > LATE
      if (isNew) {
        askedAt = now
        queue = bytesOut
        grace = 0
      }
      return isNew
    },
    answered(now, since = askedAt, isOpening = false) {
      if (since === Infinity) return
      // Behind much data, the answer tells how long that took.
      if (queue <= LIGHT) {
        const { roundTrip } = liveness
        const sample = now - since
        variation = provisional ? sample / 2 : variation + (Math.abs(sample - roundTrip) - variation) / 4
        liveness.roundTrip = provisional ? sample : roundTrip + (sample - roundTrip) / 4
        provisional = isOpening
      }
      calm()
      if (bytesOut > 0) waitingSince = now
    },
    judge(now) {
      const deadline = liveness.deadline()
      if (now < deadline) return 'alive'
      if (askedAt < Infinity && (now - deadline <= LATE || lateQuestions++ >= LATE_QUESTIONS)) {
        if (grace > 0) return 'dead'
        grace = now - deadline + GRACE
        return 'alive'
      }
      strict ||= now >= waitingSince + usual()
      return 'ask'
    },
  }
  return liveness
}
