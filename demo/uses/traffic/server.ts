import * as v from 'valibot'
import type { App } from '../app.ts'
import { PACE, type Traffic } from './contract.ts'
import { openLedger } from './ledger.ts'

export const traffic: App<Traffic> = {
  schema: { count: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) },
  options: { keep: 120_000 },
  serve(server, { database }) {
    const ledger = openLedger(database)
    const timers = new Set<ReturnType<typeof setInterval>>()
    server.on('session', (session) => {
      const { page } = session.identity
      session.on('count', (number) => ledger.hear(page, 'holdfast', number))
      const timer = setInterval(() => session.send('count', ledger.say(page, 'holdfast')), PACE)
      timers.add(timer)
      session.onEnd(() => {
        clearInterval(timer)
        timers.delete(timer)
      })
    })
    return () => {
      for (const timer of timers) clearInterval(timer)
    }
  },
}
