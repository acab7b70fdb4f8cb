import { Agent, type IncomingMessage, type ServerResponse, request as httpRequest } from 'node:http'
import { type Socket, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { FaultProxy } from '../../test/tools/fault-proxy.ts'
import type { LineCounts } from '../uses/faults.ts'

/**
 * The lines between pages and the server, each with a fault proxy of its own, so that what one page breaks is its own: what
 * is broken there breaks as networks break, and neither Holdfast's client nor its server is told. A line is named by the
 * `line` in the URL.
 */
export interface Lines {
  /** Takes a WebSocket request to its proxy. */
  carry(request: IncomingMessage, client: Duplex, head: Buffer): void
  /** The same with any other request. */
  forward(request: IncomingMessage, response: ServerResponse): void
  /** The proxy of a line: it is there for as long as somebody uses it. */
  proxyOf(name: string): Promise<FaultProxy>
  counts(name: string): Promise<LineCounts>
  /** The server listens elsewhere now; undefined: nowhere. */
  retarget(port: number | undefined): void
  close(): Promise<void>
}

/** Milliseconds after which a line that nobody uses is taken down. */
const IDLE = 300_000
/** Passages and exchanges that a proxy remembers. */
const REMEMBERED = 200
/** Nobody listens there. */
const NOWHERE = 1

interface Line {
  readonly proxy: Promise<FaultProxy>
  readonly agent: Agent
  usedAt: number
}

/** The request as it came, so that the proxy sees the page's own words. */
const headOf = ({ method, url, rawHeaders }: IncomingMessage): string => {
  const headers = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
  return `${String(method)} ${String(url)} HTTP/1.1\r\n${headers}\r\n`
}

const nameIn = ({ url }: IncomingMessage): string =>
  new URL(url ?? '/', 'http://localhost').searchParams.get('line') ?? ''

/** Who knows a carrier's id owns it. */
const envelopeOf = (text: string): string =>
  (/^{"carrier":.*/.exec(text)?.[0] ?? '').replace(/"carrier":"[^"]*"/, '"carrier":"…"')

export const createLines = (): Lines => {
  const lines = new Map<string, Line>()
  let target: { port: number } = { port: NOWHERE }

  const lineOf = (name: string): Line => {
    const line: Line = lines.get(name) ?? {
      proxy: FaultProxy.start({ target, remembers: REMEMBERED }),
      agent: new Agent({ keepAlive: true }),
      usedAt: 0,
    }
    line.usedAt = Date.now()
    lines.set(name, line)
    return line
  }
  const end = async ({ proxy, agent }: Line): Promise<void> => {
    agent.destroy()
    await (await proxy).close()
  }
  const sweep = setInterval(() => {
    for (const [name, line] of lines)
      void line.proxy.then(({ open }) => {
        if (open > 0) line.usedAt = Date.now()
        if (Date.now() - line.usedAt < IDLE || !lines.delete(name)) return
        return end(line)
      })
  }, 60_000)
  sweep.unref()

  return {
    carry(request, duplex, head) {
      const client = duplex as Socket
      client.setNoDelay(true)
      client.on('error', () => client.destroy())
      void lineOf(nameIn(request)).proxy.then(({ port }) => {
        if (client.destroyed) return
        const upstream = connect({ port, host: '127.0.0.1', noDelay: true })
        upstream.write(Buffer.concat([Buffer.from(headOf(request), 'latin1'), head]))
        client.pipe(upstream).pipe(client)
        // A reset stays one: a page hears another thing of it than of an end.
        upstream.on('error', () => client.resetAndDestroy())
        client.once('close', () => upstream.destroy())
      })
    },
    forward(request, response) {
      const { proxy, agent } = lineOf(nameIn(request))
      const { method, url, rawHeaders } = request
      const cut = (): void => void request.socket.resetAndDestroy()
      void proxy.then(({ port }) => {
        const upstream = httpRequest({ port, host: '127.0.0.1', method, path: url, headers: rawHeaders, agent })
        upstream.on('error', cut)
        upstream.on('response', (answer) => {
          answer.on('error', cut)
          response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
          // What is streamed is not to wait for more.
          response.flushHeaders()
          answer.pipe(response)
        })
        response.once('close', () => upstream.destroy())
        request.pipe(upstream)
      })
    },
    proxyOf: (name) => lineOf(name).proxy,
    async counts(name) {
      const proxy = await lineOf(name).proxy
      const { accepted, open, bytes, exchanges } = proxy
      return {
        accepted,
        open,
        bytes: { ...bytes },
        requests: {
          GET: proxy.requests('GET'),
          POST: proxy.requests('POST'),
          OPTIONS: proxy.requests('OPTIONS'),
          UPGRADE: proxy.requests('UPGRADE'),
        },
        exchanges: exchanges.slice(-50).map(({ at, request, answer }) => ({
          at: performance.timeOrigin + at,
          method: request.isUpgrade ? 'UPGRADE' : request.method,
          url: request.url,
          envelope: envelopeOf(request.text),
          status: answer?.status ?? null,
          requestHead: request.head,
          requestBody: request.body,
          answerHead: answer?.head ?? 0,
          answerBody: answer?.body ?? 0,
        })),
      }
    },
    retarget(port) {
      target = { port: port ?? NOWHERE }
      for (const { proxy } of lines.values()) void proxy.then((each) => each.retarget(target))
    },
    async close() {
      clearInterval(sweep)
      await Promise.all(Array.from(lines.values(), end))
    },
  }
}
