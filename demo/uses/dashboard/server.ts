import * as v from 'valibot'
import type { App, AppContext } from '../app.ts'
import type { Dashboard, Sample } from './contract.ts'
import { openHistory } from './history.ts'
import { measureLateness } from './lateness.ts'

/** Milliseconds between two samples, and how many are kept. */
const EVERY = 1_000
const KEPT = 300

const countSessions = (servers: AppContext['servers']): Pick<Sample, 'sessions' | 'carriers'> => {
  const carriers = { websocket: 0, 'http-stream': 0, 'long-polling': 0, away: 0 }
  for (const { sessions } of servers.values()) for (const { transport } of sessions) carriers[transport ?? 'away']++
  return { carriers, sessions: Object.fromEntries([...servers].map(([name, { sessions }]) => [name, sessions.size])) }
}

/** Messages a second since it was asked last. */
const createRate = (count: () => number | null): (() => number | null) => {
  let before = count() ?? 0
  let at = performance.now()
  return () => {
    const [now, then] = [count(), at]
    if (now === null) return null
    const rate = ((now - before) * 1_000) / Math.max(1, performance.now() - then)
    before = now
    at = performance.now()
    return Math.round(rate)
  }
}

export const dashboard: App<Dashboard> = {
  schema: { metrics: v.object({ since: v.pipe(v.number(), v.minValue(0)) }) },
  serve(server, { database, servers, vitals }) {
    const history = openHistory<Sample>(database, KEPT)
    const lateness = measureLateness()
    const rate = createRate(() => vitals.messages())
    const measure = (): void =>
      history.add({
        at: Date.now(),
        cpu: vitals.cpu(),
        memory: vitals.memory(),
        delay: lateness.worst(),
        messages: rate(),
        ...countSessions(servers),
      })
    const timer = setInterval(measure, EVERY)

    server.on('session', (session) => {
      session.handleStream('metrics', async function* ({ since }, { signal }) {
        let newest = since
        while (!signal.aborted) {
          // However long a page was slow or away: the next item has all that it missed, and never more than is kept.
          const samples = history.since(newest)
          newest = samples.at(-1)?.at ?? newest
          if (samples.length > 0) {
            yield samples
            // One item at a time: the next when the page has this one.
            await session.flush().catch(() => {})
          }
          if (history.since(newest).length === 0) await history.next()
        }
      })
    })
    return () => {
      clearInterval(timer)
      lateness.end()
    }
  },
}
