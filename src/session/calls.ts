import { type ErrorCode, HoldfastError, RequestError, excerpt } from '../kernel/errors.ts'
import { type Message, messageOf, watch } from '../kernel/message.ts'
import { encodeFrame, encodeMessage } from '../protocol/encode.ts'
import type { Failure } from '../protocol/frames.ts'
import { createAlarm } from './alarm.ts'
import type { Answer, Answerer, Answering, Calls, Kind, Port, Question } from './ports.ts'

/** Characters of a failure's message that travel. */
const MAX_TEXT = 4_096

/** What may become of an answer with Blobs that was accepted. */
const UNSENDABLE = /^(too-large|unserializable)$/

const failed = (name: string): HoldfastError => new HoldfastError('handler-failed', `The handler of "${name}" failed.`)

const errorOf = ({ code, message, reason }: Failure): HoldfastError =>
  reason === undefined
    ? new HoldfastError(
        /^(unknown-request|invalid-payload|overflow)$/.test(code) ? (code as ErrorCode) : 'handler-failed',
        message,
      )
    : new RequestError(reason, message)

/** A question of the other side's. Few handlers look at their signal, and to make one costs more than the rest of an answer. */
class Asked implements Answering {
  private controller: AbortController | undefined

  get signal(): AbortSignal {
    return (this.controller ??= new AbortController()).signal
  }

  abort(reason: unknown): void {
    void this.signal
    this.controller!.abort(reason)
  }
}

