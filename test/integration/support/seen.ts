/** Longer than anything here takes, shorter than the runner's patience: what did come is in the message. */
const patience = 15_000

/** What was seen so far, and a way to wait for more of it without asking over and over. */
export class Seen<T> {
  readonly all: T[] = []
  readonly #looks = new Set<() => void>()

  /** Bound, so that it can be handed over as a listener. */
  readonly add = (value: T): void => {
    this.all.push(value)
    for (const look of [...this.#looks]) look()
  }

  /** The first `count` of them, as soon as there are so many. */
  async first(count: number): Promise<T[]> {
    await this.#until(`${count} of them`, () => this.all.length >= count)
    return this.all.slice(0, count)
  }

  /** The first that fits, as soon as there is one. */
  async find(fits: (value: T) => boolean): Promise<T> {
    await this.#until(`one with ${String(fits)}`, () => this.all.some(fits))
    return this.all.find(fits)!
  }

  #until(what: string, isTrue: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#looks.delete(look)
        clearTimeout(timer)
        act()
      }
      const look = (): void => {
        if (isTrue()) settle(resolve)
      }
      const timer = setTimeout(
        () =>
          settle(() =>
            reject(
              new Error(
                `${patience} ms without ${what}. Seen ${this.all.length}: … ${JSON.stringify(this.all.slice(-5))}`,
              ),
            ),
          ),
        patience,
      )
      this.#looks.add(look)
      look()
    })
  }
}
