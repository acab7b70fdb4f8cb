import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HoldfastError } from '../../src/kernel/errors.ts'
import { type Message as RealMessage, messageOf, settle } from '../../src/kernel/message.ts'
import { type Outbox, type OutboxBounds, createOutbox } from '../../src/kernel/outbox.ts'

/** The outbox as anybody would write it who had all the time in the world. */
interface Message extends RealMessage {
  readonly text: string
  readonly latest: string | undefined
  readonly expiresAt: number | undefined
}
class Model {
  readonly bounds: OutboxBounds
  sent: string[] = []
  waiting: Message[] = []
  acknowledged = 0
  cursor = 0
  dropped: string[] = []

  constructor(bounds: OutboxBounds) {
    this.bounds = bounds
  }
  get bytes(): number {
    return [...this.sent, ...this.waiting.map(({ text }) => text)].reduce(
      (sum, text) => sum + Buffer.byteLength(text),
      0,
    )
  }
  expire(now: number): void {
    for (const { text } of this.waiting.filter(({ expiresAt }) => expiresAt !== undefined && expiresAt <= now))
      this.dropped.push(`${text} expired`)
    this.waiting = this.waiting.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
  }
  push(message: Message, now: number, force: boolean): boolean {
    const { maxMessages, maxBytes, overflow } = this.bounds
    const isFull = (): boolean =>
      this.waiting.length + this.sent.length >= maxMessages || this.bytes + Buffer.byteLength(message.text) > maxBytes
    const older = this.waiting.find(({ latest }) => latest !== undefined && latest === message.latest)
    if (older) {
      this.dropped.push(`${older.text} replaced`)
      this.waiting = this.waiting.filter((other) => other !== older)
    } else if (!force && isFull()) {
      this.expire(now)
      const all = this.waiting
      this.waiting = []
      const isInVain = isFull()
      this.waiting = all
      if (overflow === 'drop-oldest' && !isInVain)
        while (isFull()) this.dropped.push(`${this.waiting.shift()!.text} dropped`)
      if (isFull()) {
        if (overflow !== 'reject') this.dropped.push(`${message.text} dropped`)
        return overflow !== 'reject'
      }
    }
    this.waiting = [...this.waiting, message]
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

const POLICIES = ['reject', 'drop-oldest', 'drop-newest'] as const
const GONE = new HoldfastError('dropped', 'gone')
/** Names, so that they may be dropped. */
const frameOf = (text: string): string => `["${text}"]`
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
    const { acknowledged, queued, bytes } = real.outbox
    const sent = real.outbox.sent.map(({ frame }) => frame)
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
    fc.tuple(texts, keys, times, fc.nat(100), fc.boolean()).map(([name, latest, expiresAt, now, force]) =>
      command(
        `push ${name} at ${now} latest ${latest} until ${expiresAt}${force ? ' by force' : ''}`,
        (model, { outbox, messages }) => {
          const text = frameOf(name)
          const message: Message = { ...messageOf(text), text, latest, expiresAt, isNumbered: false }
          messages.push(message)
          return [model.push(message, now, force), outbox.push(message, now, force)]
        },
      ),
    ),
    fc.nat(100).map((now) =>
      command(`expire at ${now}`, (model, { outbox }) => {
        model.expire(now)
        outbox.expire(now)
        return [true, model.waiting.every(({ expiresAt = Infinity }) => expiresAt >= outbox.expiresAt)]
      }),
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
        const all = outbox.clear().map((some) => some.map(({ frame }) => frame))
        return [expected, all]
      }),
    ),
  ],
  { maxCommands: 80, size: 'max' },
)

test.each(POLICIES)('it does what a simple model does, whatever is asked of it (%s)', (overflow) => {
  const bounds = { maxMessages: 20, maxBytes: 200, overflow }
  const property = fc.property(commands, (run) => {
    fc.modelRun(() => {
      const dropped: string[] = []
      const outbox = createOutbox(bounds, (message, why) => {
        dropped.push(`${String(message.frame)} ${why}`)
        settle(message, GONE)
      })
      return { model: new Model(bounds), real: { outbox, dropped, messages: [] } }
    }, run)
  })
  fc.assert(property, { numRuns: 200 })
})
