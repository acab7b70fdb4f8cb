import { HoldfastError, RequestError, type Socket } from 'holdfast'
import type { Order, Outcome, Trading } from './contract.ts'
import { type OwnOrder, type OwnOrders, isOpen } from './own-orders.ts'

interface TraderOptions {
  readonly socket: Socket<Trading>
  readonly orders: OwnOrders
  /** Something has become of one. */
  readonly changed: (own: OwnOrder) => void
  readonly tell: (text: string) => void
}

/** Asked for as long as it takes, and again if the session is lost: the exchange knows each by its id. */
const patient = { timeout: Infinity, idempotent: true }

/** Gives orders, each exactly once, and takes them back. */
export const createTrader = ({ socket, orders, changed, tell }: TraderOptions) => {
  const asking = new Map<string, AbortController>()

  const set = (own: OwnOrder): void => {
    orders.set(own)
    changed(own)
  }
  const settle = (outcome: Outcome): void => {
    const own = orders.get(outcome.id)
    if (own && isOpen(own)) set({ ...own, state: outcome.status, outcome })
  }
  const ask = async (id: string, question: (signal: AbortSignal) => Promise<Outcome>): Promise<void> => {
    const controller = new AbortController()
    asking.set(id, controller)
    try {
      settle(await question(controller.signal))
    } catch (error) {
      const own = orders.get(id)
      if (controller.signal.aborted || !own) return
      if (error instanceof RequestError) set({ ...own, state: 'refused', reason: error.message })
      else if (error instanceof HoldfastError) tell(`An order stays open: ${error.message}`)
      else throw error
    }
  }
  const askOrder = ({ order }: OwnOrder): void =>
    void ask(order.id, (signal) => socket.request('order', order, { ...patient, signal }))
  const askWithdrawal = ({ order: { id } }: OwnOrder): void =>
    void ask(id, (signal) => socket.request('withdraw', { id }, { ...patient, signal }))

  // What an earlier page left open may have been carried out or not: asking again is safe either way.
  for (const own of orders.all.filter(isOpen)) (own.state === 'withdrawing' ? askWithdrawal : askOrder)(own)

  // Requests leave when the socket is open, and not before.
  socket.status.subscribe(({ state }) => {
    if (state === 'open') for (const own of orders.all) if (own.state === 'waiting') set({ ...own, state: 'sent' })
  })

  return {
    give(order: Order): void {
      const own: OwnOrder = {
        order,
        at: Date.now(),
        state: socket.status.get().state === 'open' ? 'sent' : 'waiting',
      }
      // Written down first: a page that ends in between asks with this id, or not at all.
      set(own)
      askOrder(own)
    },
    withdraw(id: string): void {
      const own = orders.get(id)
      if (!own || !isOpen(own) || own.state === 'withdrawing') return
      asking.get(id)?.abort()
      if (own.state === 'waiting') return set({ ...own, state: 'withdrawn' })
      const withdrawing: OwnOrder = { ...own, state: 'withdrawing' }
      set(withdrawing)
      askWithdrawal(withdrawing)
    },
    settle,
  }
}
