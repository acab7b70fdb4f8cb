import { HoldfastError, RequestError } from '../kernel/errors.ts'
import type { Encoded, Entry } from '../kernel/outbox.ts'
import { encodeCancel, encodeFrame } from '../wire/encode.ts'
import type { CancelFrame, FailureFrame, ItemFrame, ReplyFrame, RequestFrame } from '../wire/frames.ts'
import type { Port } from './port.ts'

/** Where the answers to one question go. Exactly one of `end` and `fail` is called, once, and nothing after it. */
export interface Sink {
  item(data: unknown): void
  end(data: unknown): void
  fail(error: HoldfastError): void
}

/** A question of this side that has no last word yet. */
interface Question {
  readonly sink: Sink
  readonly entry: Entry
  /** What to ask again after a lost session; only for idempotent questions. */
  readonly again: Encoded | undefined
}

/** One question of the other side, while it is answered. What comes after its end or its cancellation is dropped. */
export interface Call {
  /** Aborted when the asker withdraws, or the session ends. */
  readonly signal: AbortSignal
  item(data: unknown): void
  end(data: unknown): void
  /** A `RequestError` travels as it is; of any other error the asker learns only that the handler failed. */
  fail(error: unknown): void
}

/** Correlation of questions and answers, both ways. Requests and streams are two faces of it. docs/protocol.md#requests */
export interface Calls {
  /** Asks. The returned function withdraws the question, silently. */
  ask(name: string, data: unknown, sink: Sink, idempotent?: boolean): () => void
  /** Registers who answers questions of this name. Returns the way back. Throws if somebody does already. */
  answer(name: string, answerer: (data: unknown, call: Call) => void): () => void
  receive(frame: RequestFrame | ReplyFrame | ItemFrame | FailureFrame | CancelFrame): void
  /** The last word on a question of this side, said by this side. */
  fail(id: number, error: HoldfastError): void
  /** True while a question has no last word, and for what it may be asked again. */
  isOpen(id: number): boolean
  isIdempotent(id: number): boolean
  /**
   * The other side lost the session: questions it took with it fail, or are returned to be asked again where they
   * are idempotent; `out` are those that it never acknowledged. What is being answered here is abandoned.
   */
  lose(out: ReadonlySet<number>): Encoded[]
  /** The end of everything. */
  end(error: HoldfastError): void
}

const failureOf = (frame: FailureFrame): HoldfastError => {
  const { code, message, reason } = frame[2]
  if (code === 'request-failed' && reason !== undefined) return new RequestError(reason, message)
  const known = code === 'unknown-request' || code === 'invalid-payload' ? code : 'handler-failed'
  return new HoldfastError(known, message)
}

export const createCalls = (port: Port): Calls => {
  const questions = new Map<number, Question>()
  const answering = new Map<number, AbortController>()
  const answerers = new Map<string, (data: unknown, call: Call) => void>()
  let lastId = 0

  const settle = (id: number): Sink | undefined => {
    const sink = questions.get(id)?.sink
    questions.delete(id)
    return sink
  }

  const refuse = (id: number, error: HoldfastError): void => {
    const reason = error instanceof RequestError ? { reason: error.reason } : undefined
    port.push(encodeFrame(id, undefined, undefined, { code: error.code, message: error.message, ...reason }), true)
  }

  const openCall = (id: number, name: string): Call => {
    const controller = new AbortController()
    answering.set(id, controller)
    const say = (last: boolean, data: unknown): void => {
      if (answering.get(id) !== controller) return
      try {
        port.push(encodeFrame(id, data, port.codec, last ? undefined : 1), true)
      } catch (error) {
        return call.fail(error)
      }
      if (last) answering.delete(id)
    }
    const call: Call = {
      signal: controller.signal,
      item: (data) => say(false, data),
      end: (data) => say(true, data),
      fail(error) {
        if (answering.get(id) !== controller) return
        answering.delete(id)
        controller.abort(error)
        if (error instanceof RequestError) return refuse(id, error)
        port.thrown(error, `The handler of "${name}"`)
        refuse(id, new HoldfastError('handler-failed', `The other side's handler of "${name}" failed.`))
      },
    }
    return call
  }

  const receiveRequest = ([name, data, id]: RequestFrame): void => {
    if (answering.has(id)) return port.fault(new HoldfastError('protocol', `Request ${id} came twice.`))
    const answerer = answerers.get(name)
    try {
      if (!answerer)
        throw new HoldfastError(
          'unknown-request',
          `Nobody handles "${name.slice(0, 80)}" on the other side. Register it with \`handle\` or \`handleStream\`.`,
        )
      answerer(port.accept(name, data), openCall(id, name))
    } catch (error) {
      const refusal = error as HoldfastError
      port.fault(refusal)
      refuse(id, refusal)
    }
  }

  const abandon = (reason: HoldfastError): void => {
    const controllers = [...answering.values()]
    answering.clear()
    for (const controller of controllers) controller.abort(reason)
  }

  return {
    ask(name, data, sink, idempotent) {
      const id = ++lastId
      const frame = encodeFrame(name, data, port.codec, id)
      const entry: Entry = { frame, pinned: true }
      port.push(entry)
      questions.set(id, { sink, entry, again: idempotent ? frame : undefined })
      return () => {
        if (settle(id) && !port.withdraw(entry)) port.push(encodeCancel(id), true)
      }
    },
    answer(name, answerer) {
      if (answerers.has(name))
        throw new HoldfastError(
          'invalid-argument',
          `"${name}" has a handler already. Remove that one first: call the function that registering it returned.`,
        )
      answerers.set(name, answerer)
      return () => void (answerers.get(name) === answerer && answerers.delete(name))
    },
    receive(frame) {
      const [head, data, tail] = frame
      if (typeof head === 'string') return receiveRequest(frame as RequestFrame)
      if (frame.length === 1) {
        const controller = answering.get(head)
        answering.delete(head)
        return controller?.abort(new HoldfastError('aborted', 'The asker withdrew its request.'))
      }
      // An answer to a question that was withdrawn meanwhile is nobody's fault.
      if (typeof tail === 'object') return settle(head)?.fail(failureOf(frame as FailureFrame))
      let value: unknown
      try {
        value = port.decode(data)
      } catch (error) {
        return settle(head)?.fail(error as HoldfastError)
      }
      if (tail === 1) questions.get(head)?.sink.item(value)
      else settle(head)?.end(value)
    },
    fail: (id, error) => settle(id)?.fail(error),
    isOpen: (id) => questions.has(id),
    isIdempotent: (id) => questions.get(id)?.again !== undefined,
    lose(out) {
      abandon(new HoldfastError('session-lost', 'The session in which this was asked is lost.'))
      const again: Encoded[] = []
      for (const [id, { entry, again: frame }] of [...questions])
        if (entry.frame === undefined && !out.has(id)) {
          if (frame !== undefined) again.push(frame)
          else
            settle(id)?.fail(
              new HoldfastError(
                'session-lost',
                'The server lost the session before it answered. Mark the request `idempotent` to have it asked again.',
              ),
            )
        }
      return again
    },
    end(error) {
      abandon(error)
      for (const id of [...questions.keys()]) settle(id)?.fail(error)
    },
  }
}
