import type { Rung } from '../kernel/ladder.ts'
import type { Mutable } from '../kernel/mutable.ts'
import type { PacketEntry } from '../session/trace.ts'
import { type Parsed, countIn, parsePacket } from './frames.ts'
import { type Bounds, type Direction, type Frame, type Total, keep } from './history.ts'

/** What of packets becomes frames, with their numbers and their fates. docs/protocol.md#numbers */
export interface Ledger {
  readonly frames: readonly Frame[]
  readonly totals: Readonly<Record<Direction, Total>>
  readonly dropped: number
  packet(entry: PacketEntry): void
  /** A new carrier: nothing was counted on it yet. */
  dialled(carrier: Rung): void
  clear(): void
}

/** One direction of a session. */
interface Way {
  total: Mutable<Total>
  /** Frames that wait to be acknowledged and are still kept, by rising number; repeated ones again. */
  waiting: Mutable<Frame>[]
  /** The greatest number so far, and the greatest that was acknowledged. */
  given: number
  acknowledged: number
  /** Names of requests that were asked this way, by id. */
  asked: Map<number, string>
}

/** Requests whose names are kept. */
const MOST_REQUESTS = 1_000
/** Packets of more characters are not kept alive by their lines. */
const SMALL = 4_096

const newWay = (): Way => ({
  total: { frames: 0, bytes: 0, repeated: 0, pending: 0 },
  waiting: [],
  given: 0,
  acknowledged: 0,
  asked: new Map(),
})

const otherOf = (direction: Direction): Direction => (direction === 'up' ? 'down' : 'up')

export const createLedger = (bounds: Bounds): Ledger => {
  const frames: Mutable<Frame>[] = []
  const ways: Record<Direction, Way> = { up: newWay(), down: newWay() }
  /** The number of the next counted frame on a carrier; absent where its hello, or welcome, was not seen. */
  const next: Record<Rung, Partial<Record<Direction, number>>> = { websocket: {}, http: {} }
  let attempt = 0

  const settle = (direction: Direction, number: number | undefined, at: number): void => {
    const way = ways[direction]
    // Whoever acknowledges what nobody sent is found at fault elsewhere.
    if (number === undefined || number <= way.acknowledged || number > way.given) return
    way.acknowledged = number
    way.total.pending = way.given - number
    way.waiting = way.waiting.filter((frame) => {
      if (frame.number! > number) return true
      frame.settledAt = at
      return false
    })
  }

  /** Another session: it counts from 1, and what was not acknowledged in the one before never will be. */
  const renew = (): void => {
    for (const direction of ['up', 'down'] as const) ways[direction] = { ...newWay(), total: ways[direction].total }
    ways.up.total.pending = ways.down.total.pending = 0
  }

  /** Counts from there, and acknowledges: a hello, or a welcome. */
  const open = (direction: Direction, opening: unknown, carrier: Rung, at: number): void => {
    const from = countIn(opening, 'from')
    const got = countIn(opening, 'got')
    if (from === undefined) return
    next[carrier][direction] = from
    // Where the recording began in the middle, all before was acknowledged.
    for (const [way, known] of [
      [ways[direction], from - 1],
      [ways[otherOf(direction)], got ?? 0],
    ] as const)
      if (way.given === 0) way.given = way.acknowledged = known
    settle(otherOf(direction), got, at)
  }

  const control = ({ control }: Parsed, { direction, carrier, at }: PacketEntry): void => {
    if (!control) return
    const { hello, welcome, ack, bye } = control
    if (direction === 'up' && hello) {
      const said = countIn(hello, 'attempt') ?? 0
      if (said <= attempt) renew()
      attempt = said
    }
    const opening = direction === 'up' ? hello : welcome
    if (opening) open(direction, opening, carrier, at)
    settle(otherOf(direction), countIn({ ack }, 'ack'), at)
    settle(otherOf(direction), countIn(bye, 'got'), at)
  }

  /** Its number, and whether it had that before. */
  const count = (
    { isCounted }: Parsed,
    { direction, carrier }: PacketEntry,
  ): { number: number | null; repeated: boolean } => {
    const number = next[carrier][direction]
    if (!isCounted || number === undefined) return { number: null, repeated: false }
    next[carrier][direction] = number + 1
    const way = ways[direction]
    const repeated = number <= way.given
    way.given = Math.max(way.given, number)
    way.total.pending = way.given - way.acknowledged
    return { number, repeated }
  }

  /** The name of the request that it belongs to, if it belongs to one. */
  const nameOf = ({ kind, name, id }: Parsed, direction: Direction): string => {
    if (id === null) return name
    const { asked } = ways[name || kind === 'cancel' ? direction : otherOf(direction)]
    if (name) {
      asked.set(id, name)
      if (asked.size > MOST_REQUESTS) asked.delete(asked.keys().next().value!)
    }
    return asked.get(id) ?? ''
  }

  const add = (parsed: Parsed, entry: PacketEntry): void => {
    const { at, carrier, direction, data } = entry
    control(parsed, entry)
    const { number, repeated } = count(parsed, entry)
    const { kind, size, id } = parsed
    const text = cut(parsed.text, bounds.text, data.length > SMALL)
    const frame: Mutable<Frame> = {
      ...{ at, carrier, direction, kind, name: nameOf(parsed, direction), size },
      ...{ number, repeated, settledAt: null, id, text },
    }
    const { total, waiting, acknowledged } = ways[direction]
    total.frames++
    total.bytes += size
    if (repeated) total.repeated++
    if (number !== null && number > acknowledged) waiting.push(frame)
    else if (number !== null) frame.settledAt = at
    const gone = keep(frames, frame, bounds.frames)
    if (!gone) return
    ledger.dropped++
    const { waiting: line } = ways[gone.direction]
    if (line[0] === gone) line.shift()
  }

  const ledger: Mutable<Ledger> = {
    frames,
    get totals() {
      return { up: ways.up.total, down: ways.down.total }
    },
    dropped: 0,
    packet(entry) {
      for (const parsed of parsePacket(entry.data)) add(parsed, entry)
    },
    dialled: (carrier) => void (next[carrier] = {}),
    clear() {
      ledger.dropped += frames.length
      frames.length = 0
      for (const way of Object.values(ways)) {
        way.waiting = []
        way.total = { ...newWay().total, pending: way.total.pending }
      }
    },
  }
  return ledger
}

/** Its beginning. `copy`: a part of a string keeps all of it, megabytes perhaps, for as long as itself is kept. */
const cut = (text: string, most: number, copy: boolean): string => {
  const start = text.length > most ? `${text.slice(0, most)}…` : text
  return copy ? Array.from(start).join('') : start
}
