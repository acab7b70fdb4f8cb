/** The lab's server says the same at the same moment to all that listen: sessions hear it, and plain polling finds it. */
import * as v from 'valibot'
import type { App } from '../app.ts'
import { type Lab, POLL, type Run, rates, sizes } from './contract.ts'
import { preciseTime, writeMessage } from './message.ts'

/** Messages that wait for a page that polls: what it fetches too late is gone. */
const KEPT = 400

const run = v.nullable(
  v.object({
    rate: v.picklist(rates),
    size: v.picklist(sizes),
    first: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    epoch: v.number(),
  }),
)

/** What is said to one page. */
interface Talk {
  timer: ReturnType<typeof setInterval> | undefined
  /** The last number that was said. */
  last: number
  /** The newest messages, whose numbers end with that. */
  readonly kept: string[]
}

export const lab: App<Lab> = {
  schema: { run },
  serve(server, { get }) {
    const talks = new Map<string, Talk>()
    const say = (page: string, talk: Talk, { size, epoch }: Run): void => {
      const text = writeMessage({ number: ++talk.last, at: preciseTime() - epoch }, size)
      server.to(page).send('said', text)
      talk.kept.push(text)
      if (talk.kept.length > KEPT) talk.kept.shift()
    }
    server.on('session', (session) => {
      const { page } = session.identity
      session.handle('clock', preciseTime)
      session.handle('join', () => {
        session.join(page)
        return null
      })
      session.handle('run', (run) => {
        const talk = talks.get(page) ?? { timer: undefined, last: 0, kept: [] }
        talks.set(page, talk)
        clearInterval(talk.timer)
        if (!run) return talk.last
        // A page that knows of more was here before this server was.
        talk.last = Math.max(talk.last, run.first - 1)
        talk.timer = setInterval(() => say(page, talk, run), 1_000 / run.rate)
        return talk.last
      })
      session.onEnd(() => {
        if ([...server.sessions].some(({ identity }) => identity.page === page)) return
        clearInterval(talks.get(page)?.timer)
        talks.delete(page)
      })
    })
    get(POLL, (query) => {
      const { kept, last } = talks.get(query.get('page') ?? '') ?? { kept: [], last: 0 }
      const missing = Math.min(kept.length, last - Number(query.get('after')))
      return missing > 0 ? kept.slice(-missing) : []
    })
    return () => {
      for (const { timer } of talks.values()) clearInterval(timer)
    }
  },
}
