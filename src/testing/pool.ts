import { createHttpConnection, type HttpConnection, type HttpDial, type Posted } from './http.ts'
import type { Link } from './link.ts'

/** A client's HTTP connections to one host. */
export interface Pool {
  /** Lets an exchange have a connection: a free one, a new one, or the first one that gets free. Returns what gives it up. */
  take(posted: Posted): () => void
  /** The page is gone: what was not to outlive it is given up. */
  abandon(): void
}

/** What a pool needs to know. */
interface PoolOptions extends Omit<HttpDial, 'id' | 'changed'> {
  /** Names the next connection. */
  readonly name: () => string
  /** A connection was opened. */
  readonly opened: (link: Link) => void
}

/** A pool without connections. As in browsers over HTTP/1.1, there is a most of them, and they are kept for what follows. */
export const createPool = (options: PoolOptions): Pool => {
  const { conditions, view, name, opened } = options
  let connections: HttpConnection[] = []
  let waiting: Posted[] = []

  const open = (): HttpConnection => {
    const connection = createHttpConnection({ ...options, id: name(), changed: allot })
    connections.push(connection)
    opened(connection.link)
    return connection
  }

  const allot = (): void => {
    connections = connections.filter((connection) => !connection.isClosed)
    waiting = waiting.filter(({ isOver, outlives }) => !isOver && (outlives || !view.stopped))
    for (;;) {
      // The one that was used last is the likeliest to be alive.
      const free = connections.findLast(({ current }) => !current)
      if (!waiting[0] || (!free && connections.length >= conditions.connections)) return
      const first = waiting.findIndex(({ yields }) => !yields)
      const [posted] = waiting.splice(Math.max(0, first), 1) as [Posted]
      const connection = free ?? open()
      connection.carry(posted)
    }
  }

  return {
    abandon: () => {
      for (const connection of connections) if (!connection.current?.outlives) connection.close()
      allot()
    },
    take: (posted) => {
      waiting.push(posted)
      allot()
      return () => {
        if (posted.isOver) return
        posted.isOver = true
        connections.find(({ current }) => current === posted)?.close()
      }
    },
  }
}
