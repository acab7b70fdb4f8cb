/** A life as data. */
import type { ConnectOptions } from 'holdfast'
import type { Direction, Fate, Frozen, Protocol } from 'holdfast/testing'

/** Who speaks. */
type Side = 'client' | 'server'

/** How a message may fare: `keyed` gives way to a newer one, `brief` expires, `volatile` may be lost; an `echo` is answered, a `photo` is a Blob. */
export type Kind = 'say' | 'echo' | 'bytes' | 'keyed' | 'brief' | 'volatile' | 'photo'

/** Which HTTP exchanges. */
export type Exchanges = 'pushes' | 'polls' | 'all'

/** How a question is answered. */
export type AnswerMode = 'at-once' | 'later' | 'throw' | 'refuse' | 'never'

/** What happens at one moment of a life. Times in virtual milliseconds. */
/** What a page is told of its sleep: that it wakes, and that it is about to be frozen. */
type Told = 'nothing' | 'wake' | 'freeze'

export type Act =
  | {
      readonly do: 'send'
      readonly side: Side
      readonly kind: Kind
      readonly count: number
      readonly size: number
      /** When a photo's signal withdraws it. Default: never. */
      readonly abortAfter?: number
    }
  | {
      readonly do: 'ask'
      readonly side: Side
      readonly mode: AnswerMode
      /** How long the answer takes. */
      readonly delay: number
      readonly timeout: number
      /** When the asker withdraws; Infinity for never. */
      readonly abortAfter: number
      readonly idempotent: boolean
      /** Bytes of the Blob in the question, and in its answer. Default: none has one. */
      readonly photo?: number
      readonly copy?: number
    }
  | { readonly do: 'stream'; readonly items: number; readonly every: number; readonly breakAfter: number }
  | { readonly do: 'flush'; readonly side: Side }
  | { readonly do: 'reconnect' }
  /** The connection in use dies: now, or after so many bytes more. */
  | { readonly do: 'cut'; readonly after?: { readonly up?: number; readonly down?: number } }
  | { readonly do: 'stall'; readonly direction: Direction; readonly for: number }
  | { readonly do: 'half-open'; readonly direction: Direction }
  /** What becomes of this client's dials for a while. */
  | { readonly do: 'fate'; readonly fate: Fate; readonly for: number }
  /** Something in between is against one protocol for a while; `cut`: and against what is open of it. */
  | {
      readonly do: 'block'
      readonly protocol: Protocol
      readonly fate: Fate
      readonly cut: boolean
      readonly for: number
    }
  /** Answers to HTTP exchanges of a kind are lost for a while, each with that probability. */
  | { readonly do: 'lose'; readonly what: Exchanges; readonly chance: number; readonly for: number }
  /** The page hears that it is on another network. */
  | { readonly do: 'network' }
  /** The page may be about to go, and stays. */
  | { readonly do: 'leave' }
  | { readonly do: 'sleep'; readonly what: Frozen; readonly for: number; readonly told: Told }
  /** The page believes for a while that there is no network; the connection may live on. */
  | { readonly do: 'offline'; readonly for: number }
  | { readonly do: 'wake' }
  /** For all clients at once. */
  | { readonly do: 'partition'; readonly direction: Direction; readonly for: number }
  /** The server ends the session: for good, or for the client to come back to another. */
  | { readonly do: 'dismiss'; readonly back: boolean }
  /** The server goes down with or without a word and comes back after a while, knowing nothing. */
  | { readonly do: 'restart'; readonly drain: boolean; readonly for: number }

/** One moment of a life. */
export interface Step {
  /** When, counted from the start, in virtual milliseconds. */
  readonly at: number
  /** Whose. */
  readonly client: number
  readonly act: Act
}

/** How a tab is to find its way. */
export type TabPlan = Required<Pick<ConnectOptions, 'transport' | 'fastStart'>>

/** What kind of life it is: `lasting` must keep its session whatever happens, `lossy` has servers that forget. */
export type Profile = 'lasting' | 'lossy'

/** A life as data: any step can be left out, and the others stay what they are. */
export interface Plan {
  readonly seed: number
  readonly profile: Profile
  readonly clients: number
  /** One for each client. */
  readonly tabs: readonly TabPlan[]
  /** When everything is healed. */
  readonly duration: number
  readonly latency: number
  readonly jitter: number
  readonly bandwidth: number
  /** Milliseconds of silence after which both sides ask. */
  readonly idle: number
  /** The most milliseconds that the page's `auth` takes, try by try; 0 answers at once. */
  readonly tokenDelay: number
  /** How likely the page's `auth` is to fail, try by try, 0 to 1. */
  readonly tokenFailure: number
  /** Milliseconds that the server's `authenticate` takes; 0 answers at once. */
  readonly checkDelay: number
  /** Milliseconds that the server keeps a session without a connection. */
  readonly keep: number
  /** Messages that may wait at the client; one more throws. */
  readonly room: number
  /** Messages that the server keeps for a client; one more ends the session. */
  readonly serverRoom: number
  /** What the client does with what is in doubt. */
  readonly inDoubt: 'resend' | 'reject'
  /** How it ends: all is delivered and then closed, or closed in the middle of it, in whatever state the network is. */
  readonly ending: 'in-peace' | 'abrupt'
  readonly steps: readonly Step[]
}

/** Its lines are so slow that what is queued on them may be taken for silence. */
export const isSlow = ({ bandwidth }: Plan): boolean => bandwidth < 100_000

/** So far away that estimates are made of few round trips. */
export const isFar = ({ latency }: Plan): boolean => latency > 500
