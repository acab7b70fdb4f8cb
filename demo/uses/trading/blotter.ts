import { byId, make, setText } from '../../page/dom.ts'
import { money } from './money.ts'
import { type OwnOrder, isOpen } from './own-orders.ts'

/** Orders that are shown, newest first. */
const SHOWN = 60

const inWords = ({ order: { side, quantity, symbol, limit } }: OwnOrder): string =>
  `${side === 'buy' ? 'Buy' : 'Sell'} ${quantity} ${symbol} at ${money(limit)}`

const done = { buy: 'Bought', sell: 'Sold' }

/** What became of it. */
export const fateOf = ({ state, outcome, reason, order }: OwnOrder): string => {
  switch (state) {
    case 'waiting':
      return 'Waits for the connection'
    case 'sent':
      return 'Sent'
    case 'withdrawing':
      return 'Being withdrawn'
    case 'withdrawn':
      return 'Withdrawn'
    case 'refused':
      return `Refused: ${reason ?? ''}`
    case 'filled': {
      if (!outcome?.filled) return 'Nobody at that price'
      const part = outcome.filled < order.quantity ? ` of ${order.quantity}` : ''
      return `${done[order.side]} ${outcome.filled}${part} for ${money(outcome.amount)}`
    }
  }
}

/** The orders of this tab. */
export const createBlotter = (withdraw: (id: string) => void) => {
  const body = byId('blotter')
  const empty = byId('no-orders')
  const rows = new Map<
    string,
    { readonly row: HTMLElement; readonly fate: HTMLElement; readonly button: HTMLElement }
  >()

  const render = (own: OwnOrder) => {
    const fate = make('td', 'fate')
    const button = make('button', 'quiet small', 'Withdraw')
    button.type = 'button'
    button.ariaLabel = `Withdraw: ${inWords(own)}`
    button.addEventListener('click', () => withdraw(own.order.id))
    const time = make('td', 'time', new Date(own.at).toLocaleTimeString([], { hourCycle: 'h23' }))
    const row = make('tr', '', time, make('td', 'words', inWords(own)), fate, make('td', 'action', button))
    return { row, fate, button }
  }
  return (own: OwnOrder): void => {
    const { id } = own.order
    const shown = rows.get(id) ?? render(own)
    if (!rows.has(id)) {
      rows.set(id, shown)
      body.prepend(shown.row)
      const [oldest] = rows
      if (rows.size > SHOWN && oldest) {
        oldest[1].row.remove()
        rows.delete(oldest[0])
      }
    }
    empty.hidden = true
    shown.row.dataset['state'] = own.state
    setText(shown.fate, fateOf(own))
    // Hidden without giving up its place.
    shown.button.style.visibility = isOpen(own) && own.state !== 'withdrawing' ? 'visible' : 'hidden'
  }
}
