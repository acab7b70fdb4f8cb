/** What the proxy saw of one HTTP exchange, in words. docs/protocol.md#http */
import type { LineCounts } from '../faults.ts'

export type Exchange = LineCounts['exchanges'][number]

/** What an exchange is for. */
export type ExchangeKind =
  'upgrade' | 'refused' | 'idle poll' | 'poll' | 'opening' | 'push' | 'hanging' | 'stream' | 'goodbye' | 'other'

interface Envelope {
  readonly push?: number
  readonly poll?: number
  readonly stream?: boolean
  readonly close?: boolean
}

/** The body of an answer of plain polling that has nothing: `[]`. */
const EMPTY = 2

export const kindOfExchange = ({ method, status, envelope, answerBody }: Exchange): ExchangeKind => {
  if (method === 'UPGRADE') return status === null || status === 101 ? 'upgrade' : 'refused'
  if (method === 'GET') return answerBody > EMPTY ? 'poll' : 'idle poll'
  if (!envelope) return 'other'
  const { push, stream, close } = JSON.parse(envelope) as Envelope
  if (close) return 'goodbye'
  if (push !== undefined) return push === 1 ? 'opening' : 'push'
  return stream ? 'stream' : 'hanging'
}

export const exchangeTitles: Readonly<Record<ExchangeKind, string>> = {
  upgrade: 'The Upgrade',
  refused: 'An Upgrade that was refused',
  'idle poll': 'A poll for nothing',
  poll: 'A poll that finds something',
  opening: 'The opening',
  push: 'A push',
  hanging: 'A poll that hangs',
  stream: 'A stream',
  goodbye: 'The end',
  other: 'A request',
}

/** Why it is made. */
export const exchangeReasons: Readonly<Record<ExchangeKind, string>> = {
  upgrade:
    'An HTTP request that asks to become a WebSocket. The server proves with a hash of the key that it understood, picks the subprotocol holdfast.v1, and from here on there are no heads any more, only frames of a few bytes.',
  refused: 'Something on the way answered an Upgrade as if it were a page.',
  'idle poll': 'The page asks because its time has come. There was nothing, and it cost two heads all the same.',
  poll: 'The page asks because its time has come. What was said since the last time waited for this, for half the interval on average.',
  opening: 'HTTP has no handshake: the first request takes the hello, and its answer brings the welcome.',
  push: 'What the page says, an acknowledgement for instance. It goes beside the request that hangs.',
  hanging:
    'The page asks ahead of time, and the server answers when it has something. Each answer needs a new question, with two heads.',
  stream:
    'One request, and an answer that goes on for seconds: each message is one more line of it, and needs no head.',
  goodbye: 'The page gives the connection up.',
  other: 'Neither Holdfast’s nor the lab’s.',
}

/** `POST /live/lab → 200`; without what only tells lines apart. */
export const requestLine = ({ method, url, status }: Exchange): string =>
  `${method === 'UPGRADE' ? 'GET' : method} ${url.split('?')[0]!} → ${status === null ? '…' : status}`