export const createCalls = (talk: Port): Calls => {
  const questions = new Map<number, Question>()
  const answering = new Map<number, Asked>()
  const answerers = new Map<string, Answerer>()
  let lastId = talk.firstId

  /** No question times out before this, though the one that would have may have been answered: so timers are rarely touched. */
  let nextTimeout = Infinity
  const alarm = createAlarm(talk.clock, () => {
    const now = talk.clock.now()
    nextTimeout = Infinity
    for (const { timeoutAt, expire } of [...questions.values()])
      if (timeoutAt <= now) expire()
      else nextTimeout = Math.min(nextTimeout, timeoutAt)
    alarm.set(nextTimeout)
  })

  const settle = (id: number, kind: Kind, value: unknown): boolean => {
    const question = questions.get(id)
    if (kind !== 'item') {
      questions.delete(id)
      question?.unhear()
    }
    question?.answer(kind, value)
    return !!question
  }

  /** A failure that the asker may read. */
  const refuse = (id: number, { code, message, reason }: HoldfastError & { readonly reason?: string }): void => {
    const failure = { code, message: message.slice(0, MAX_TEXT), reason: reason?.slice(0, MAX_TEXT) }
    talk.push(messageOf(encodeFrame(id, null, undefined, failure)), true)
  }

  const answerTo = (id: number, name: string, question: Asked): Answer => {
    return (kind, value) => {
      if (answering.get(id) !== question) return
      if (kind !== 'item') answering.delete(id)
      if (kind !== 'fail')
        try {
          if (kind === 'item') return talk.push(messageOf(encodeFrame(id, value, talk.codec, 1)), true)
          const message = messageOf(encodeMessage(id, value, talk.codec))
          // Later than others, its Blobs may turn out to be too large, or unreadable.
          if (message.blobs) watch(message, (fate) => fate && UNSENDABLE.test(fate.code) && refuse(id, failed(name)))
          return talk.push(message, true)
        } catch (error) {
          value = error
        }
      answering.delete(id)
      question.abort(value)
      if (value instanceof RequestError) return refuse(id, value)
      talk.thrown(value, `The handler of "${name}"`)
      refuse(id, failed(name))
    }
  }

  const receiveNamed = (name: string, data: unknown, id?: number): void => {
    if (id !== undefined && answering.has(id))
      return talk.fault(new HoldfastError('protocol', `Request ${id} came twice.`))
    try {
      if (id === undefined) return talk.onEvent(name, data)
      const answerer = answerers.get(name)
      if (!answerer)
        throw new HoldfastError(
          'unknown-request',
          `Nobody handles "${excerpt(name)}". Do so in the task that connects.`,
        )
      talk.ration?.(answering.size)
      const input = talk.accept(name, data)
      const question = new Asked()
      answering.set(id, question)
      answerer(input, answerTo(id, name, question), question)
    } catch (error) {
      talk.fault(error as HoldfastError)
      if (id !== undefined) refuse(id, error as HoldfastError)
    }
  }

  const abandon = (reason: HoldfastError, id?: number): void => {
    for (const [key, question] of answering)
      if (id === undefined || id === key) {
        answering.delete(key)
        question.abort(reason)
      }
  }

  /** What moves does not time out. */
  const touch = (question: Question): void => {
    question.timeoutAt = talk.clock.now() + question.timeout
  }

  return {
    ask(name, data, answer, { signal, idempotent, timeout = Infinity, onUploadProgress, onDownloadProgress } = {}) {
      signal?.throwIfAborted()
      const id = ++lastId
      const frame = encodeMessage(name, data, talk.codec, id)
      let message: Message
      const create = (): Message => {
        message = { ...messageOf(frame), isNumbered: false }
        if (message.blobs)
          message.onProgress = (progress) => {
            touch(question)
            onUploadProgress?.(progress)
          }
        watch(message, (fate) => fate && settle(id, 'fail', fate))
        return message
      }
      const withdraw = (reason: unknown): void => {
        if (settle(id, 'fail', reason) && !talk.parcels.withdraw(message)) talk.push(messageOf(`[${id}]`), true)
      }
      const onAbort = (): void => withdraw(signal!.reason)
      const expire = (): void => {
        const why = `No answer to "${name}" within ${timeout} ms. Give it a longer \`timeout\`.`
        withdraw(new HoldfastError('timeout', why))
      }
      const unhear = (): void => signal?.removeEventListener('abort', onAbort)
      signal?.addEventListener('abort', onAbort)
      const timeoutAt = timeout < Infinity ? talk.clock.now() + timeout : timeout
      const again = idempotent && create
      const question: Question = { answer, again, timeout, timeoutAt, expire, unhear, onDownloadProgress }
      questions.set(id, question)
      try {
        talk.push(create())
        talk.session.hasten(message!.frame.length)
      } catch (error) {
        questions.delete(id)
        unhear()
        throw error
      }
      nextTimeout = Math.min(nextTimeout, timeoutAt)
      alarm.set(nextTimeout)
      return withdraw
    },
    handle(name, answerer) {
      if (answerers.has(name)) throw new HoldfastError('invalid-argument', `"${name}" has a handler. Remove it first.`)
      answerers.set(name, answerer)
      return () => void (answerers.get(name) === answerer && answerers.delete(name))
    },
    receive(frame) {
      const [head, data, tail] = frame
      if (typeof head === 'string') return receiveNamed(head, data, tail as number | undefined)
      if (frame.length === 1)
        return answering.has(head)
          ? abandon(new HoldfastError('aborted', 'The asker withdrew its request.'), head)
          : talk.parcels.recall(head)
      // An answer to a question that was withdrawn meanwhile is nobody's fault.
      try {
        if (tail instanceof Object) throw errorOf(tail)
        const isOurs = settle(head, tail ? 'item' : 'end', talk.decode(data))
        // The page that asked is gone, and whoever goes on with its session has to stop the stream.
        if (!isOurs && tail && head <= talk.firstId) talk.push(messageOf(`[${head}]`), true)
      } catch (error) {
        settle(head, 'fail', error)
      }
    },
    lose(again) {
      abandon(new HoldfastError('session-lost', 'The asker is gone.'))
      return [...questions].flatMap(([id, question]) => {
        if (again.has(id)) return []
        if (question.again) return question.again()
        const why = 'The session was lost before an answer came. Mark the request `idempotent` to ask it again.'
        settle(id, 'fail', new HoldfastError('session-lost', why))
        return []
      })
    },
    progress(id, progress) {
      const question = questions.get(id)
      if (!question) return
      touch(question)
      talk.progress(question.onDownloadProgress, progress)
    },
    find: (id) => questions.get(id),
    idle: () => (questions.size + answering.size > 0 ? undefined : lastId),
    end(error) {
      abandon(error)
      for (const id of questions.keys()) settle(id, 'fail', error)
      alarm.set(Infinity)
    },
  }
}
