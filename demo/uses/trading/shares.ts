/** What is traded: invented, all of it. */
export interface Share {
  readonly symbol: string
  readonly name: string
  /** Cents that its price is never far from. */
  readonly anchor: number
  /** Cents between two prices. */
  readonly tick: number
}

export const shares: readonly Share[] = [
  { symbol: 'BARQ', name: 'Barque Shipping', anchor: 18_240, tick: 2 },
  { symbol: 'CAPS', name: 'Capstan Works', anchor: 4_715, tick: 1 },
  { symbol: 'FATH', name: 'Fathom Research', anchor: 31_890, tick: 5 },
  { symbol: 'KEEL', name: 'Keel & Sons', anchor: 9_630, tick: 1 },
  { symbol: 'LANT', name: 'Lantern Energy', anchor: 6_255, tick: 1 },
  { symbol: 'TIDE', name: 'Tidewater Foods', anchor: 12_480, tick: 2 },
]
