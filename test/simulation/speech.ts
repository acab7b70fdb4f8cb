/** Both sides' application code in a life: it says, asks and answers what the plan wants, and keeps the books. */
import { HoldfastError, type Receipt, RequestError, type Socket } from 'holdfast'
import type { ClockView, Trace, VirtualClock } from 'holdfast/testing'
import { createLane, type Lane, type Question, type Questions } from './invariants.ts'
import { inspectPhoto, takePhoto } from './photos.ts'
import type { Act, AnswerMode, Kind } from './plan.ts'
import type { Report } from './violation.ts'

/** What both sides may say, alike both ways. */
interface Messages {
  say: Note
  echo: Note
  keyed: Note
  brief: Note
  volatile: Note
  bytes: Uint8Array
  photo: Photo
}

interface Note {
  /** Which flow it belongs to, and its number there. */
  readonly flow: number
  readonly number: number
  readonly text: string
}

interface Photo {
  readonly flow: number
  readonly number: number
  readonly size: number
  readonly blob: Blob
}

interface Ask {
  readonly flow: number
  readonly number: number
  /** With so many bytes. */
  readonly photo?: number
  readonly blob?: Blob
  /** The answer is to have a Blob of so many bytes. */
  readonly copy?: number
  readonly mode: AnswerMode
  readonly delay: number
}

type Answer = number | { readonly number: number; readonly copy: Blob }

/** The contract of every life. */
export interface Talk {
  toServer: Messages
  toClient: Messages
  requests: { ask(input: Ask): Answer }
  serverRequests: { ask(input: Ask): Answer }
  streams: { count(input: { readonly items: number; readonly every: number }): number }
}

/** What a client's socket and a server's session have in common. */
export type Speaker = Pick<Socket<Talk>, 'send' | 'on' | 'request' | 'handle' | 'flush'>

/** One direction of one session, for the application. */
export interface Flow {
  readonly id: number
  readonly name: string
  readonly lane: Lane
  readonly volatile: Lane
  readonly questions: Map<number, Question>
  /** It ended in a way that excuses its asker: `closed` and the like are fair answers from now on. */
  over: boolean
  /** Its speaker's outbox is small: `overflow` is a fair answer. */
  readonly isTight: boolean
  /** Promises of the speaker that are pending. */
  flushes: number
  receipts: number
}

/** What a life's application code needs. */
export interface Stage {
  readonly clock: VirtualClock
  readonly trace: Trace
  readonly report: Report
  readonly questions: Questions
  readonly flows: Flow[]
  /** Servers forget sessions in this life. */
  readonly lossy: boolean
  /** Nothing goes wrong any more. */
  healed: boolean
}

/** What handlers throw on purpose. */
export const ON_PURPOSE = 'thrown on purpose'

/** Milliseconds that a `brief` message is worth sending, and bytes before the content of a binary one. */
const [BRIEF, HEADER] = [500, 12]
/** A flow of its own for one speaker. */
export const createFlow = (stage: Stage, name: string, isTight = false): Flow => {
  const flow: Flow = {
    id: stage.flows.length,
    name,
    lane: createLane(name, stage.report),
    volatile: createLane(`${name} (volatile)`, stage.report),
    questions: new Map(),
    over: false,
    isTight,
    flushes: 0,
    receipts: 0,
  }
  stage.flows.push(flow)
  return flow
}

const encodeBytes = (flow: number, number: number, size: number): Uint8Array => {
  const bytes = new Uint8Array(HEADER + size).fill(number & 255)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, flow)
  view.setUint32(4, number)
  view.setUint32(8, size)
  return bytes
}

const isWhole = (bytes: Uint8Array, number: number): boolean => {
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(8)
  if (bytes.length !== HEADER + size) return false
  for (let index = HEADER; index < bytes.length; index++) if (bytes[index] !== (number & 255)) return false
  return true
}

/** Which message it is, of whatever kind; undefined for what is in no lane. */
export const identify = (data: unknown): { readonly flow: number; readonly number: number } | undefined => {
  if (data instanceof Uint8Array) {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    return { flow: view.getUint32(0), number: view.getUint32(4) }
  }
  const { flow, number } = data as Partial<Note>
  return flow === undefined || number === undefined ? undefined : { flow, number }
}

