import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import { BLOB_BYTES, type Hello, type Welcome } from '../protocol/frames.ts'
import type { Legacy } from './legacy.ts'
import type { Session } from './ports.ts'

/** Who this client is to the server: the session's id, and what hellos and welcomes said of it. docs/protocol.md#opening */
export interface Identity {
  /** The last number that a server can have looked at which says nothing but bye; Infinity once it was welcomed. */
  readonly seen: number
  /** Whether a server may know of it. */
  readonly isBegun: boolean
  /** The first line on the next carrier. */
  hello(auth: unknown, maxBlobBytes: number): Hello
  /** How many of the first frames another server may have had, though the session goes on. docs/protocol.md#lost */
  doubted(welcome: Welcome): number
  /** Takes a welcome. `lost`: it is not this session's. `resumed`: the server knew the session. */
  take(welcome: Welcome): 'lost' | 'new' | 'resumed'
  /** A bye came: if it did in place of a welcome, nobody looked at what went out behind the hello. */
  dismissed(): void
  /** Another session begins. */
  renew(): void
  /** What to keep. */
  legacy(): Legacy
  /** Goes on with what another page left. */
  inherit(legacy: Legacy): void
}

/** Carriers that a page may open: the next page's begin beyond them, whatever became of the last one's books. */
const CARRIERS = 1_000_000_000
/** A count, where an option may be Infinity. */
const MOST = Number.MAX_SAFE_INTEGER

export const createIdentity = (session: Session, { clock, random }: { clock: Clock; random: Random }): Identity => {
  let id = random.id()
  let life: string | undefined
  let generation = 0
  /** Carriers tried in this session, which orders them for the server. */
  let tries = 0
  /** When this session's frames first went out, and how many did before this carrier. Until a welcome, a server may have had them, and not know. */
  let carriedAt = 0
  let carried = 0
  let seen = Infinity
  /** What the next hello says of both, which is as if the last one had not been. */
  let before: readonly [seen: number, carried: number] | undefined

  return {
    get seen() {
      return seen
    },
    get isBegun() {
      return tries > 0
    },
    hello(auth, maxBlobBytes) {
      const { got, outbox } = session
      const { acknowledged, sent } = outbox
      ;[seen, carried] = before ?? [acknowledged + sent.length, life ? 0 : sent.length]
      before = undefined
      if (carried === 0) carriedAt = clock.now()
      const age = carried > 0 ? Math.ceil(clock.now() - carriedAt) : undefined
      const attempt = generation * CARRIERS + ++tries
      const blobs = maxBlobBytes === BLOB_BYTES ? undefined : Math.floor(Math.min(maxBlobBytes, MOST))
      return { session: id, attempt, nonce: random.id(), from: acknowledged + 1, got, life, age, blobs, auth }
    },
    // A server younger than what was sent before cannot know what became of it.
    doubted: ({ up }) => (life === undefined && up <= clock.now() - carriedAt ? carried : 0),
    take(welcome) {
      const isKnown = life !== undefined
      // Of what goes out behind the hello, nobody can have got anything before the welcome: unless somebody else sent it.
      const isOurs = (!isKnown || welcome.life === life) && welcome.got <= seen
      seen = Infinity
      if (!isOurs || !session.resume(welcome.from, welcome.got)) return 'lost'
      life = welcome.life
      return isKnown ? 'resumed' : 'new'
    },
    dismissed: () => void (before = seen < Infinity ? [seen, carried] : undefined),
    renew() {
      id = random.id()
      before = undefined
      life = undefined
      generation = tries = 0
    },
    legacy: () => ({
      generation,
      session: id,
      life,
      carriedAt,
      acknowledged: session.outbox.acknowledged,
      got: session.got,
    }),
    inherit(legacy) {
      ;({ session: id, life, generation, carriedAt } = legacy)
      tries = 0
    },
  }
}
