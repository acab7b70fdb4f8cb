import { type Emitter, createEmitter } from '../kernel/emitter.ts'
import { HoldfastError, RequestError, excerpt, thrownBy } from '../kernel/errors.ts'
import type { Clock } from '../platform/clock.ts'
import type { Answering } from '../session/ports.ts'
import { provide } from '../session/provider.ts'
import type { Entry } from './queue.ts'
import type { Wire, WireData, WireMessage } from './wire.ts'

/** How a request is asked. */
export interface WireRequestOptions {
  /** Milliseconds until the promise rejects with `timeout`; Infinity waits for ever. Default: the socket's `requestTimeout`. */
  timeout?: number
  /** Withdraws the request; the promise rejects with the signal's reason. */
  signal?: AbortSignal
  /** Answering it twice does no harm: it is asked again if the connection breaks. */
  idempotent?: boolean
}

/** What correlation needs. */
export interface CallsHost {
  readonly wire: Wire
  readonly requestTimeout: number
  readonly clock: Clock
  /** Counts and reports an error. MUST NOT throw. */
  fault(error: HoldfastError): void
  /** Has it sent. Throws if there is no room; `force`: there is. */
  push(entry: Entry, force?: boolean): void
  /** It need not be sent any more. */
  remove(entry: Entry): void
}

type Handler = (input: never, context: Answering) => unknown

/** Events by name, and what belongs together of requests and answers, both ways. */
export interface Calls extends Pick<Emitter, 'on' | 'once'> {
  /** Throws `unserializable`. */
  encode(message: WireMessage): WireData | undefined
  /** Asks. `send` takes what is to be sent. */
  ask(name: string, data: unknown, options?: WireRequestOptions, send?: CallsHost['push']): Promise<unknown>
  handle(name: string, handler: Handler): () => void
  /** Something came, on a connection whose end aborts `signal`. `say` sends on it, now or never. */
  receive(message: WireMessage, say: (data: WireData) => void, signal: AbortSignal): void
  /** The connection broke. */
  broke(): void
  end(error: HoldfastError): void
}

interface Question {
  readonly entry: Entry
  readonly idempotent: boolean | undefined
  /** Nothing, if it is settled already. `error`: undefined for none. */
  settle(error: Error | undefined, data?: unknown): void
}

const IN_DOUBT =
  'The connection broke before an answer came. Mark the request `idempotent` to have it asked again on the next one.'

const wordOf = (value: unknown, otherwise: string): string =>
  typeof value === 'string' || typeof value === 'number' ? `${value}` : otherwise

/** What a server says of a failure, whatever that is, in the words of this library. */
const failureOf = (error: unknown): RequestError => {
  const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown }
  const why = wordOf(message, wordOf(error, 'The server did not say why.'))
  return new RequestError(wordOf(code, 'error'), why, error)
}

export const createCalls = ({ wire, requestTimeout, clock, fault, push, remove }: CallsHost): Calls => {
  const questions = new Map<unknown, Question>()
  const handlers = new Map<string, Handler>()
  let lastId = 0
  const { on, once, emit } = createEmitter((error, name) => fault(thrownBy(error, `A listener of "${name}"`)))

  /** A handler of this side answers, or its failure does. Only the text of a `RequestError` is for the other side to read. */
  const answer = (
    name: string,
    { data, id }: WireMessage,
    say: (data: WireData) => void,
    signal: AbortSignal,
  ): void => {
    const reply = (message: WireMessage): void => {
      const text = calls.encode({ ...message, id, isAnswer: true })
      if (text !== undefined && !signal.aborted) say(text)
    }
    const refuse = (code: string, message: string): void => reply({ error: { code, message } })
    const handler = handlers.get(name)
    if (!handler) {
      const error = new HoldfastError('unknown-request', `Nobody handles "${excerpt(name)}".`)
      fault(error)
      return refuse(error.code, error.message)
    }
    provide<unknown, undefined>(
      () => handler(data as never, { signal }),
      undefined,
      (value) => reply({ data: value }),
      (error) => {
        if (error instanceof RequestError) return refuse(error.reason, error.message)
        fault(thrownBy(error, `The handler of "${name}"`))
        refuse('handler-failed', `The handler of "${name}" failed.`)
      },
    )
  }

  const calls: Calls = {
    on,
    once,
    encode(message) {
      try {
        return wire.encode(message)
      } catch (error) {
        const { message: why } = Object(error) as Error
        throw new HoldfastError('unserializable', `Cannot send "${message.name}": ${why}.`, error)
      }
    },
    ask: (name, data, { timeout = requestTimeout, signal, idempotent } = {}, send = push) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const id = ++lastId
        const settle: Question['settle'] = (error, value) => {
          if (!questions.delete(id)) return
          disarm?.()
          signal?.removeEventListener('abort', onAbort)
          remove(entry)
          if (error === undefined) resolve(value)
          else reject(error)
        }
        const entry: Entry = { name, data: calls.encode({ name, data, id })!, settle }
        questions.set(id, { entry, idempotent, settle })
        const expire = (): void => settle(new HoldfastError('timeout', `No answer to "${name}" within ${timeout} ms.`))
        const disarm = timeout < Infinity ? clock.after(timeout, expire) : undefined
        const onAbort = (): void => settle(signal!.reason as Error)
        signal?.addEventListener('abort', onAbort)
        try {
          send(entry)
        } catch (error) {
          settle(error as Error)
        }
      }),
    handle(name, handler) {
      if (handlers.has(name)) throw new HoldfastError('invalid-argument', `"${name}" has a handler. Remove it first.`)
      handlers.set(name, handler)
      return () => void (handlers.get(name) === handler && handlers.delete(name))
    },
    receive(message, say, signal) {
      const { name, id, data, error, isAnswer = name === undefined || questions.has(id) } = message
      // Something has an id that is null, if nothing has one.
      const hasId = id !== undefined && id !== null
      if (isAnswer) {
        // An answer to what was withdrawn meanwhile is nobody's fault.
        questions.get(id)?.settle(error === undefined || error === null ? undefined : failureOf(error), data)
        if (!hasId) fault(new HoldfastError('malformed-frame', 'What came has no name, and no id of a request.', error))
      } else if (hasId && (message.isAnswer === false || handlers.has(name!))) answer(name!, message, say, signal)
      else if (!emit(name!, data)) fault(new HoldfastError('unknown-event', `Nobody listens to "${excerpt(name!)}".`))
    },
    broke() {
      for (const { entry, idempotent, settle } of questions.values()) {
        if (!entry.isOut) continue
        if (!idempotent) settle(new HoldfastError('in-doubt', IN_DOUBT))
        else {
          entry.isOut = false
          push(entry, true)
        }
      }
    },
    end(error) {
      for (const { settle } of questions.values()) settle(error)
    },
  }
  return calls
}
