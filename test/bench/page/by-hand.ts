import type { Move, RawMessage } from '../contract.ts'
import { type Line, questions } from './line.ts'

/** A line by hand: answers are found by id. */
export interface ByHand extends Line {
  say(message: RawMessage): void
  /** One message, or several as an array. */
  hear(text: string): void
}

export function byHand(say: (message: RawMessage) => void, close: () => void): ByHand {
  const waiting = new Map<number, (data: never) => void>()
  let lastId = 0
  let onMove: (move: Move) => void = () => {}
  const ask = <T>(event: RawMessage['event'], data: RawMessage['data']): Promise<T> =>
    new Promise((resolve) => {
      waiting.set(++lastId, resolve)
      say({ event, data, id: lastId })
    })
  const receive = ({ id, data }: RawMessage): void => {
    if (id === undefined) return onMove(data as Move)
    waiting.get(id)?.(data as never)
    waiting.delete(id)
  }
  return {
    say,
    hear(text) {
      const said = JSON.parse(text) as RawMessage | RawMessage[]
      if (Array.isArray(said)) said.forEach(receive)
      else receive(said)
    },
    send: (data) => say({ event: 'move', data }),
    onMove: (listener) => void (onMove = listener),
    ...questions(ask),
    settled: () => Promise.resolve(),
    close,
  }
}
