import { byId, make, setText } from '../../page/dom.ts'
import { DEPTH } from './book.ts'
import type { Level } from './contract.ts'
import type { Mirror } from './mirror.ts'
import { money } from './money.ts'

/** Trades that are shown. */
const TRADES = 5

const createRows = (body: HTMLElement, kind: 'bid' | 'ask') => {
  const rows = Array.from({ length: DEPTH }, () => {
    const price = make('td', 'price', '–')
    const quantity = make('td', 'quantity', '–')
    const row = make('tr', kind, price, quantity)
    return { row, price, quantity }
  })
  body.append(...rows.map(({ row }) => row))
  return (levels: readonly (Level | undefined)[], most: number): void => {
    for (const [index, { row, price, quantity }] of rows.entries()) {
      const level = levels[index]
      setText(price, level ? money(level[0]) : '–')
      setText(quantity, level ? String(level[1]) : '–')
      row.style.setProperty('--depth', String(level ? level[1] / most : 0))
    }
  }
}

/** The book: ten levels each way, the best next to the spread, and the last trades. Every row has its place from the beginning. */
export const createBookView = () => {
  const showAsks = createRows(byId('asks'), 'ask')
  const showBids = createRows(byId('bids'), 'bid')
  const spread = byId('spread')
  const trades = Array.from({ length: TRADES }, () => {
    const cells = [make('td', 'time', '–'), make('td', 'price', '–'), make('td', 'quantity', '–')] as const
    return { row: make('tr', '', ...cells), cells }
  })
  byId('trades').append(...trades.map(({ row }) => row))

  return ({ bids, asks, trades: made }: Mirror): void => {
    const most = Math.max(1, ...[...bids, ...asks].map(([, quantity]) => quantity))
    showAsks(
      Array.from({ length: DEPTH }, (_, index) => asks[DEPTH - 1 - index]),
      most,
    )
    showBids(bids, most)
    const [bid, ask] = [bids[0]?.[0], asks[0]?.[0]]
    setText(spread, bid === undefined || ask === undefined ? '–' : money(ask - bid))
    for (const [index, { row, cells }] of trades.entries()) {
      const trade = made[index]
      row.className = trade ? (trade.side === 'buy' ? 'bid' : 'ask') : ''
      setText(cells[0], trade ? new Date(trade.at).toLocaleTimeString([], { hourCycle: 'h23' }) : '–')
      setText(cells[1], trade ? money(trade.price) : '–')
      setText(cells[2], trade ? `${trade.side === 'buy' ? '+' : '−'}${trade.quantity}` : '–')
    }
  }
}
