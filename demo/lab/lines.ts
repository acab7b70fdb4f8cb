import type { IncomingMessage } from 'node:http'
import { type Socket, connect } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * The lines between pages and the chat server, as bare TCP: what is broken here breaks the way networks break, and neither
 * Holdfast's client nor its server is told. A page is named by the `page` in its URL.
 */
export interface Lines {
  /** Takes a WebSocket request through to the chat server, unless its page's lines are cut. */
  carry(request: IncomingMessage, client: Duplex, head: Buffer): void
  /** Resets a page's connections and every new one, until `mend`. */
  cut(page: string): void
  mend(page: string): void
  /** For so long nothing gets through either way, and neither end is told: bytes and new connections wait, as in a tunnel. */
  stall(page: string, milliseconds: number): void
}

interface Line {
  reset(): void
  /** Stops or goes on reading on both ends; what is not read here is not acknowledged and not lost. */
  hold(on: boolean): void
}

interface Page {
  readonly lines: Set<Line>
  isCut: boolean
  stalled: NodeJS.Timeout | undefined
}

/** The request as it came, so that the chat server sees the page's own words. */
const headOf = ({ method, url, rawHeaders }: IncomingMessage): string => {
  const headers = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
  return `${String(method)} ${String(url)} HTTP/1.1\r\n${headers}\r\n`
}

const createLine = (client: Socket, port: number, opening: Buffer, held: boolean, onClose: () => void): Line => {
  const server = connect({ port, host: '127.0.0.1', noDelay: true })
  const ends = [client, server] as const
  client.setNoDelay(true)
  let isOpen = false
  const line: Line = {
    reset() {
      for (const end of ends) if (!end.destroyed) end.resetAndDestroy()
    },
    hold(on) {
      if (on) return ends.forEach((end) => end.unpipe().pause())
      if (!isOpen) server.write(opening)
      isOpen = true
      client.pipe(server)
      server.pipe(client)
    },
  }
  for (const end of ends) end.on('error', line.reset)
  client.once('close', () => {
    server.destroy()
    onClose()
  })
  server.once('close', () => client.destroySoon())
  line.hold(held)
  return line
}

/** `port` tells where the chat server listens; undefined while it is down, and a connection then fails as it should. */
export const createLines = (port: () => number | undefined): Lines => {
  const pages = new Map<string, Page>()
  const pageOf = (name: string): Page => {
    const known = pages.get(name)
    if (known) return known
    const page: Page = { lines: new Set(), isCut: false, stalled: undefined }
    pages.set(name, page)
    return page
  }
  const hold = (page: Page, on: boolean): void => {
    for (const line of page.lines) line.hold(on)
  }
  return {
    carry(request, duplex, head) {
      const client = duplex as Socket
      const page = pageOf(new URL(request.url ?? '/', 'http://localhost').searchParams.get('page') ?? '')
      const target = port()
      if (page.isCut || target === undefined) return void client.resetAndDestroy()
      const opening = Buffer.concat([Buffer.from(headOf(request), 'latin1'), head])
      const line = createLine(client, target, opening, page.stalled !== undefined, () => page.lines.delete(line))
      page.lines.add(line)
    },
    cut(name) {
      const page = pageOf(name)
      page.isCut = true
      for (const line of page.lines) line.reset()
    },
    mend(name) {
      pageOf(name).isCut = false
    },
    stall(name, milliseconds) {
      const page = pageOf(name)
      clearTimeout(page.stalled)
      page.stalled = setTimeout(() => {
        page.stalled = undefined
        hold(page, false)
      }, milliseconds)
      hold(page, true)
    },
  }
}
