import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Entry, type Outbox, type OutboxBounds, createOutbox } from '../../src/kernel/outbox.ts'

/** The outbox as anybody would write it who had all the time in the world. */
interface Message extends Entry {
  readonly text: string
}
class Model {
  sent: string[] = []
  waiting: Message[] = []
  acknowledged = 0
  cursor = 0
  dropped: string[] = []
  get bytes(): number {
    return [...this.sent, ...this.waiting.map(({ text }) => text)].reduce(
      (sum, text) => sum + Buffer.byteLength(text),
      0,
    )
  }
  push(message: Message, force: boolean, { maxMessages, maxBytes }: OutboxBounds): boolean {
    const older = this.waiting.find(({ latest }) => latest !== undefined && latest === message.latest)
    const isFull =
      this.waiting.length + this.sent.length >= maxMessages || this.bytes + Buffer.byteLength(message.text) > maxBytes
    if (!older && !force && isFull) return false
    this.waiting = [...this.waiting.filter((other) => other !== older), message]
    return true
  }
  next(now: number, limit: number, isKnown: boolean): string | undefined {
    if (this.cursor < this.sent.length) return this.sent[this.cursor++]
    for (;;) {
      const [first] = this.waiting
      if (!first) return undefined
      const isExpired = first.expiresAt !== undefined && first.expiresAt <= now
      const isTooLarge = !isExpired && Buffer.byteLength(first.text) > limit
      if (isTooLarge && !isKnown) return undefined
      this.waiting.shift()
      if (isExpired || isTooLarge) this.dropped.push(`${first.text} ${isExpired ? 'expired' : 'too-large'}`)
      else {
        this.sent.push(first.text)
        this.cursor = this.sent.length
        return first.text
      }
    }
  }
  acknowledge(number: number): boolean {
    if (number > this.acknowledged + this.sent.length) return false
    const count = Math.max(0, number - this.acknowledged)
    this.sent = this.sent.slice(count)
    this.acknowledged += count
    this.cursor = Math.max(0, this.cursor - count)
    return true
  }
}

const BOUNDS = { maxMessages: 20, maxBytes: 200 }
interface Real {
  readonly outbox: Outbox
  readonly dropped: string[]
  /** The entries that both were given since they were last emptied. */
  readonly messages: Message[]
}
type Command = fc.Command<Model, Real>

/** The outbox does what the model does, and afterwards both look the same. */
const command = (name: string, run: (model: Model, real: Real) => [expected: unknown, actual: unknown]): Command => ({
  check: () => true,
  run(model, real) {
    const [expected, actual] = run(model, real)
    expect(actual, name).toEqual(expected)
    const { sent, acknowledged, queued, bytes } = real.outbox
    expect({ sent, acknowledged, queued, bytes, dropped: real.dropped }, `after ${name}`).toEqual({
      sent: model.sent,
      acknowledged: model.acknowledged,
      queued: model.waiting.length,
      bytes: model.bytes,
      dropped: model.dropped,
    })
  },
  toString: () => name,
})

const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '漢'), minLength: 1, maxLength: 12 })
const keys = fc.option(fc.constantFrom('', 'k', 'l'), { nil: undefined })
const times = fc.option(fc.nat(100), { nil: undefined })
const commands = fc.commands(
  [
    fc.tuple(texts, keys, times, fc.boolean()).map(([text, latest, expiresAt, force]) =>
      command(
        `push ${text} latest ${latest} until ${expiresAt}${force ? ' by force' : ''}`,
        (model, { outbox, messages }) => {
          const message: Message = { frame: text, text, latest, expiresAt }
          const bare = latest === undefined && expiresAt === undefined
          const isIn = model.push(message, force, BOUNDS)
          if (isIn && !bare) messages.push(message)
          return [isIn, outbox.push(bare ? text : message, force)]
        },
      ),
    ),
    fc.nat(50).map((index) =>
      command(`withdraw ${index}`, (model, { outbox, messages }) => {
        const message = messages[index]
        if (!message) return [0, 0]
        const isWaiting = model.waiting.includes(message)
        model.waiting = model.waiting.filter((other) => other !== message)
        return [isWaiting, outbox.withdraw(message)]
      }),
    ),
    fc
      .tuple(fc.nat(100), fc.integer({ min: 5, max: 40 }), fc.boolean())
      .map(([now, limit, isKnown]) =>
        command(`next at ${now} under ${limit}${isKnown ? '' : ' presumed'}`, (model, { outbox }) => [
          model.next(now, limit, isKnown),
          outbox.next(now, limit, isKnown),
        ]),
      ),
    fc
      .nat(30)
      .map((number) =>
        command(`acknowledge ${number}`, (model, { outbox }) => [
          model.acknowledge(number),
          outbox.acknowledge(number),
        ]),
      ),
    fc.constant(
      command('rewind', (model, { outbox }) => {
        model.cursor = 0
        outbox.rewind()
        return [0, 0]
      }),
    ),
    fc.constant(
      command('clear', (model, { outbox, messages }) => {
        messages.length = 0
        const expected = [model.sent, model.waiting.map(({ text }) => text)]
        model.sent = []
        model.waiting = []
        model.acknowledged = model.cursor = 0
        const [out, waited] = outbox.clear()
        const live = waited.map((item) => (typeof item === 'string' ? item : (item as Entry).frame)).filter(Boolean)
        return [expected, [out, live]]
      }),
    ),
  ],
  { maxCommands: 80, size: 'max' },
)

test('it does what a simple model does, whatever is asked of it', () => {
  const property = fc.property(commands, (run) => {
    fc.modelRun(() => {
      const dropped: string[] = []
      const outbox = createOutbox(BOUNDS, (frame, why) => dropped.push(`${String(frame)} ${why}`))
      return { model: new Model(), real: { outbox, dropped, messages: [] } }
    }, run)
  })
  fc.assert(property, { numRuns: 300 })
})
