import type { Fields } from './plain.ts'
import type { Wire, WireMessage } from './wire.ts'

/** What {@link jsonRpc} can be told. */
export interface JsonRpcOptions {
  /** Sends what is sent in one task as one batch, if the server takes batches. Default: false. */
  readonly batch?: boolean | undefined
  /** The name of a request that the server answers, whatever the answer is: a heartbeat is sent. Default: none. */
  readonly ping?: string | undefined
  /** The subprotocols to offer. Default: none. */
  readonly protocols?: string | string[] | undefined
}

/** Requests that came as one, which are answered as one. */
interface Batch {
  due: number
  readonly answers: string[]
}

/** The id of a request that came in a batch. */
class BatchedId {
  readonly id: unknown
  readonly batch: Batch

  constructor(id: unknown, batch: Batch) {
    this.id = id
    this.batch = batch
  }
}

/** https://www.jsonrpc.org/specification#error_object */
const CODES: Readonly<Record<string, number>> = { 'unknown-request': -32_601, 'handler-failed': -32_603 }
/** The first of those that are the application's own. */
const SERVER_ERROR = -32_000

/** The id of a heartbeat, which no request has. */
const PING = 'ping'

/** A reason that is a whole number is a code of the application's. */
const errorOf = ({ code, message }: { readonly code: string; readonly message: string }): object =>
  /^-?\d+$/.test(code)
    ? { code: Number(code), message }
    : { code: CODES[code] ?? SERVER_ERROR, message, ...(!CODES[code] && { data: code }) }

const isRequest = ({ method, id }: Fields): boolean => typeof method === 'string' && id !== undefined && id !== null

const read = (message: Fields, batch?: Batch): WireMessage => {
  const { method, params, id, result, error } = message
  if (typeof method !== 'string') return id === PING ? { isPong: true } : { id, data: result, error, isAnswer: true }
  if (!isRequest(message)) return { name: method, data: params, isAnswer: false }
  return { name: method, data: params, id: batch ? new BatchedId(id, batch) : id, isAnswer: false }
}

const write = (message: object): string => JSON.stringify({ jsonrpc: '2.0', ...message })

const answerOf = ({ id, data, error }: WireMessage): object =>
  error ? { id, error: errorOf(error as { code: string; message: string }) } : { id, result: data ?? null }

/**
 * JSON-RPC 2.0 (https://www.jsonrpc.org/specification): events are notifications, requests go both ways, and failures are
 * `RequestError`s whose `reason` is the code as text. Data is an object or an array, or nothing.
 */
export const jsonRpc = ({ batch = false, ping, protocols }: JsonRpcOptions = {}): Wire => ({
  protocols,
  encode(message) {
    const { name, data, id, isAnswer } = message
    if (!isAnswer) {
      if (data !== undefined && !(data instanceof Object)) throw new TypeError('`params` are an object or an array')
      return write({ method: name, params: data, id })
    }
    if (!(id instanceof BatchedId)) return write(answerOf(message))
    const { answers } = id.batch
    answers.push(write(answerOf({ ...message, id: id.id })))
    return answers.length < id.batch.due ? undefined : `[${answers.join()}]`
  },
  decode(text) {
    const given: unknown = JSON.parse(text as string)
    const messages = [given].flat().map((message) => Object(message) as Fields)
    if (!Array.isArray(given)) return read(messages[0]!)
    if (given.length === 0) throw new TypeError('an empty batch')
    const together: Batch = { due: messages.filter(isRequest).length, answers: [] }
    return messages.map((message) => read(message, together))
  },
  ping: ping === undefined ? ping : () => write({ method: ping, id: PING }),
  pack: batch ? (messages) => `[${messages.join()}]` : undefined,
})
