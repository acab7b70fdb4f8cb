import type { Move } from '../contract.ts'

export interface Line {
  /** Before there is a connection, it is queued. */
  send(move: Move): void
  onMove(listener: (move: Move) => void): void
  echo(move: Move): Promise<Move>
  /** How many moves have come; answered behind everything that was sent before. */
  count(): Promise<number>
  pour(count: number): Promise<unknown>
  drip(count: number): Promise<unknown>
  name(name: string): Promise<unknown>
  /** Bytes that wait to be sent or acknowledged, where the library tells. */
  buffered?(): number
  /** Nothing that was sent is kept any more. */
  settled(): Promise<unknown>
  close(): void
}

/** A line from its first moment: what is said waits until it is open. */
export interface Dialled {
  readonly line: Line
  readonly opened: Promise<unknown>
}
