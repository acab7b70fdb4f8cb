/** What is in a packet of Holdfast's, and what it weighs on a WebSocket. docs/protocol.md */

/** Some frames of one kind. */
export type FrameKind =
  'hello' | 'welcome' | 'event' | 'request' | 'reply' | 'failure' | 'ack' | 'ping' | 'pong' | 'bye' | 'other'

const controls = ['hello', 'welcome', 'ping', 'pong', 'ack', 'bye'] as const

const kindOf = (line: string): FrameKind => {
  const frame = JSON.parse(line) as unknown
  if (!Array.isArray(frame)) return controls.find((key) => Object.hasOwn(frame as object, key)) ?? 'other'
  const [head, , third] = frame as unknown[]
  if (typeof head === 'string') return frame.length < 3 ? 'event' : 'request'
  if (typeof head !== 'number' || frame.length < 2) return 'other'
  return typeof third === 'object' ? 'failure' : 'reply'
}

/** The kinds in a packet and how many of each, in the order in which they come. */
export const kindsIn = (packet: string): ReadonlyMap<FrameKind, number> => {
  const kinds = new Map<FrameKind, number>()
  for (const line of packet.split('\n'))
    if (line) {
      const kind = kindOf(line)
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
  return kinds
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

/** 128 random bits in hexadecimal. */
const SECRET = 32

/** Bytes of a packet before its secrets were taken out, which is how `trace` tells it. `auth`: what was sent as such. */
export const packetSize = (packet: string, auth: unknown): number => {
  const gap = bytesOf('…')
  const secrets = packet.match(/"(session|nonce|life)":"…"/g)?.length ?? 0
  const credentials = packet.includes('"auth":"…"') ? bytesOf(JSON.stringify(auth)) - gap - 2 : 0
  return bytesOf(packet) + secrets * (SECRET - gap) + credentials
}

/** Bytes that a WebSocket puts in front of a message: flags and length, and upwards a mask of four. RFC 6455, 5.2. */
export const frameHead = (payload: number, direction: 'up' | 'down'): number =>
  (payload < 126 ? 2 : payload < 65_536 ? 4 : 10) + (direction === 'up' ? 4 : 0)

const names: Readonly<Record<FrameKind, string>> = {
  hello: 'hello',
  welcome: 'welcome',
  event: 'event',
  request: 'request',
  reply: 'answer',
  failure: 'failure',
  ack: 'acknowledgement',
  ping: 'ping',
  pong: 'pong',
  bye: 'goodbye',
  other: 'frame',
}

/** Why it is said. */
export const reasons: Readonly<Record<FrameKind, string>> = {
  hello:
    'The first line on every connection: which session goes on, how much of it this page has got, and where its own numbers begin. What was waiting travels right behind it, so opening costs no round trip of its own. Secrets are not shown.',
  welcome:
    'The server has the session: it says how much it has got, and its limits. What the page had to hear follows at once.',
  event:
    'A message: its name and its data. Its number is not on the wire, because a connection keeps the order: both ends count.',
  request: 'A question. Its number comes back with the answer.',
  reply: 'The answer to the question of this number.',
  failure: 'The question of this number could not be answered.',
  ack: '“So many of yours have been handled.” The other end forgets those; one acknowledgement stands for many messages, and is sent a second after the first of them.',
  ping: 'Nothing came for a while, or something is overdue: the other end is asked for a sign of life. TCP does not tell of a line that is dead.',
  pong: 'The sign of life.',
  bye: 'The last word on this connection, and why.',
  other: 'Something else.',
}

/** `3 events, acknowledgement`. */
export const titleOf = (kinds: ReadonlyMap<FrameKind, number>): string => {
  const title = Array.from(kinds, ([kind, count]) => (count === 1 ? names[kind] : `${count} ${names[kind]}s`)).join(
    ', ',
  )
  return title.charAt(0).toUpperCase() + title.slice(1)
}
