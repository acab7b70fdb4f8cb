/** Tells the journal what went over the lines: exchanges as the proxy saw them, packets as Holdfast traced them. */
import type { TraceEntry } from 'holdfast'
import type { LineCounts } from '../faults.ts'
import type { LaneName } from './contract.ts'
import { type Exchange, exchangeReasons, exchangeTitles, kindOfExchange, requestLine } from './exchanges.ts'
import type { Journal } from './journal.ts'
import { frameHead, kindsIn, packetSize, reasons, titleOf } from './packets.ts'

/** Characters of an example. */
const SHOWN = 300

const excerpt = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text)

/** What the network panel calls size, of an exchange: all of the answer. */
const panelOf = (exchange: Exchange): string => {
  const { status, answerHead, answerBody } = exchange
  if (status === null) return 'pending'
  return status === 101
    ? 'status 101, type websocket'
    : `status ${status}, type fetch, size ${answerHead + answerBody} B`
}

export const createRecorder = (journal: Journal) => {
  let packets = 0
  /** Of the WebSocket lane: bytes of all frames, as they are computed here. */
  let frames = 0

  return {
    get frames() {
      return frames
    },
    /** All that a line's proxy has seen: those that were told before have gone on, perhaps. */
    exchanges(lane: LaneName, { exchanges, requests }: LineCounts): void {
      const all = requests.GET + requests.POST + requests.OPTIONS + requests.UPGRADE
      exchanges.forEach((exchange, index) => {
        const kind = kindOfExchange(exchange)
        const { at, requestHead, requestBody, answerHead, answerBody, envelope } = exchange
        journal.add({
          lane,
          key: `exchange ${all - exchanges.length + index}`,
          kind,
          at,
          title: exchangeTitles[kind],
          why: exchangeReasons[kind],
          weight: { headUp: requestHead, bodyUp: requestBody, headDown: answerHead, bodyDown: answerBody },
          isPending: exchange.status === null,
          example: `${requestLine(exchange)}\n${envelope}`.trim(),
          panel: panelOf(exchange),
        })
      })
    },
    /** `auth`: what hellos take along. */
    packet(lane: LaneName, entry: TraceEntry, auth: unknown): void {
      if (entry.type !== 'packet' || typeof entry.data !== 'string') return
      const { data, direction, at } = entry
      const isFrame = lane === 'websocket'
      const body = packetSize(data, auth)
      // On HTTP it is a part of a body, with one more character at the end of its line.
      const head = isFrame ? frameHead(body, direction) : 1
      const kinds = kindsIn(data)
      if (isFrame) frames += head + body
      journal.add({
        lane,
        key: `packet ${packets++}`,
        kind: `${direction} ${[...kinds.keys()].join()}`,
        at,
        title: titleOf(kinds) + (isFrame ? '' : direction === 'up' ? ', in a request' : ', in an answer'),
        why: Array.from(kinds.keys(), (kind) => reasons[kind]).join(' '),
        weight: {
          headUp: direction === 'up' ? head : 0,
          bodyUp: direction === 'up' ? body : 0,
          headDown: direction === 'down' ? head : 0,
          bodyDown: direction === 'down' ? body : 0,
        },
        example: excerpt(data),
        panel: isFrame ? `a message with the length ${body}` : 'a part of a body, which the exchange counts',
      })
    },
  }
}
