/** The ways in which the same messages travel, side by side. */
export const laneNames = ['polling', 'long-polling', 'streaming', 'websocket'] as const
export type LaneName = (typeof laneNames)[number]

/** Messages a second, and characters in each, that can be chosen. */
export const rates = [1, 5, 20] as const
export const sizes = [20, 200, 2_000] as const

/** What the server is to say to all lanes of a page. */
export interface Run {
  readonly rate: (typeof rates)[number]
  readonly size: (typeof sizes)[number]
  /** The number of the first message. */
  readonly first: number
  /** From when on the messages' times are counted, in milliseconds by the server's clock. */
  readonly epoch: number
}

/** All that page and server say to each other: imported by both, so neither can misspell it. */
export interface Lab {
  toClient: {
    /** See message.ts. */
    said: string
  }
  requests: {
    /** The server's time. */
    clock(): number
    /** From now on, this session hears what is said to the page. */
    join(): null
    /** Says something else from now on, or nothing any more. Answers with the last number that was said. */
    run(input: Run | null): number
  }
}

/** What plain polling asks: `page`, and `after`, the newest number that it has. */
export const POLL = '/poll'
