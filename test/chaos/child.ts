/** A process of our own, with words going to and fro. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { usedHeap } from '../tools/heap.ts'

export class Child<Order extends object, Word extends object> {
  readonly #process: ChildProcess
  readonly #ended: Promise<unknown>

  /** `hear` is told everything that it says. */
  constructor(file: string, hear: (word: Word) => void = () => {}) {
    this.#process = fork(file, { execArgv: [] })
    this.#process.on('message', hear)
    // What it tells last may come when it is gone.
    this.#ended = Promise.all([once(this.#process, 'exit'), once(this.#process, 'disconnect')])
  }

  order(given: Order): void {
    this.#process.send(given)
  }

  /** The next word of this kind. Rejects if the process ends without it. */
  async heard<K extends string>(key: K): Promise<Extract<Word, Record<K, unknown>>> {
    for (;;) {
      const said = await Promise.race([once(this.#process, 'message') as Promise<[Word]>, this.ended()])
      if (!said) throw new Error(`The process ended without a word of its ${key}.`)
      const [word] = said
      if (key in word) return word as Extract<Word, Record<K, unknown>>
    }
  }

  async ended(): Promise<void> {
    await this.#ended
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#ended
  }
}

/** In such a process: the bytes that it still needs. */
export const usedMemory = (): number => usedHeap() + process.memoryUsage().external
