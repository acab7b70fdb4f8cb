import { byId, make, setText } from '../../page/dom.ts'
import type { Account } from './contract.ts'
import type { Mirror } from './mirror.ts'
import { money } from './money.ts'
import { shares } from './shares.ts'

/** Cash, and what is held, at what it would bring now. Every share has its row, so nothing moves when one is bought. */
export const createAccountView = () => {
  const cash = byId('cash')
  const worth = byId('worth')
  const rows = shares.map(({ symbol }) => {
    const head = make('th', '', symbol)
    head.scope = 'row'
    const held = make('td', 'quantity', '0')
    const value = make('td', 'value', '–')
    return { symbol, row: make('tr', '', head, held, value), held, value }
  })
  byId('positions').append(...rows.map(({ row }) => row))
  return ({ cash: left, positions }: Account, { quotes }: Mirror): void => {
    let total = left
    for (const { symbol, row, held, value } of rows) {
      const quantity = positions[symbol] ?? 0
      const bid = quotes.get(symbol)?.bid ?? 0
      total += quantity * bid
      row.classList.toggle('none', quantity === 0)
      setText(held, String(quantity))
      setText(value, quantity === 0 ? '–' : money(quantity * bid))
    }
    setText(cash, money(left))
    setText(worth, money(total))
  }
}
