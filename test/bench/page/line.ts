import type { Move, RawMessage } from '../contract.ts'

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
  /** Nothing that was sent is kept any more. */
  settled(): Promise<unknown>
  close(): void
}

/** A line from its first moment: what is said waits until it is open. */
export interface Dialled {
  readonly line: Line
  readonly opened: Promise<unknown>
}

type Ask = <T>(event: RawMessage['event'], data: RawMessage['data']) => Promise<T>

/** What a server is asked, over whatever brings the answers. */
export const questions = (ask: Ask): Pick<Line, 'echo' | 'count' | 'pour' | 'drip' | 'name'> => ({
  echo: (move) => ask('echo', move),
  count: () => ask('count', null),
  pour: (count) => ask('pour', count),
  drip: (count) => ask('drip', count),
  name: (name) => ask('name', name),
})
