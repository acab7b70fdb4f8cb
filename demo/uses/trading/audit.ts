import type { Ledger } from './contract.ts'
import type { OwnOrder } from './own-orders.ts'

/** What a recount found. All but `orders` and `repeated` has to be zero. */
export interface Finding {
  /** Orders that this tab gave and the exchange answered. */
  readonly orders: number
  /** Times that the exchange was asked for one again, and knew it. */
  readonly repeated: number
  /** Orders of which less is in the ledger than the page was told. */
  readonly lost: number
  /** Orders of which there is more. */
  readonly doubled: number
  /** Cents by which the balance differs from the ledger's sum, and the ledger from what the page was told. */
  readonly off: number
  /** Shares by which positions differ from the ledger's sum. */
  readonly misplaced: number
}

/** Counts again: what this tab knows of its orders, against the ledger; and the ledger's sum against the balance. */
export const recount = (own: readonly OwnOrder[], ledger: Ledger): Finding => {
  const booked = new Map(ledger.orders.map((order) => [order.id, order]))
  let [lost, doubled, off] = [0, 0, Math.abs(ledger.cash - ledger.start - ledger.entries)]
  const settled = own.filter(({ state }) => state === 'filled' || state === 'withdrawn' || state === 'refused')
  for (const { order, outcome } of settled) {
    const { shares, cents } = booked.get(order.id) ?? { shares: 0, cents: 0 }
    const expected = outcome?.filled ?? 0
    if (Math.abs(shares) < expected) lost++
    if (Math.abs(shares) > expected) doubled++
    off += Math.abs(Math.abs(cents) - (outcome?.amount ?? 0))
  }
  return { orders: settled.length, repeated: ledger.repeated, lost, doubled, off, misplaced: ledger.misplaced }
}

export const isRight = ({ lost, doubled, off, misplaced }: Finding): boolean =>
  lost === 0 && doubled === 0 && off === 0 && misplaced === 0
