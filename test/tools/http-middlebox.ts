import type { Blockade, DueCut, HttpAnswer, HttpExchange, HttpFaults, HttpRequest } from './http-faults.ts'
import { type HttpHead, type HttpPart, HttpReader } from './http-reader.ts'

/** Looks at what goes by in one direction and may change it. */
export interface Filter {
  /** What goes on in place of these bytes. `cut`: the connection is reset behind them, and this is to be told. */
  pass(chunk: Buffer): Passed
  /** What was kept back, when the stream ends. */
  finish(): Buffer
  /** While it waits, it takes nothing more. Afterwards, nothing at all brings what was kept waiting. */
  waits(): boolean
}

interface Passed {
  readonly bytes: Buffer
  readonly cut?: () => void
}

/** What a middlebox does to its connection. */
export interface Hands {
  /** Says this to the client in the server's name, and then nothing more. */
  answer(bytes: Buffer): void
  /** Resets both sides. */
  cut(): void
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** An exchange while it is under way. */
interface Open extends HttpExchange {
  readonly request: Mutable<HttpRequest>
  answer: Mutable<HttpAnswer> | undefined
  /** The blockade in force when its head came through: one that begins later is for later Upgrades. */
  readonly blockade: Blockade | undefined
  cut?: DueCut | undefined
}

const forbidden =
  'HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 18\r\nConnection: close\r\n\r\n<h1>Forbidden</h1>'

/** So many bytes of a request's body are kept. */
const enough = 4096

/** Reads the HTTP of one connection, keeps the book of its exchanges, and lets the faults in force happen to them. */
export class HttpMiddlebox {
  readonly up: Filter
  readonly down: Filter
  readonly #connection: number
  readonly #faults: HttpFaults
  readonly #hands: Hands
  readonly #requests = new HttpReader('request')
  readonly #answers = new HttpReader('answer')
  /** The request that comes through, or came through last. */
  #current: Open | undefined
  /** Requests whose answers are not complete, in their order. */
  readonly #unanswered: Open[] = []
  /** What waits for leave, beginning with the head of a POST. */
  #kept: HttpPart[] = []
  /** What there is of an answer that is not whole yet. */
  readonly #gathered: Buffer[] = []
  readonly #swallows = { up: false, down: false }
  #killing: NodeJS.Timeout | undefined

  constructor(connection: number, faults: HttpFaults, hands: Hands) {
    this.#connection = connection
    this.#faults = faults
    this.#hands = hands
    this.up = {
      pass: (chunk) => this.#up(this.#requests.read(chunk)),
      finish: () => this.#up(this.#requests.finish()).bytes,
      waits: () => this.#kept.length > 0 && this.#faults.holdsPosts,
    }
    this.down = {
      pass: (chunk) => this.#down(this.#answers.read(chunk)),
      finish: () => Buffer.concat([...this.#gathered.splice(0), this.#down(this.#answers.finish()).bytes]),
      waits: () => false,
    }
  }

  stop(): void {
    clearTimeout(this.#killing)
  }

  #up(read: readonly HttpPart[]): Passed {
    const parts = [...this.#kept, ...read]
    this.#kept = []
    const passed: Buffer[] = []
    for (const [index, part] of parts.entries()) {
      if (part.type === 'head' && this.#faults.holdsPosts && part.head.start.startsWith('POST ')) {
        this.#kept = parts.slice(index)
        break
      }
      const bytes = this.#request(part)
      if (bytes && !this.#swallows.up) passed.push(bytes)
    }
    return { bytes: Buffer.concat(passed) }
  }

  /** What goes on in place of this part of a request. */
  #request(part: HttpPart): Buffer | undefined {
    if (part.type === 'raw') return part.bytes
    if (part.type === 'head') return this.#begin(part.head, part.bytes)
    const open = this.#current!
    if (part.type === 'end') {
      open.request.isComplete = true
      open.cut = this.#faults.due(open.request)
      return undefined
    }
    open.request.body += part.bytes.length
    if (open.request.text.length < enough) open.request.text += part.payload.toString()
    return part.bytes
  }

  #begin({ start, headers }: HttpHead, bytes: Buffer): Buffer | undefined {
    const [method = '', url = ''] = start.split(' ')
    const isUpgrade = /\bwebsocket\b/i.test(headers.get('upgrade') ?? '')
    const request = { method, url, isUpgrade, headers, text: '', head: bytes.length, body: 0, isComplete: false }
    const blockade = isUpgrade ? this.#faults.blockade : undefined
    const open: Open = { connection: this.#connection, at: performance.now(), request, answer: undefined, blockade }
    this.#faults.add(open)
    this.#current = open
    this.#unanswered.push(open)
    if (method === 'HEAD') this.#answers.expectNoBody()
    if (blockade === 'stripped') return withoutUpgrade(bytes)
    if (blockade !== '403' && blockade !== 'hang') return bytes
    this.#swallows.up = true
    if (blockade === '403') this.#hands.answer(Buffer.from(forbidden))
    return undefined
  }

  #down(parts: readonly HttpPart[]): Passed {
    const passed: Buffer[] = []
    for (const part of parts) {
      if (this.#swallows.down) continue
      const [open] = this.#unanswered
      if (part.type === 'end') {
        passed.push(...this.#gathered.splice(0))
        this.#answered()
        continue
      }
      const cutAt = open?.cut?.find(part)
      if (open && cutAt !== undefined) {
        passed.push(part.bytes.subarray(0, cutAt))
        return { bytes: Buffer.concat(passed), cut: () => open.cut?.done(open) }
      }
      if (open && part.type === 'head') this.#answer(open, part.head, part.bytes.length)
      if (open?.answer && part.type === 'body') open.answer.body += part.bytes.length
      const gathers = this.#faults.gathers && open?.request.method === 'POST'
      ;(gathers ? this.#gathered : passed).push(part.bytes)
    }
    return { bytes: Buffer.concat(passed) }
  }

  #answer(open: Open, { start, headers }: HttpHead, head: number): void {
    const status = Number(start.split(' ', 2)[1])
    const isInterim = status < 200 && status !== 101
    if (isInterim) return
    open.answer = { status, headers, head, body: 0, isComplete: status === 101 }
    if (status === 101) this.#upgraded(open)
  }

  #answered(): void {
    const open = this.#unanswered.shift()
    if (open?.answer) open.answer.isComplete = true
    open?.cut?.again()
  }

  #upgraded(open: Open): void {
    this.#unanswered.shift()
    this.#requests.tunnel()
    if (open.blockade === 'swallowed') this.#swallows.up = this.#swallows.down = true
    if (open.blockade === 'killed') this.#killing = setTimeout(() => this.#hands.cut(), this.#faults.lifetime)
  }
}

/** A head as a proxy sends it on that knows nothing of WebSockets. */
function withoutUpgrade(head: Buffer): Buffer {
  return Buffer.from(head.toString('latin1').replace(/^(upgrade|connection):.*\r\n/gim, ''), 'latin1')
}