/** Whether a call may be refused with this code: `forbidden` is how a life's server dismisses for good. */
export const mayRefuse = ({ over, isTight }: Flow, code: string): boolean =>
  ((code === 'closed' || code === 'forbidden') && over) || (code === 'overflow' && isTight)

const codeOf = (error: unknown): string => (error instanceof HoldfastError ? error.code : String(error))

/** Of so many messages, one receipt is asked for. */
const RECEIPTS = 4
/** A receipt with one of these says that the message never left. */
const UNSENT = ['expired', 'dropped', 'too-large', 'aborted']

const check = (stage: Stage, flow: Flow, number: number, { delivered }: Receipt): void => {
  flow.receipts++
  delivered
    .then(
      () => flow.lane.delivered(number),
      (error: unknown) => {
        if (UNSENT.includes(codeOf(error))) flow.lane.unsent(number)
      },
    )
    .then(() => flow.receipts--)
    .catch((error: unknown) => stage.report('receipt', `${flow.name}: ${String(error)}`))
}

/** Aborted after a while. */
const withdrawal = ({ clock }: Stage, view: ClockView, after: number): AbortSignal => {
  const controller = new AbortController()
  if (after < Infinity)
    clock.after(after, () => view.enter(() => controller.abort(new HoldfastError('aborted', 'withdrawn'))))
  return controller.signal
}

/** Sends what the plan wants. */
export const say = (stage: Stage, speaker: Speaker, flow: Flow, view: ClockView, act: Act & { do: 'send' }): void => {
  const { kind, size, abortAfter = Infinity } = act
  const laden = kind === 'photo'
  for (let index = 0; index < act.count; index++) {
    const key = kind === 'keyed' ? `key ${index % 2}` : undefined
    const lane = kind === 'volatile' ? flow.volatile : flow.lane
    const optional = kind === 'brief' || kind === 'volatile'
    const number = lane.accept({ optional, laden, ...(key !== undefined && { key }) })
    stage.trace.add(flow.name, `says ${number} ${kind}`)
    const note = { flow: flow.id, number, text: 'ü'.repeat(size / 2) }
    const send = (): Receipt => {
      if (kind === 'bytes') return speaker.send(kind, encodeBytes(flow.id, number, size))
      if (kind === 'photo') {
        const photo = { flow: flow.id, number, size, blob: takePhoto(number, size) }
        return speaker.send(kind, photo, { signal: withdrawal(stage, view, abortAfter) })
      }
      if (kind === 'volatile') return speaker.send(kind, note, { volatile: true })
      if (kind === 'brief') return speaker.send(kind, note, { ttl: BRIEF })
      return speaker.send(kind, note, key === undefined ? {} : { latest: key })
    }
    try {
      const receipt = send()
      if (kind !== 'volatile' && (number % RECEIPTS === 1 || abortAfter < Infinity)) check(stage, flow, number, receipt)
    } catch (error) {
      lane.refuse(number)
      if (!mayRefuse(flow, codeOf(error))) stage.report('accepted', `${flow.name}: send threw ${codeOf(error)}`)
    }
  }
}

/** Asks what the plan wants, and checks the outcome. */
export const ask = (
  stage: Stage,
  speaker: Speaker,
  flow: Flow,
  view: ClockView,
  { mode, delay, timeout, abortAfter, idempotent, photo, copy }: Act & { do: 'ask' },
): void => {
  const repeatable = idempotent && stage.lossy
  const number = flow.lane.accept({ repeatable, laden: photo !== undefined })
  const name = `${flow.name}, question ${number} (${mode})`
  const question = stage.questions.ask(name, repeatable)
  flow.questions.set(number, question)
  stage.trace.add(flow.name, `asks ${number} ${mode}`, { timeout, abortAfter, idempotent })
  const signal = withdrawal(stage, view, abortAfter)
  const isFair = (code: string): boolean =>
    (code === 'timeout' && timeout < Infinity) ||
    (code === 'aborted' && abortAfter < Infinity) ||
    mayRefuse(flow, code) ||
    ((code === 'session-lost' || code === 'in-doubt') && stage.lossy && !idempotent)

  const said = { 'at-once': 'answer', later: 'answer', throw: 'handler-failed', refuse: 'request-failed', never: '' }[
    mode
  ]
  const input = {
    ...{ flow: flow.id, number, mode, delay },
    ...(photo !== undefined && { photo, blob: takePhoto(number, photo) }),
    ...(copy !== undefined && { copy }),
  }
  speaker
    .request('ask', input, { timeout, signal, idempotent })
    .then(
      (answer) => {
        const of = typeof answer === 'number' ? answer : answer.number
        if (of !== number) stage.report('outcome', `${name} got the answer to ${of}`)
        if (copy !== undefined)
          inspectPhoto(name, number, copy, typeof answer === 'number' ? answer : answer.copy, stage.report)
        return 'answer'
      },
      (error: unknown) => {
        if (error instanceof RequestError && error.reason !== ON_PURPOSE) return `reason ${error.reason}`
        return codeOf(error)
      },
    )
    .then((outcome) => {
      stage.trace.add(flow.name, `learns of ${number}: ${outcome}`)
      if (outcome !== said && !isFair(outcome)) stage.report('outcome', `${name} ended with ${outcome}`)
      if (outcome === 'overflow') flow.lane.refuse(number)
      else if (outcome !== said) flow.lane.excuse(number)
      question.settled(outcome, outcome === said)
    })
    .catch((error: unknown) => stage.report('outcome', `${name}: ${String(error)}`))
}

