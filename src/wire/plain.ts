import type { Wire, WireData, WireMessage } from './wire.ts'

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>

/** How a server's messages are read and written. `Message` is what `parse` returns. */
export interface PlainOptions<Message = Fields> {
  /** The field that names an event or a request, or what finds the name. Default: `type`. */
  readonly type?: string | ((message: Message) => string | undefined) | undefined
  /** The field with the data, or what finds it. Default: the whole message; its fields stand beside `type` then. */
  readonly data?: string | ((message: Message) => unknown) | undefined
  /** The field that an answer shares with its request, or what finds it. Default: `id`. */
  readonly id?: string | ((message: Message) => string | number | null | undefined) | undefined
  /** The field in which an answer tells of a failure, or what finds it. Default: `error`. */
  readonly error?: string | ((message: Message) => unknown) | undefined
  /** Whether a message answers the request of its id. Default: if it has no type, or such a request waits. */
  readonly isAnswer?: ((message: Message) => boolean) | undefined
  /** Makes the message that is sent. Default: an object of the fields above. */
  readonly compose?: ((message: WireMessage) => unknown) | undefined
  /** Reads what came. Throws for what it cannot read. Default: `JSON.parse`. */
  readonly parse?: ((data: string | Uint8Array) => Message) | undefined
  /** Writes what is sent. Default: `JSON.stringify`. */
  readonly stringify?: ((message: unknown) => WireData) | undefined
  /** A message that the server answers, or what makes it anew each time: a heartbeat is sent. Default: none. */
  readonly ping?: unknown
  /** Whether a message answers `ping`, and is no event: it tells the latency, too. Default: none does. */
  readonly isPong?: ((message: Message) => boolean) | undefined
  /** The subprotocols to offer. Default: none. */
  readonly protocols?: string | string[] | undefined
}

const parseJson = (data: string | Uint8Array): unknown =>
  JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data))

interface Field<Message, Value> {
  readonly name: string
  find(message: Message): Value
}

/** A field by its name, or by what finds it. Anything but an object has none. */
const fieldOf = <Message, Value>(
  given: string | ((message: Message) => Value) | undefined,
  usual: string,
): Field<Message, Value> => {
  if (typeof given === 'function') return { name: usual, find: given }
  const name = given ?? usual
  return { name, find: (message) => (message as Fields | null)?.[name] as Value }
}

/** Its fields are to stand beside the type. */
const fieldsOf = (data: unknown): object => {
  if (data === undefined || (typeof data === 'object' && !Array.isArray(data))) return data ?? {}
  throw new TypeError('only objects can stand beside `type`: name a field for it with `data`')
}

/**
 * The wire of servers whose messages are objects with a type, and perhaps with an id that answers share with their requests. Without
 * options, `send('say', { text })` is `{"text":…,"type":"say"}`.
 */
export const plain = <Message = Fields>(options: PlainOptions<Message> = {}): Wire => {
  const { ping, isPong, isAnswer, protocols } = options
  const type = fieldOf(options.type, 'type')
  const data = options.data && fieldOf(options.data, 'data')
  const id = fieldOf(options.id, 'id')
  const error = fieldOf(options.error, 'error')
  const parse = options.parse ?? (parseJson as (data: string | Uint8Array) => Message)
  const stringify = options.stringify ?? JSON.stringify
  const compose =
    options.compose ??
    ((message: WireMessage): unknown => ({
      ...(data ? { [data.name]: message.data } : fieldsOf(message.data)),
      [type.name]: message.name,
      [id.name]: message.id,
      [error.name]: message.error,
    }))
  return {
    protocols,
    encode: (message) => stringify(compose(message)),
    decode(raw) {
      const message = parse(raw)
      if (isPong?.(message)) return { isPong: true }
      return {
        name: type.find(message)?.toString(),
        data: data ? data.find(message) : message,
        id: id.find(message),
        error: error.find(message),
        isAnswer: isAnswer?.(message),
      }
    },
    ping: ping === undefined ? ping : () => stringify(typeof ping === 'function' ? (ping as () => unknown)() : ping),
  }
}
