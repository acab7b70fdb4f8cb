/** How dead connections are found. */
export interface Heartbeat {
  /** Milliseconds without hearing anything after which the other side is asked for a sign of life. */
  readonly idle: number
  /** The longest to wait for that sign, in milliseconds; with measured round trips the wait is shorter, never under 2 s. */
  readonly timeout: number
}

/** What one carrier showed of the other side's life. All times in milliseconds of one clock. docs/protocol.md#liveness */
export interface Liveness {
  readonly heardAt: number
  /** Since when counted frames are out without any acknowledgement; Infinity while none are. */
  readonly waitingSince: number
  /** Bytes that are out: on a slow line they delay every answer. */
  readonly bytesOut: number
  /** When the question under way was asked; Infinity while none is. */
  readonly askedAt: number
  /** The question is about data that is out: other traffic from there does not answer it (a line can be dead one way). */
  readonly strict: boolean
  /** Questions in a row whose time was up only when a late timer looked. */
  readonly late: number
  /** Smoothed round trip and its variation (RFC 6298); -1 until measured. */
  readonly roundTrip: number
  readonly variation: number
}

export type Sign =
  | { readonly type: 'heard' }
  /** Counted frames are out (`bytes` > 0) or none are; `progress`: an acknowledgement moved. */
  | { readonly type: 'outstanding'; readonly bytes: number; readonly progress: boolean }
  | { readonly type: 'asked' }
  | { readonly type: 'answered'; readonly roundTrip: number }

/** The shortest wait for an answer: below it, a garbage collection or a busy peer would look like death. */
const SHORTEST_TIMEOUT = 2_000
/** Bytes a millisecond of the slowest line that must not be taken for dead while its queue drains. */
const SLOWEST_LINE = 16
/** A timer that fires this much late (ms) slept or was throttled, and proves nothing about the network. */
const LATE = 1_000
/** A hidden tab's timers are always late: after so many unanswered late questions the line is dead after all. */
const LATE_QUESTIONS = 2

export const freshLiveness = (now: number, past?: Liveness): Liveness => ({
  heardAt: now,
  waitingSince: Infinity,
  bytesOut: 0,
  askedAt: Infinity,
  strict: false,
  late: 0,
  roundTrip: past?.roundTrip ?? -1,
  variation: past?.variation ?? 0,
})

const timeoutOf = (state: Liveness, { timeout }: Heartbeat): number =>
  (state.roundTrip < 0
    ? timeout
    : Math.min(timeout, Math.max(SHORTEST_TIMEOUT, state.roundTrip + 4 * state.variation))) +
  state.bytesOut / SLOWEST_LINE

/** When {@link judge} must be asked next. */
export const livenessDeadline = (state: Liveness, heartbeat: Heartbeat): number =>
  state.askedAt < Infinity
    ? state.askedAt + timeoutOf(state, heartbeat)
    : Math.min(state.heardAt + heartbeat.idle, state.waitingSince + timeoutOf(state, heartbeat))

const calm = { askedAt: Infinity, strict: false, late: 0 }

export const observe = (state: Liveness, sign: Sign, now: number): Liveness => {
  switch (sign.type) {
    case 'heard':
      return { ...state, heardAt: now, ...(state.strict ? undefined : calm) }
    case 'outstanding':
      return {
        ...state,
        bytesOut: sign.bytes,
        waitingSince: sign.bytes === 0 ? Infinity : sign.progress ? now : Math.min(state.waitingSince, now),
        ...(sign.progress ? calm : undefined),
      }
    case 'asked':
      return { ...state, askedAt: now }
    case 'answered': {
      const { roundTrip, variation } = state
      const sample = sign.roundTrip
      return {
        ...state,
        ...calm,
        waitingSince: state.bytesOut > 0 ? now : Infinity,
        roundTrip: roundTrip < 0 ? sample : roundTrip + (sample - roundTrip) / 8,
        variation: roundTrip < 0 ? sample / 2 : variation + (Math.abs(sample - roundTrip) - variation) / 4,
      }
    }
  }
}

/** The time is `now`: what is the other side's silence worth? `ask`: send a ping and observe `asked`. */
export const judge = (
  state: Liveness,
  heartbeat: Heartbeat,
  now: number,
): [state: Liveness, verdict: 'alive' | 'ask' | 'dead'] => {
  const deadline = livenessDeadline(state, heartbeat)
  if (now < deadline) return [state, 'alive']
  const strict = state.strict || now >= state.waitingSince + timeoutOf(state, heartbeat)
  if (state.askedAt === Infinity) return [{ ...state, strict }, 'ask']
  if (now - deadline <= LATE || state.late >= LATE_QUESTIONS) return [state, 'dead']
  return [{ ...state, late: state.late + 1 }, 'ask']
}