/** Waits for everything sent so far, and checks that it arrived. */
export const flush = (stage: Stage, speaker: Speaker, flow: Flow): void => {
  const upTo = flow.lane.accepted
  flow.flushes++
  stage.trace.add(flow.name, `flushes up to ${upTo}`)
  speaker
    .flush()
    .then(
      () => {
        if (!flow.lane.isComplete(upTo))
          stage.report('flushed', `${flow.name}: flushed up to ${upTo}, and not all of it arrived`)
      },
      (error: unknown) => {
        if (!mayRefuse(flow, codeOf(error)))
          stage.report('flushed', `${flow.name}: flush rejected with ${codeOf(error)}`)
      },
    )
    .then(() => flow.flushes--)
    .catch((error: unknown) => stage.report('flushed', `${flow.name}: ${String(error)}`))
}

/** Listens, and answers over a flow of its own. `mayHear` tells whether messages of a flow may come here now. */
export const listen = (
  stage: Stage,
  speaker: Speaker,
  own: Flow,
  view: ClockView,
  mayHear: (flow: Flow) => boolean,
): void => {
  const find = (id: number, number: number): Flow | undefined => {
    const flow = stage.flows[id]
    if (!flow || !mayHear(flow)) {
      stage.report('genuine', `${flow?.name ?? id}: ${number} came where it must not`)
      return undefined
    }
    stage.trace.add(flow.name, `delivers ${number}`)
    return flow
  }
  const hear = (kind: Exclude<Kind, 'bytes' | 'photo'>): void =>
    void speaker.on(kind, ({ flow, number }) => {
      const found = find(flow, number)
      ;(kind === 'volatile' ? found?.volatile : found?.lane)?.arrive(number)
      if (kind === 'echo')
        say(stage, speaker, own, view, { do: 'send', side: 'server', kind: 'say', count: 1, size: 0 })
    })
  for (const kind of ['say', 'echo', 'keyed', 'brief', 'volatile'] as const) hear(kind)
  speaker.on('bytes', (bytes) => {
    const { flow, number } = identify(bytes) as { flow: number; number: number }
    if (!isWhole(bytes, number)) stage.report('genuine', `the bytes of ${number} came changed`)
    find(flow, number)?.lane.arrive(number)
  })
  speaker.on('photo', ({ flow, number, size, blob }) => {
    const found = find(flow, number)
    found?.lane.arrive(number)
    if (found) inspectPhoto(found.name, number, size, blob, stage.report)
  })
  speaker.handle('ask', ({ flow, number, mode, delay, photo, blob, copy }, { signal }) => {
    const found = find(flow, number)
    found?.lane.arrive(number)
    if (found && photo !== undefined) inspectPhoto(found.name, number, photo, blob, stage.report)
    const answer = copy === undefined ? number : { number, copy: takePhoto(number, copy) }
    found?.questions.get(number)?.handled(mode === 'never' ? signal : undefined)
    if (mode === 'throw') throw new Error(ON_PURPOSE)
    if (mode === 'refuse') throw new RequestError(ON_PURPOSE)
    if (mode === 'at-once') return answer
    return new Promise<Answer>((resolve) => {
      if (mode === 'later') stage.clock.after(delay, () => view.enter(() => resolve(answer)))
    })
  })
}
