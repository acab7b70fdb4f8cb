import { byId, make, setText } from '../../page/dom.ts'
import type { Mirror } from './mirror.ts'
import { money } from './money.ts'
import { shares } from './shares.ts'

const change = (from: number, to: number): string => {
  const percent = ((to - from) / from) * 100
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(2)} %`
}

/** Every share with its price; one of them is chosen. */
export const createWatchList = (chosen: (symbol: string) => void) => {
  const rows = shares.map(({ symbol, name }) => {
    const price = make('span', 'price', '–')
    const day = make('span', 'change', '–')
    const button = make('button', 'share', make('span', 'symbol', symbol), price, make('span', 'company', name), day)
    button.type = 'button'
    button.addEventListener('click', () => {
      choose(symbol)
      chosen(symbol)
    })
    return { symbol, price, day, button }
  })
  const choose = (symbol: string): void => {
    for (const row of rows) row.button.ariaPressed = String(row.symbol === symbol)
  }
  byId('watch-list').replaceChildren(...rows.map(({ button }) => make('li', '', button)))
  return {
    choose,
    show({ quotes }: Mirror) {
      for (const { symbol, price, day } of rows) {
        const quote = quotes.get(symbol)
        if (!quote) continue
        const middle = (quote.bid + quote.ask) / 2
        setText(price, money(middle))
        setText(day, change(quote.open, middle))
        day.classList.toggle('falls', middle < quote.open)
      }
    },
  }
}
