import { byId, setText } from '../../page/dom.ts'
import { randomId } from '../../page/me.ts'
import type { Order, Quote, Side } from './contract.ts'
import { cents } from './money.ts'

/** How far the price may run away from an order without a limit. */
const SLACK = 0.02
/** The burst: so many orders, so many milliseconds apart. */
const BURST = 20
const APART = 150

interface TicketOptions {
  /** Of the share that is chosen; undefined before the first prices. */
  readonly quote: () => Quote | undefined
  readonly give: (order: Order) => void
}

/** The worst price for who names none. */
const anyPrice = (side: Side, { bid, ask }: Quote): number =>
  side === 'buy' ? Math.ceil(ask * (1 + SLACK)) : Math.floor(bid * (1 - SLACK))

/** Where orders are given. Whether they are good, the exchange decides. */
export const createTicket = ({ quote, give }: TicketOptions) => {
  const form = byId('ticket', HTMLFormElement)
  const quantity = byId('quantity', HTMLInputElement)
  const limit = byId('limit', HTMLInputElement)
  const word = byId('ticket-word')
  const many = byId('many')

  const order = (side: Side, shares: number, price: number | null): void => {
    const now = quote()
    if (!now) return setText(word, 'There is no price yet.')
    give({ id: randomId(), symbol: now.symbol, side, quantity: shares, limit: price ?? anyPrice(side, now) })
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const price = limit.value.trim() === '' ? null : (cents(limit.value) ?? 0)
    const shares = Number(quantity.value)
    order(event.submitter?.id === 'sell' ? 'sell' : 'buy', Number.isNaN(shares) ? 0 : shares, price)
  })

  many.addEventListener('click', () => {
    if (many.ariaBusy === 'true') return
    many.ariaBusy = 'true'
    let left = BURST
    // Two bought for one sold: what is sold is held, mostly.
    const timer = setInterval(() => {
      order(left % 3 === 0 ? 'sell' : 'buy', 1 + (left % 4), null)
      setText(many, `${--left} to go`)
      if (left > 0) return
      clearInterval(timer)
      many.ariaBusy = 'false'
      setText(many, `Place ${BURST} orders`)
    }, APART)
  })

  return { say: (text: string): void => setText(word, text) }
}
