import { sizeOf } from '../kernel/size.ts'
import type { Answer } from '../server/exchange.ts'
import type { PostEvents } from '../transports/post.ts'
import { speak } from './answer.ts'
import type { ClockView } from './view.ts'
import type { Fate } from './fate.ts'
import type { Host, VirtualRequest } from './host.ts'
import { createLine, type Link, type Surroundings } from './link.ts'
import type { SeededRandom } from './random.ts'
import { type Served, serve } from './serve.ts'

/** One exchange, as its client sees it. */
export interface Posted {
  readonly request: VirtualRequest
  readonly body: string
  readonly events: PostEvents
  /** Whether others go first where connections are few. */
  readonly yields: boolean
  /** Whether it goes on when the page is gone. */
  readonly outlives: boolean
  /** What becomes of it; decided when a connection takes it. */
  readonly fate: () => Fate
  /** Nothing more is told: it was given up, or told its end. */
  isOver: boolean
}

/** What a connection needs to know. */
export interface HttpDial extends Surroundings {
  readonly random: SeededRandom
  readonly client: string
  readonly host: string
  /** Where the client's code runs. */
  readonly view: ClockView
  /** Who answers at the host just now. */
  readonly listener: () => Host | undefined
  /** The connection is free for the next exchange, or closed. */
  readonly changed: () => void
}

/** A connection of HTTP/1.1, the client's end of it: one exchange at a time. */
export interface HttpConnection {
  readonly link: Link
  /** The client's end of it is closed. */
  readonly isClosed: boolean
  /** The exchange on it. */
  readonly current: Posted | undefined
  /** Takes an exchange; the first one opens the connection. */
  carry(posted: Posted): void
  /** Closes it, with the exchange on it. What left before still arrives. */
  close(): void
}

/** Bytes of a usual request's headers. */
const REQUEST_HEAD = 450
/** What the kernel has taken over still leaves when the client closes. */
const SEND_WINDOW = 64 * 1024

/** A connection that is about to be opened. */
export const createHttpConnection = (options: HttpDial): HttpConnection => {
  const { clock, view, random, conditions } = options
  let current: Posted | undefined
  let isConnected = false
  let isClosed = false
  /** The server's end: closed, and what it is at. */
  let isGone = false
  let served: Served | undefined
  let disarm = (): void => {}

  const { up, down, faults, note } = createLine(options, {
    client: () => hearClose(),
    server: () => leave(),
  })

  const finish = (status: number, body = '', retryAfter?: number): void => {
    const posted = current
    current = undefined
    if (posted)
      view.enter(() => {
        if (posted.isOver) return
        posted.isOver = true
        note('client is answered', `${status} ${body}`.trimEnd())
        posted.events.done(status, body, retryAfter)
      })
    options.changed()
  }

  const hearClose = (): void => {
    if (isClosed) return
    isClosed = true
    note('client hears close')
    finish(0)
  }

  /** The server's end closes: who still answers there is told. */
  const leave = (): void => {
    if (isGone) return
    isGone = true
    disarm()
    served?.abandon()
  }

  const reset = (): void => {
    isGone = true
    disarm()
    down.write(0, hearClose)
  }

  /** Says an answer of whoever has it: the server, or a proxy. */
  const speakTo = (posted: Posted, retryAfter?: number): Answer => {
    let body = ''
    const isHeard = (): boolean => !isClosed && current === posted
    return speak(down, random, {
      text: (status, part) => {
        if (!isHeard()) return
        if (status !== 200) {
          body += part
          return
        }
        view.enter(() => {
          if (posted.isOver) return
          note('client gets', part)
          posted.events.text(part)
        })
      },
      end: (status) => {
        if (isHeard()) finish(status, body, retryAfter)
      },
    })
  }

  /** What is asked too rarely is closed; a request that is under way by then is lost. */
  const keepAlive = (): void => {
    if (!Number.isFinite(conditions.keepAlive)) return
    disarm = clock.after(conditions.keepAlive, () => {
      note('server closes')
      reset()
    })
  }

  const arrive = (posted: Posted, fate: Fate): void => {
    if (isGone) return
    served = serve({
      request: posted.request,
      body: posted.body,
      fate,
      clock,
      note,
      cut: () => faults.cut(),
      reset,
      speak: (retryAfter) => speakTo(posted, retryAfter),
      listener: options.listener,
      isGone: () => isGone,
      ended: keepAlive,
    })
  }

  const ask = (posted: Posted, fate: Fate): void => {
    if (view.stopped && !posted.outlives) return connection.close()
    note('client posts', posted.body)
    // The first of it keeps the connection alive, however long the rest takes.
    up.write(REQUEST_HEAD, () => disarm())
    up.write(sizeOf(posted.body), () => arrive(posted, fate))
  }

  /** One round trip of TCP. */
  const open = (posted: Posted, fate: Fate): void =>
    up.write(0, () => {
      if (!options.listener() || fate === 'refuse') return reset()
      down.write(0, () => {
        isConnected = true
        if (!isClosed) ask(posted, fate)
      })
    })

  const isThere = (): boolean => !isClosed && !view.stopped

  const link: Link = {
    id: options.id,
    protocol: 'http',
    client: options.client,
    host: options.host,
    get held() {
      return isThere() && current !== undefined
    },
    get over() {
      if (isThere()) return false
      const isAsked = served !== undefined && !served.isEnded
      // A request may still be under way though the client gave up.
      return isGone || (!isAsked && (up.vanished || up.unarrived === 0))
    },
    ...faults,
  }

  const connection: HttpConnection = {
    link,
    get isClosed() {
      return isClosed
    },
    get current() {
      return current
    },
    carry: (posted) => {
      current = posted
      const fate = posted.fate()
      if (fate !== 'open') note('meets', fate)
      if (fate === 'hang') faults.halfOpen()
      if (isConnected) ask(posted, fate)
      else open(posted, fate)
    },
    close: () => {
      if (isClosed) return
      isClosed = true
      note('client closes')
      current = undefined
      if (up.unarrived > SEND_WINDOW) up.end(leave)
      else up.write(0, leave)
      options.changed()
    },
  }
  note('client connects', 'http')
  return connection
}
