import { type IncomingMessage, type ServerResponse, request as httpRequest } from 'node:http'
import { type Socket, connect } from 'node:net'
import { type Duplex, Transform } from 'node:stream'
import { type Blockade, HttpFaults } from '../../test/tools/http-faults.ts'
import { type Filter, HttpMiddlebox } from '../../test/tools/http-middlebox.ts'

/** What goes by between a page and the chat server: a WebSocket, or one HTTP exchange. */
export interface Line {
  /** Breaks it; tells neither end why. Resolves when it is gone. */
  reset(): Promise<void>
  /** Stops or goes on reading on both ends; what is not read here is not acknowledged and not lost. */
  hold(on: boolean): void
}

interface LineOptions {
  /** Where the chat server listens. */
  readonly port: number
  /** Begins held. */
  readonly held: boolean
}

/** The request as it came, so that the chat server sees the page's own words. */
const headOf = ({ method, url, rawHeaders }: IncomingMessage): string => {
  const headers = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
  return `${String(method)} ${String(url)} HTTP/1.1\r\n${headers}\r\n`
}

const closing = (stream: Duplex | ServerResponse): Promise<void> =>
  new Promise((resolve) => void stream.once('close', resolve))

const through = ({ pass }: Filter): Transform =>
  new Transform({ transform: (chunk: Buffer, _encoding, done) => done(null, pass(chunk).bytes) })

/** A WebSocket as bare TCP, behind a middlebox that may block it. */
export const createSocketLine = (
  request: IncomingMessage,
  client: Socket,
  rest: Buffer,
  { port, held, blockade }: LineOptions & { readonly blockade: Blockade | undefined },
): Line => {
  const server = connect({ port, host: '127.0.0.1', noDelay: true })
  const ends = [client, server] as const
  client.setNoDelay(true)
  const closed = closing(client)
  const cut = (): void => {
    for (const end of ends) if (!end.destroyed) end.resetAndDestroy()
  }
  const faults = new HttpFaults()
  faults.blockade = blockade
  const middlebox = new HttpMiddlebox(1, faults, { answer: (bytes) => void client.end(bytes), cut })
  const up = through(middlebox.up)
  const down = through(middlebox.down)
  up.pipe(server)
  down.pipe(client)
  up.write(Buffer.concat([Buffer.from(headOf(request), 'latin1'), rest]))
  for (const end of ends) end.on('error', cut)
  client.once('close', () => {
    middlebox.stop()
    server.destroy()
  })
  server.once('close', () => client.destroySoon())
  const line: Line = {
    reset() {
      cut()
      return closed
    },
    hold(on) {
      if (on) return ends.forEach((end) => end.unpipe().pause())
      client.pipe(up)
      server.pipe(down)
    },
  }
  line.hold(held)
  return line
}

/** Keeps everything until it is complete, as proxies do that gather answers. */
const gatherer = (): Transform => {
  const chunks: Buffer[] = []
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
    flush: (done) => done(null, Buffer.concat(chunks)),
  })
}

/** An HTTP exchange, handed on part by part, or gathered. */
export const createExchangeLine = (
  request: IncomingMessage,
  response: ServerResponse,
  { port, held, gathers }: LineOptions & { readonly gathers: boolean },
): Line => {
  const { method, url, headers } = request
  const upstream = httpRequest({ port, host: '127.0.0.1', method, path: url, headers })
  const closed = closing(response)
  const sink = gathers ? gatherer() : response
  if (sink !== response) sink.pipe(response)
  let answer: IncomingMessage | undefined
  let isHeld = held
  const cut = (): void => {
    upstream.destroy()
    request.socket.resetAndDestroy()
  }
  upstream.on('error', cut)
  upstream.on('response', (incoming) => {
    answer = incoming
    answer.on('error', cut)
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    if (!isHeld) answer.pipe(sink)
  })
  response.once('close', () => upstream.destroy())
  const line: Line = {
    reset() {
      cut()
      return closed
    },
    hold(on) {
      isHeld = on
      if (on) {
        for (const stream of [request, answer]) stream?.unpipe().pause()
        return
      }
      request.pipe(upstream)
      answer?.pipe(sink)
    },
  }
  line.hold(held)
  return line
}
