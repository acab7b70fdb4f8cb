import type { TransportName } from 'holdfast'

/** What was measured of the server in one second. */
export interface Sample {
  /** Milliseconds since the epoch, by the server's clock. */
  readonly at: number
  /** Share of one processor, 0 to 1; null where nobody knows, as below. */
  readonly cpu: number | null
  /** Bytes. */
  readonly memory: number | null
  /** Milliseconds by which the latest of its timers was late: for so long it could answer nobody. */
  readonly delay: number
  /** Messages read and written. One to a whole room is written once. */
  readonly messages: number | null
  /** Sessions, connected or kept, by use. */
  readonly sessions: Readonly<Record<string, number>>
  /** The same by what carries them; `away`: nothing does, and the server waits for them. */
  readonly carriers: Readonly<Record<TransportName | 'away', number>>
}

/** All that page and server say to each other: imported by both, so neither can misspell it. */
export interface Dashboard {
  streams: {
    /** All behind this time that the server still has, and from then on what is new. */
    metrics(input: { readonly since: number }): readonly Sample[]
  }
}
