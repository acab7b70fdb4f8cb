import type { Rung } from '../kernel/ladder.ts'
import type { ConnectionState, PauseReason } from '../kernel/machine.ts'
import type { TransportName } from '../transports/transport.ts'
import type { FrameKind } from './frames.ts'

/** Seen from this page: `up` to the server, `down` from it. */
export type Direction = 'up' | 'down'

/** One frame, as it went over one carrier. Times in milliseconds since the epoch. */
export interface Frame {
  readonly at: number
  readonly carrier: Rung
  readonly direction: Direction
  readonly kind: FrameKind
  /** Of an event or request, and of the request that an answer belongs to. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Its place in the session, in its direction; null where it takes none, or the recording began in the middle. */
  readonly number: number | null
  /** It was on a carrier before, and not acknowledged. */
  readonly repeated: boolean
  /** When the other side was heard to have it; null while it was not, and for what takes no number. */
  readonly settledAt: number | null
  /** The request's id. */
  readonly id: number | null
  /** As it was on the wire, but for what is too long; of bytes, the line before them. */
  readonly text: string
}

/** How the socket was, from this moment on. */
export interface Stage {
  readonly at: number
  readonly state: ConnectionState
  readonly pausedBy: PauseReason | null
  readonly transport: TransportName | null
  /** Why the connection before ended. */
  readonly cause: string | null
}

/** One carrier, from its dialling to its end. */
export interface Attempt {
  readonly at: number
  readonly carrier: Rung
  /** When it was first heard, which proves that it works. */
  readonly heardAt: number | null
  readonly endedAt: number | null
  /** Why it was left, or did not come about, in a sentence. */
  readonly why: string | null
}

/** What the status counted. */
export interface Sample {
  readonly at: number
  /** The round trip in milliseconds; null until measured. */
  readonly latency: number | null
  readonly queued: number
  readonly unacknowledged: number
}

/** What went one way, all in all. */
export interface Total {
  readonly frames: number
  readonly bytes: number
  /** Frames that were on a carrier before. */
  readonly repeated: number
  /** Frames with a number that are not acknowledged yet. */
  readonly pending: number
}

/** What happened, as far back as it is kept; the oldest first. */
export interface History {
  readonly frames: readonly Frame[]
  readonly stages: readonly Stage[]
  readonly attempts: readonly Attempt[]
  readonly samples: readonly Sample[]
  readonly totals: Readonly<Record<Direction, Total>>
  /** How many frames were there before the first that is kept. */
  readonly dropped: number
  /** The time of the last entry; 0 before the first. */
  readonly until: number
}

/** How much is kept. */
export interface Bounds {
  /** Frames. */
  readonly frames: number
  /** Characters of one. */
  readonly text: number
}

/** Stages and attempts that are kept. */
export const MOST_STAGES = 500
/** Samples that are kept, and how far they are apart at least (ms). */
export const MOST_SAMPLES = 1_200
export const SAMPLE_SPACING = 100

/** Adds at the end, and lets go of what was first once there are too many: that one is returned. */
export const keep = <T>(list: T[], item: T, most: number): T | undefined =>
  list.push(item) > most ? list.shift() : undefined
