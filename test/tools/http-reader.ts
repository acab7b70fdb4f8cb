/** A head of an HTTP/1.1 request or answer. */
export interface HttpHead {
  /** `POST /live HTTP/1.1`, `HTTP/1.1 200 OK`. */
  readonly start: string
  /** Names in small letters; of a header that comes twice, both values with a comma between them. */
  readonly headers: ReadonlyMap<string, string>
}

/** What bytes are part of. All `bytes` of all parts, in order, are exactly the bytes that were read. */
export type HttpPart =
  | { readonly type: 'head'; readonly bytes: Buffer; readonly head: HttpHead }
  /** Some of a body: on the wire, and without the framing of chunks. */
  | { readonly type: 'body'; readonly bytes: Buffer; readonly payload: Buffer }
  /** The message is complete. */
  | { readonly type: 'end' }
  /** Not HTTP, or not any more. */
  | { readonly type: 'raw'; readonly bytes: Buffer }

/** What is expected next. */
type Expected =
  | { readonly what: 'head' | 'chunk size' | 'chunk end' | 'trailers' | 'end' | 'close' | 'raw' }
  | { readonly what: 'body' | 'chunk'; readonly left: number }

const nothing = Buffer.alloc(0)

/** A longer head is none: what looks like one is kept back until it is whole. */
const maxHead = 1 << 16

/**
 * Reads one direction of an HTTP/1.1 connection as its bytes arrive, however they are cut, and tells what they are part
 * of. Heads and the framing of chunks are told when they are whole, everything else at once. What isn't HTTP is told as
 * that, from its first byte on.
 */
export class HttpReader {
  readonly #side: 'request' | 'answer'
  #rest: Buffer = nothing
  #expected: Expected = { what: 'head' }
  /** Whether the answer that is read has no body whatever its head says. */
  #bodiless = false

  constructor(side: 'request' | 'answer') {
    this.#side = side
  }

  read(chunk: Buffer): HttpPart[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const parts: HttpPart[] = []
    for (let part = this.#next(); part; part = this.#next()) parts.push(part)
    return parts
  }

  /** The stream is over: tells what was kept back, and completes a body that only the end of the connection ends. */
  finish(): HttpPart[] {
    const complete = this.#expected.what === 'close'
    this.tunnel()
    return [...this.read(nothing), ...(complete ? [{ type: 'end' } as const] : [])]
  }

  /** From here on it is something else, such as WebSocket frames. */
  tunnel(): void {
    this.#expected = { what: 'raw' }
  }

  /** The answer that comes next is to a HEAD. */
  expectNoBody(): void {
    this.#bodiless = true
  }

  #next(): HttpPart | undefined {
    const expected = this.#expected
    switch (expected.what) {
      case 'head':
        return this.#head()
      case 'body':
      case 'chunk':
        return this.#counted(expected.what, expected.left)
      case 'chunk size':
      case 'chunk end':
      case 'trailers':
        return this.#line(expected.what)
      case 'end':
        this.#expected = { what: 'head' }
        return { type: 'end' }
      case 'close': {
        const bytes = this.#take(this.#rest.length)
        return bytes.length === 0 ? undefined : { type: 'body', bytes, payload: bytes }
      }
      case 'raw': {
        const bytes = this.#take(this.#rest.length)
        return bytes.length === 0 ? undefined : { type: 'raw', bytes }
      }
    }
  }

  #head(): HttpPart | undefined {
    if (this.#rest.length === 0) return undefined
    const length = this.#rest.indexOf('\r\n\r\n') + 4
    const isWhole = length > 3
    if (!looksLikeHead(this.#rest, this.#side) || (!isWhole && this.#rest.length > maxHead)) {
      this.tunnel()
      return this.#next()
    }
    if (!isWhole) return undefined
    const bytes = this.#take(length)
    const head = parseHead(bytes)
    this.#expected = this.#after(head)
    return { type: 'head', bytes, head }
  }

  #after({ start, headers }: HttpHead): Expected {
    const status = this.#side === 'answer' ? Number(start.split(' ', 2)[1]) : undefined
    // What comes after 101 isn't HTTP; after any other of these comes the answer that it announces.
    if (status === 101) return { what: 'raw' }
    if (status !== undefined && status < 200) return { what: 'head' }
    const bodiless = this.#bodiless || status === 204 || status === 304
    this.#bodiless = false
    const length = headers.get('content-length')
    if (bodiless) return { what: 'end' }
    if (/\bchunked$/i.test(headers.get('transfer-encoding') ?? '')) return { what: 'chunk size' }
    if (length !== undefined) return Number(length) === 0 ? { what: 'end' } : { what: 'body', left: Number(length) }
    return { what: this.#side === 'answer' ? 'close' : 'end' }
  }

  #counted(what: 'body' | 'chunk', left: number): HttpPart | undefined {
    if (this.#rest.length === 0) return undefined
    const bytes = this.#take(Math.min(left, this.#rest.length))
    if (bytes.length < left) this.#expected = { what, left: left - bytes.length }
    else this.#expected = { what: what === 'body' ? 'end' : 'chunk end' }
    return { type: 'body', bytes, payload: bytes }
  }

  #line(what: 'chunk size' | 'chunk end' | 'trailers'): HttpPart | undefined {
    const length = this.#rest.indexOf('\r\n') + 2
    if (length === 1) return undefined
    const bytes = this.#take(length)
    const line = bytes.toString('latin1').trimEnd()
    if (what === 'chunk end') this.#expected = { what: 'chunk size' }
    else if (what === 'trailers') this.#expected = { what: line === '' ? 'end' : 'trailers' }
    else {
      const left = Number.parseInt(line, 16)
      this.#expected = left > 0 ? { what: 'chunk', left } : { what: left === 0 ? 'trailers' : 'raw' }
    }
    return { type: 'body', bytes, payload: nothing }
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return taken
  }
}

/** Whether it begins as a head does, as far as can be told from what is there. */
function looksLikeHead(bytes: Buffer, side: 'request' | 'answer'): boolean {
  const begin = bytes.toString('latin1', 0, 16)
  return side === 'answer' ? 'HTTP/1.'.startsWith(begin.slice(0, 7)) : /^[A-Z]{1,7}( |$)/.test(begin)
}

function parseHead(bytes: Buffer): HttpHead {
  const [start = '', ...lines] = bytes.toString('latin1').trimEnd().split('\r\n')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return { start, headers }
}
