/** Numbers, four a second each way: what is missing or doubled of them, anybody can see. */
export interface Traffic {
  toServer: { count: number }
  toClient: { count: number }
}

/** Who carries the same numbers in the same page: Holdfast, a bare WebSocket, and one that reconnects. */
export const lanes = ['holdfast', 'websocket', 'reconnecting'] as const
export type Lane = (typeof lanes)[number]

/** Milliseconds between two numbers. */
export const PACE = 250

/** What one end heard of the numbers that the other said. */
export interface Heard {
  /** Different numbers. */
  readonly delivered: number
  /** Times that one came again. */
  readonly doubled: number
  /** The highest one: nothing overtakes on a connection, so what is missing below it never comes. */
  readonly newest: number
}

/** The server's side of it. */
export interface Tally extends Heard {
  /** The last number that it said to the page. */
  readonly said: number
}
