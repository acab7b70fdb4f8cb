import type { Trace } from 'holdfast/testing'
import type { LineCounts } from '../../uses/faults.ts'

type Exchange = LineCounts['exchanges'][number]
type Counted = Pick<LineCounts, 'requests' | 'exchanges'>

/** What heads and handshakes usually have, as the network in the page reckons with them. */
const HEADS = { POST: [450, 250], GET: [450, 250], UPGRADE: [400, 160] } as const
const REMEMBERED = 50

const encoder = new TextEncoder()
const sizeOf = (text: string): number => encoder.encode(text).length

/** The first line of a POST of Holdfast's, without its secret. */
const envelopeOf = (body: string): string =>
  body.startsWith('{') ? (body.split('\n', 1)[0] ?? '').replace(/"carrier":"[^"]*"/, '"carrier":"…"') : ''

interface Tap extends Counted {
  readonly trace: Trace
}

/** Listens to what a network tells of its connections, and makes of it what a proxy would have seen. */
export const createTap = (): Tap => {
  const requests = { GET: 0, POST: 0, OPTIONS: 0, UPGRADE: 0 }
  const exchanges: { -readonly [K in keyof Exchange]: Exchange[K] }[] = []
  /** What is asked on each connection. */
  const current = new Map<string, (typeof exchanges)[number]>()

  const ask = (link: string, method: keyof typeof HEADS, body: string): void => {
    requests[method]++
    const [requestHead, answerHead] = HEADS[method]
    const exchange = {
      at: Date.now(),
      method,
      url: '',
      envelope: envelopeOf(body),
      status: null,
      requestHead,
      requestBody: sizeOf(body),
      answerHead,
      answerBody: 0,
    }
    current.set(link, exchange)
    exchanges.push(exchange)
    if (exchanges.length > REMEMBERED) exchanges.shift()
  }
  const answer = (link: string, status: number, body = '', isLast = true): void => {
    const exchange = current.get(link)
    if (!exchange) return
    exchange.status = status
    exchange.answerBody += sizeOf(body)
    if (isLast) current.delete(link)
  }
  const hear = (link: string, what: string, detail: unknown): void => {
    const text = typeof detail === 'string' ? detail : ''
    switch (what) {
      case 'client dials':
        return ask(link, 'UPGRADE', '')
      case 'client is open':
        return answer(link, 101)
      case 'client posts':
        return ask(link, text === '' ? 'GET' : 'POST', text)
      case 'client gets':
        return answer(link, 200, text, false)
      case 'client is answered': {
        const [, status = '0', body = ''] = /^(\d+) ?([^]*)/.exec(text) ?? []
        return answer(link, Number(status), body)
      }
    }
  }
  return { trace: { events: [], add: hear, format: () => '' }, requests, exchanges }
}
