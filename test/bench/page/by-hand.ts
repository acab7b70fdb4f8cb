import type { Move, RawMessage } from '../contract.ts'
import type { Line } from './line.ts'

/** A line by hand: answers are found by id. */
export interface ByHand extends Line {
  say(message: RawMessage): void
  /** One message, or several as an array. */
  hear(text: string): void
}

export function byHand(say: (message: RawMessage) => void, close: () => void): ByHand {
  const questions = new Map<number, (data: never) => void>()
  let lastId = 0
  let onMove: (move: Move) => void = () => {}
  const ask = <T>(event: RawMessage['event'], data: RawMessage['data']): Promise<T> =>
    new Promise((resolve) => {
      questions.set(++lastId, resolve)
      say({ event, data, id: lastId })
    })
  const receive = ({ id, data }: RawMessage): void => {
    if (id === undefined) return onMove(data as Move)
    questions.get(id)?.(data as never)
    questions.delete(id)
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
    echo: (move) => ask('echo', move),
    count: () => ask('count', null),
    pour: (count) => ask('pour', count),
    drip: (count) => ask('drip', count),
    name: (name) => ask('name', name),
    settled: () => Promise.resolve(),
    close,
  }
}
