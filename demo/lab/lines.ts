import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Blockade } from '../../test/tools/http-faults.ts'
import { type Line, createExchangeLine, createSocketLine } from './line.ts'

/**
 * The lines between pages and the chat server: what is broken here breaks the way networks break, and neither Holdfast's
 * client nor its server is told. A page is named by the `page` in its URL.
 */
export interface Lines {
  /** Takes a WebSocket request through to the chat server, unless something is in its way. */
  carry(request: IncomingMessage, client: Duplex, head: Buffer): void
  /** The same with any other request. */
  forward(request: IncomingMessage, response: ServerResponse): void
  /** Resets a page's connections and every new one, until `mend`. */
  cut(page: string): Promise<void>
  mend(page: string): void
  /** For so long nothing gets through either way, and neither end is told: bytes and new connections wait, as in a tunnel. */
  stall(page: string, milliseconds: number): void
  /** Ends a page's WebSockets, and breaks those to come in this way; with undefined, in none any more. */
  block(page: string, blockade: Blockade | undefined): Promise<void>
  /** Ends a page's HTTP exchanges, and lets the answers of those to come through only when they are complete, or as they come. */
  gather(page: string, on: boolean): Promise<void>
}

interface Page {
  readonly sockets: Set<Line>
  readonly exchanges: Set<Line>
  isCut: boolean
  stalled: NodeJS.Timeout | undefined
  blockade: Blockade | undefined
  gathers: boolean
}

const resetAll = async (lines: Iterable<Line>): Promise<void> => {
  await Promise.all(Array.from(lines, (line) => line.reset()))
}

/** `port` tells where the chat server listens; undefined while it is down, and a connection then fails as it should. */
export const createLines = (port: () => number | undefined): Lines => {
  const pages = new Map<string, Page>()
  const pageOf = (name: string): Page => {
    const known = pages.get(name)
    if (known) return known
    const page: Page = {
      sockets: new Set(),
      exchanges: new Set(),
      isCut: false,
      stalled: undefined,
      blockade: undefined,
      gathers: false,
    }
    pages.set(name, page)
    return page
  }
  const pageBehind = ({ url }: IncomingMessage): Page =>
    pageOf(new URL(url ?? '/', 'http://localhost').searchParams.get('page') ?? '')
  const hold = ({ sockets, exchanges }: Page, on: boolean): void => {
    for (const line of [...sockets, ...exchanges]) line.hold(on)
  }
  return {
    carry(request, duplex, head) {
      const client = duplex as Socket
      const { isCut, stalled, blockade, sockets } = pageBehind(request)
      const target = port()
      if (isCut || target === undefined) return void client.resetAndDestroy()
      const line = createSocketLine(request, client, head, { port: target, held: stalled !== undefined, blockade })
      sockets.add(line)
      client.once('close', () => sockets.delete(line))
    },
    forward(request, response) {
      const { isCut, stalled, gathers, exchanges } = pageBehind(request)
      const target = port()
      if (isCut || target === undefined) return void request.socket.resetAndDestroy()
      const line = createExchangeLine(request, response, { port: target, held: stalled !== undefined, gathers })
      exchanges.add(line)
      response.once('close', () => exchanges.delete(line))
    },
    cut(name) {
      const page = pageOf(name)
      page.isCut = true
      return resetAll([...page.sockets, ...page.exchanges])
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
    block(name, blockade) {
      const page = pageOf(name)
      page.blockade = blockade
      return resetAll(page.sockets)
    },
    gather(name, on) {
      const page = pageOf(name)
      page.gathers = on
      return resetAll(page.exchanges)
    },
  }
}
