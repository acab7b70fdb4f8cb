import type { Order, Outcome } from './contract.ts'

/** An order that this tab gave, and what the page knows of it. */
export interface OwnOrder {
  readonly order: Order
  readonly at: number
  readonly state:
    | 'waiting' /** It has not left the page. */
    | 'sent'
    | 'withdrawing' /** It had left: the exchange decides which was first. */
    | 'withdrawn'
    | 'filled'
    | 'refused'
  readonly outcome?: Outcome
  /** Why it was refused, in words. */
  readonly reason?: string
}

export const isOpen = ({ state }: OwnOrder): boolean => ['waiting', 'sent', 'withdrawing'].includes(state)

/** Those that are settled and still shown, and audited. */
const SETTLED = 300

/** The part of `sessionStorage` that it takes. */
type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>

/**
 * Written down before they leave the page: what is open when it is reloaded, the next page asks again, by the same id.
 */
export const createOwnOrders = (storage: Storage, key: string) => {
  const orders = new Map(
    (JSON.parse(storage.getItem(key) ?? '[]') as OwnOrder[]).map((own) => [own.order.id, own] as const),
  )
  const write = (): void => {
    const settled = [...orders.values()].filter((own) => !isOpen(own))
    for (const { order } of settled.slice(0, Math.max(0, settled.length - SETTLED))) orders.delete(order.id)
    storage.setItem(key, JSON.stringify([...orders.values()]))
  }
  return {
    /** In the order in which they were given. */
    get all(): readonly OwnOrder[] {
      return [...orders.values()]
    },
    get: (id: string): OwnOrder | undefined => orders.get(id),
    /** Those that are settled say nothing any more. */
    forget(): void {
      for (const own of orders.values()) if (!isOpen(own)) orders.delete(own.order.id)
      write()
    },
    set(own: OwnOrder): void {
      orders.set(own.order.id, own)
      write()
    },
  }
}

export type OwnOrders = ReturnType<typeof createOwnOrders>
