/** What is compared with what, and how much of it. */

/** What carries: a bare WebSocket, `fetch` in a loop, or Holdfast with this `transport`; or another library. */
export type Side = 'raw' | 'loop' | 'websocket' | 'long-polling' | 'http' | (string & {})

/** Where the page comes from, and where its connections go: to the server itself, through a proxy, or one that delays. */
export type Place = 'near' | 'proxy' | 'far'

type Run =
  | 'up'
  | 'down'
  | 'inFlight'
  | 'sequential'
  | 'push'
  | 'flush'
  | 'heap'
  | 'wire'
  | 'millionUp'
  | 'millionAtOnce'
  | 'millionDown'

export interface Comparison {
  readonly run: Run
  /** Null where there is nothing that one would wait for. */
  readonly reference: Side | null
  readonly ours: Side
  readonly place: Place
  /** Messages or requests in one run: enough for some tenths of a second, or more where most of it is waiting. */
  readonly amount: number
  /** Runs in a round: what is easily disturbed is taken often, and each time briefly. */
  readonly repetitions: number
  /** Runs of ours that do not count. */
  readonly warmUps?: number
  /** Rounds, where more of them would tell nothing new. */
  readonly most?: number
  /** Only Chromium tells. */
  readonly onlyChromium?: true
}

const webSocket = { reference: 'raw', ours: 'websocket', place: 'near', repetitions: 1 } as const
/** Two processes and a browser on few processors: one run in three may go half as fast as the next. */
const disturbed = { ...webSocket, warmUps: 3, repetitions: 3 } as const
const polling = { reference: 'loop', ours: 'long-polling', place: 'near', repetitions: 3, warmUps: 1 } as const
const streaming = { ...polling, ours: 'http' } as const
const million = { ...webSocket, reference: null, amount: 1_000_000, most: 3 } as const
const counted = { amount: 50, repetitions: 1, most: 2, place: 'proxy' } as const

export const measures = {
  up: { ...disturbed, run: 'up', amount: 30_000 },
  down: { ...disturbed, run: 'down', amount: 30_000 },
  inFlight: { ...disturbed, run: 'inFlight', amount: 10_000 },
  sequential: { ...webSocket, run: 'sequential', amount: 1_000 },
  flush: { ...webSocket, run: 'flush', amount: 100_000, most: 3 },
  heap: { ...webSocket, run: 'heap', place: 'proxy', amount: 10_000, repetitions: 2, onlyChromium: true },
  wire: { ...counted, run: 'wire', reference: 'raw', ours: 'websocket' },
  millionUp: { ...million, run: 'millionUp' },
  millionAtOnce: { ...million, run: 'millionAtOnce' },
  millionDown: { ...million, run: 'millionDown' },
  pollingUp: { ...polling, run: 'up', amount: 60_000 },
  pollingDown: { ...polling, run: 'down', amount: 60_000 },
  streamingDown: { ...streaming, run: 'down', amount: 60_000 },
  pollingPush: { ...polling, run: 'push', reference: 'raw', place: 'far', amount: 25, repetitions: 1, warmUps: 0 },
  streamingPush: { ...streaming, run: 'push', reference: 'raw', place: 'far', amount: 25, repetitions: 1, warmUps: 0 },
  pollingWire: { ...counted, run: 'wire', reference: 'loop', ours: 'long-polling' },
  streamingWire: { ...counted, run: 'wire', reference: 'loop', ours: 'http' },
} as const satisfies Readonly<Record<string, Comparison>>

export type Measure = keyof typeof measures
export const measureNames = Object.keys(measures) as Measure[]
export const comparisonOf = (measure: Measure): Comparison => measures[measure]

/** What a page is told to do. A profile is of one side alone. */
export interface Task {
  readonly comparison: Comparison
  readonly alone?: Side
  /** Where the server listens itself. */
  readonly server: string
}

/** Requests that are under way at a time. */
export const concurrency = 100
/** Milliseconds of the round trip to a page that is far. */
export const roundTrip = 50
