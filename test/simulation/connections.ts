/** What must hold of the connections of a life, read from its trace. */
import type { Trace, TraceEvent } from 'holdfast/testing'
import { isSlow, type Plan } from './plan.ts'
import type { Report } from './violation.ts'

/** Milliseconds of a window, and the tries that a client may make in one when nobody asks it to. */
const WINDOW = 10_000
const MOST_TRIES = 14

const FAULTS = ['is cut', 'will be cut', 'stalls', 'is half open']

/** One connection, as far as its story was read. */
interface Connection {
  isWelcomed: boolean
  /** Something happened to it, or was said on it, that is reason enough to give it up. */
  isExcused: boolean
}

const says = (detail: unknown, control: string): boolean =>
  typeof detail === 'string' && detail.includes(`"${control}":{`)

/**
 * A connection with which nothing was wrong must not be given up, by neither end: a tab that wakes late, a token that comes
 * late, an answer of an earlier connection are no reasons. And tries must be spaced, whatever comes of them.
 */
export const inspectConnections = ({ events }: Trace, plan: Plan, report: Report): void => {
  const connections = new Map<string, Connection>()
  /** Tabs that were told to reconnect or close, or frozen, by their name: when last. */
  const asked = new Map<string, number>()
  const sleepers = new Set<string>()
  const tries = new Map<string, number[]>()
  let isDraining = false

  const readTry = (at: number, tab: string): void => {
    const recent = [...(tries.get(tab) ?? []), at].filter((other) => other > at - WINDOW)
    tries.set(tab, recent)
    if (recent.length > MOST_TRIES) report('spaced', `${tab} tried ${recent.length} times within ${WINDOW} ms`)
  }

  const readConnection = ([at, id, what, detail]: TraceEvent): void => {
    const [tab = id] = id.split('#', 1)
    if (what === 'client dials') {
      connections.set(id, { isWelcomed: false, isExcused: false })
      return readTry(at, tab)
    }
    const connection = connections.get(id)
    if (!connection) return undefined
    if (what === 'client gets' && says(detail, 'welcome')) connection.isWelcomed = true
    if (FAULTS.includes(what) || what.endsWith('hears close') || says(detail, 'bye')) connection.isExcused = true
    const isAsked = asked.get(tab) === at || isDraining
    if (what === 'client closes' && connection.isWelcomed && !connection.isExcused && !isAsked)
      report('sound', `${id} was given up by its client though nothing was wrong with it`)
    // A tab that sleeps is silent, and that is wrong enough for the server.
    if (what === 'server closes' && connection.isWelcomed && !connection.isExcused && !isAsked && !sleepers.has(tab))
      report('sound', `${id} was given up by the server though nothing was wrong with it`)
    if (what.endsWith(' closes')) connection.isExcused = true
    return undefined
  }

  if (isSlow(plan)) return
  for (const event of events) {
    const [at, who, what] = event
    if (who.includes('#')) readConnection(event)
    else if (what === 'reconnects' || what === 'wakes') tries.delete(who)
    if (what === 'reconnects' || what === 'freezes' || what === 'closes') asked.set(who, at)
    if (what.startsWith('sleeps')) sleepers.add(who)
    if (what === 'drains' || what === 'is killed') isDraining = true
  }
}
