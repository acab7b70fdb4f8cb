import type { IncomingMessage, ServerResponse } from 'node:http'
import { HTTP_TYPE } from '../protocol/frames.ts'
import { type Body, SLOWEST, readBody } from './body.ts'
import type { Account } from './budget.ts'
import type { Answer } from './exchange.ts'
import { type HttpCarriersHost, createHttpCarriers } from './http-carrier.ts'
import { packetBytes } from './options.ts'

/** Clients push so many characters at once, of up to three bytes each, or else a single packet. */
const PUSHED_BYTES = 3 * 524_288
/** Room for the envelope. */
const ENVELOPE_BYTES = 4_096
/** What some answers have beside: a body that does not end has no answer's end to wait for, and a full server asks for patience (s). */
const MORE_HEADERS: Readonly<Record<number, Record<string, string>>> = {
  408: { Connection: 'close' },
  503: { 'Retry-After': '1' },
}

/** HTTP carriers behind Node's HTTP server. */
export interface HttpAcceptor {
  /** True if the client posts as ours do: only then is it ours to answer. */
  speaks(request: IncomingMessage): boolean
  /** Answers one request, whose body nobody has read. */
  handle(request: IncomingMessage, response: ServerResponse): void
  /** Takes no new carriers. Resolves when all that are left have been told their last lines. */
  drain(): Promise<void>
  /** Answers what still hangs. */
  terminate(): void
}

/** Nothing on the way may keep the answer, or gather it; and the page may read it, even a refusal. */
const headersOf = ({ headers: { origin } }: IncomingMessage, isAllowed: boolean): Record<string, string> => ({
  'Content-Type': HTTP_TYPE,
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
  ...(origin !== undefined && {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'Retry-After',
    ...(isAllowed && { 'Access-Control-Allow-Credentials': 'true' }),
  }),
})

/** HTTP carriers for Node: reads bodies, within bounds of size and time, and writes answers. `bodyTimeout`: milliseconds that one may take at least. */
export const createHttpAcceptor = (host: HttpCarriersHost, bodyTimeout: number): HttpAcceptor => {
  const { clock, messageBytes, isAllowed, budgets } = host
  const carriers = createHttpCarriers(host)
  const maxBytes = Math.max(Math.ceil((packetBytes(messageBytes) * 4) / 3), PUSHED_BYTES) + ENVELOPE_BYTES
  /** Answers that were given and are on their way out. */
  const leaving = new Set<ServerResponse>()
  let onGone = (): void => {}

  /** An answer that nobody reads is memory: it may take as long as a slow line needs, and there may be so much of it. */
  const watch = (response: ServerResponse): (() => void) => {
    let account: Account | undefined
    return () => {
      const { writableLength } = response
      if (!account && writableLength > 0) {
        const destroy = (): void => void response.destroy()
        account = budgets.leaving.open(() => response.writableLength, destroy)
        response.once('close', account.close)
      }
      account?.update()
      if (!response.writableEnded || writableLength === 0) return
      const disarm = clock.after(bodyTimeout + writableLength / SLOWEST, () => response.destroy())
      response.once('close', disarm)
    }
  }

  const answerTo = (request: IncomingMessage, response: ServerResponse): Answer => {
    const headers = headersOf(request, isAllowed(request))
    const look = watch(response)
    const finish = (body: string): void => {
      if (!response.destroyed) leaving.add(response)
      response.end(body)
      look()
    }
    return {
      send(status, body) {
        // Somebody else's answer is no reason to throw into whatever task this is.
        if (response.headersSent) return
        // With its length, it needs no chunks, and whoever passes it on sees whether it is whole.
        response.writeHead(status, { ...headers, ...MORE_HEADERS[status], 'Content-Length': Buffer.byteLength(body) })
        finish(body)
      },
      write(text) {
        if (!response.headersSent) response.writeHead(200, headers)
        response.write(text)
        look()
      },
      end: () => finish(''),
    }
  }

  return {
    speaks: ({ method, headers }) => method === 'POST' && (headers.accept ?? '').includes(HTTP_TYPE),
    handle(request, response) {
      const answer = answerTo(request, response)
      let abandon = (): void => {}
      readBody(request, { clock, maxBytes, timeout: bodyTimeout, budget: budgets.ahead }, (body: Body) => {
        if (typeof body === 'string') abandon = carriers.exchange(request, body, answer)
        else answer.send(body, '')
      })
      response.on('error', () => {})
      response.on('close', () => {
        leaving.delete(response)
        onGone()
        if (!response.writableFinished) abandon()
      })
    },
    drain: () =>
      new Promise((resolve) => {
        carriers.close(() => {
          onGone = () => leaving.size === 0 && resolve()
          onGone()
        })
      }),
    terminate: carriers.terminate,
  }
}
