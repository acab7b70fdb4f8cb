import { HoldfastError } from 'holdfast'
import { byId, setText } from '../../page/dom.ts'
import { follow } from '../../page/follow.ts'
import { createLineChart } from '../../page/line-chart.ts'
import { openShell } from '../../page/shell.ts'
import { createAccountView } from './account-view.ts'
import { createAuditView } from './audit-view.ts'
import { recount } from './audit.ts'
import { createBlotter, fateOf } from './blotter.ts'
import { createBookView } from './book-view.ts'
import type { Account, Trading } from './contract.ts'
import { blank, reflect } from './mirror.ts'
import { money } from './money.ts'
import { createOwnOrders } from './own-orders.ts'
import { shares } from './shares.ts'
import { createTicket } from './ticket.ts'
import { createTrader } from './trader.ts'
import { createWatchList } from './watch-list.ts'

/** Milliseconds between two recounts while nothing happens. */
const RECOUNT = 3_000

let chosen = shares[0]!
let mirror = blank
let account: Account | undefined
let choosing = new AbortController()

const watchList = createWatchList((symbol) => choose(symbol))
const showBook = createBookView()
const showAccount = createAccountView()
const showAudit = createAuditView()
const chart = createLineChart(byId('price-chart', HTMLCanvasElement), {
  label: 'Price',
  series: [{ name: 'Price', color: '--accent' }],
  format: money,
  span: 120_000,
  gap: 3_000,
})
watchList.choose(chosen.symbol)

const { me, connect, tell } = await openShell()
const socket = connect<Trading>('trading')
const orders = createOwnOrders(sessionStorage, `orders:${me.id}`)

const ticket = createTicket({ quote: () => mirror.quotes.get(chosen.symbol), give: (order) => trader.give(order) })
const blot = createBlotter((id) => trader.withdraw(id))
for (const own of orders.all) blot(own)
const trader = createTrader({
  socket,
  orders,
  tell,
  changed(own) {
    blot(own)
    ticket.say(fateOf(own))
    recountSoon()
  },
})

const patient = { timeout: Infinity, idempotent: true }
const report = (error: unknown): void => {
  if (!(error instanceof HoldfastError)) throw error
  tell(error.message)
}

let recounting: ReturnType<typeof setTimeout> | undefined
let isAsking = false
const recountSoon = (wait = 100): void => {
  clearTimeout(recounting)
  recounting = setTimeout(() => void audit().catch(report), wait)
}
const audit = async (): Promise<void> => {
  // One that waits for the connection answers for all that would.
  if (isAsking) return
  isAsking = true
  const ledger = await socket.request('audit', undefined, patient)
  isAsking = false
  showAudit(recount(orders.all, ledger))
  recountSoon(RECOUNT)
}

const take = (news: Account): void => {
  account = news
  showAccount(news, mirror)
}
/** What is held, when nobody has told: at the beginning, and after a lost session. */
const look = async (): Promise<void> => {
  const news = await socket.request('account', undefined, patient)
  const key = `ledger:${me.id}`
  if (sessionStorage.getItem(key) !== news.ledger) orders.forget()
  sessionStorage.setItem(key, news.ledger)
  take(news)
  recountSoon(0)
}
socket.on('filled', ({ outcome, account: news }) => {
  trader.settle(outcome)
  take(news)
})
socket.onLost(() => void look().catch(report))
void look().catch(report)

/** Follows the market of this share, and of no other any more. */
const choose = (symbol: string): void => {
  choosing.abort()
  choosing = new AbortController()
  const { signal } = choosing
  chosen = shares.find((share) => share.symbol === symbol) ?? chosen
  setText(byId('chosen'), `${chosen.symbol} · ${chosen.name}`)
  void follow({
    signal,
    open() {
      // A new stream begins with all of it.
      mirror = { ...blank, quotes: mirror.quotes }
      return socket.stream('market', { symbol }, { signal })
    },
    take(update) {
      mirror = reflect(mirror, update)
      watchList.show(mirror)
      showBook(mirror)
      if (account) showAccount(account, mirror)
      if (update.prices.length > 0) chart.set(mirror.prices.map(([at, price]) => ({ at, values: [price] })))
      const quote = mirror.quotes.get(symbol)
      if (quote) setText(byId('price-now'), money((quote.bid + quote.ask) / 2))
    },
  })
}
choose(chosen.symbol)
