/** The exchange: what an application writes whose orders must be carried out exactly once, whatever breaks. */
import { RequestError } from 'holdfast'
import * as v from 'valibot'
import type { App } from '../app.ts'
import { type Trading, refusals } from './contract.ts'
import { openExchange } from './exchange.ts'
import { STEP, createMarket } from './market.ts'
import { createView } from './view.ts'

const id = v.pipe(v.string(), v.minLength(8), v.maxLength(64))
const symbol = v.pipe(v.string(), v.maxLength(12))

/** Resolves when the time is up, or nobody waits for it any more. */
const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
  })

export const trading: App<Trading> = {
  schema: {
    order: v.object({ id, symbol, side: v.picklist(['buy', 'sell']), quantity: v.number(), limit: v.number() }),
    withdraw: v.object({ id }),
    market: v.object({ symbol }),
  },
  serve(server, { database }) {
    const market = createMarket()
    const exchange = openExchange(database, market)

    server.on('session', (session) => {
      const person = session.identity.id
      session.join(person)
      session.handle('order', (order) => {
        // Carried out and kept when this returns. If the answer is lost, the page asks again, and the id tells that it is done.
        const outcome = exchange.order(person, order)
        server.to(person).send('filled', { outcome, account: exchange.account(person) })
        return outcome
      })
      session.handle('withdraw', (order) => exchange.withdraw(person, order.id))
      session.handle('account', () => exchange.account(person))
      session.handle('audit', () => exchange.audit(person))

      session.handleStream('market', async function* ({ symbol }, { signal }) {
        const listing = market.of(symbol)
        if (!listing) throw new RequestError('unknown-symbol', refusals['unknown-symbol'])
        const changes = createView(market, listing)
        while (!signal.aborted) {
          yield changes()
          // One item at a time: the next when the page has this one, and then with what is newest. So nothing piles up for a page that
          // is slow, or away. A session that has ended has aborted its streams.
          await Promise.all([session.flush().catch(() => {}), pause(STEP, signal)])
        }
      })
    })
    return () => {}
  },
}
