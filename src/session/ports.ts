/** The session room's own ports: what each part of it sees of the others. */
import type { ErrorCode, HoldfastError } from '../kernel/errors.ts'
import type { Heartbeat } from '../kernel/liveness.ts'
import type { Ledger, Message, OnProgress, Progress } from '../kernel/message.ts'
import type { DropReason, Outbox, OutboxBounds } from '../kernel/outbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Carrier, Packet } from '../transports/transport.ts'
import type { Codec } from '../protocol/codec.ts'
import type { Bye, Control, CountedFrame, PlainFrame, Welcome } from '../protocol/frames.ts'

/** What a session needs from the endpoint that owns it: the client's runtime, or the server's. */
export interface SessionHost {
  readonly clock: Clock
  readonly heartbeat: Heartbeat
  /** Milliseconds after which a round trip is measured anew, once something is sent. Not at all by default. */
  readonly freshness?: number
  /** The outbox's bounds. */
  readonly outbox: OutboxBounds
  /** Hears what the next page will need, if anything is kept for it. */
  readonly ledger?: Ledger | undefined
  /** A message for the application. MUST NOT throw. */
  deliver(frame: CountedFrame): void
  /** Something arrived that cannot be used; the connection goes on. */
  fault(error: HoldfastError): void
  /** Only a client is welcomed. */
  welcome?(welcome: Welcome): void
  bye(bye: Bye): void
  /** The carrier is of no use any more. */
  broken(code: number, error: HoldfastError): void
  /** A queued message will not be sent. Settles it. */
  dropped(message: Message, why: DropReason): void
  /** Counters or deadlines may have moved. */
  changed(): void
}

/** One end's half of a conversation: numbers, acknowledgements, replay and liveness. Both ends use this very code. */
export interface Session {
  readonly outbox: Outbox
  /** How many of the other side's frames were delivered here. No acknowledgement leaves before their handlers have returned. */
  readonly got: number
  /** Smoothed round trip in milliseconds, -1 until measured. */
  roundTrip(): number
  /** Nothing is under way but what may be in the outbox: a session that is restored goes on from there. */
  isQuiet(): boolean
  /** The most bytes that a frame may have; undefined until the other side told. */
  limit: number | undefined
  /** When `due` must be called next, in the clock's time; Infinity for never. */
  deadline(): number
  /** Does what is due. */
  due(): void
  /** Something waits to be sent: it goes out when the task is done. */
  schedule(): void
  /** Somebody waits for the answer to what was just queued, so many characters: they need not all wait for the task's end. */
  hasten(size: number): void
  /** Sends a control line now or never. */
  volatile(line: string): void
  /** Begins to use a carrier. `opening`, if there is one, goes out at once, and what waits behind it. */
  attach(carrier: Carrier, opening?: Control): void
  /** The other side told where it stands. False if that cannot be continued. */
  resume(from: number, got: number): boolean
  /** Stops using the carrier; frames wait for the next one. */
  detach(): void
  /** Takes what a carrier brought; ignored unless it is the attached one. */
  receive(carrier: Carrier, packet: Packet): void
  /** Asks for a sign of life now. */
  probe(): void
  /** Resolves when all that was pushed so far is acknowledged, and nothing else is pending. */
  flush(isPending?: () => boolean): Promise<void>
  /** Sends everything that waits, now, and behind it an acknowledgement, and the last control frame if there is one. */
  farewell(bye?: Bye): void
  /** Another session begins: nothing was got, nothing is numbered. Returns what was out and what waited. */
  clear(): ReturnType<Outbox['clear']>
  /** Goes on where a former page stood, which had `got` of the other side's frames. */
  restore(got: number, ...outbox: Parameters<Outbox['restore']>): void
  /** The end: whoever waits is told why. */
  end(error: HoldfastError): void
}

/** Messages with Blobs: they wait outside of the outbox until their Blobs have gone, a piece at a time. docs/protocol.md#blobs */
export interface Parcels {
  /** The most bytes of Blobs that the other side takes in one message; undefined until it told. */
  limit: number | undefined
  /** Bytes of Blobs that went, or are about to, and have not arrived. */
  out(): number
  /** How many pieces have arrived, ever. */
  arrived(): number
  /** Puts a message behind the others. False if there are too many. */
  push(message: Message, now: number, force?: boolean): boolean
  /** Takes a message back that has no number yet, with no word on its fate. False if it has, or is not waiting. */
  withdraw(message: Message): boolean
  /** Nobody waits for the answer to this question any more. */
  recall(id: number): void
  /** Sends what may go. */
  pump(): void
  /** A new carrier. */
  start(): void
  /** Those that have still to arrive. */
  readonly open: ReadonlySet<Message>
  /** Another session begins. Returns those that waited. */
  clear(): Message[]
}

/** What is built on a session sees of it. */
export interface Port {
  readonly session: Session
  readonly clock: Clock
  readonly codec: Codec | undefined
  /** Throws if so many questions of the other side's wait for an answer that one more is too many. */
  ration?: (answering: number) => void
  /** Questions up to this id are a former page's. */
  readonly firstId: number
  /** Queues a frame. Throws where it may not go: `closed`, `too-large`, `overflow`. `isAnswer`: it may find room, or nobody to go to. */
  push(message: Message, isAnswer?: boolean): void
  /** Messages with Blobs. */
  readonly parcels: Parcels
  /** Bytes of Blobs that came ahead of their message. */
  held(): number
  /** How many pieces of Blobs went either way. */
  pieces(): number
  /** Puts a message back, after a lost session. */
  requeue(message: Message): void
  /** Tells of progress. */
  progress(listener: OnProgress | undefined, progress: Progress): void
  /** Sends a control line now or never. Throws as `push` does. */
  volatile(line: string): void
  /** Hears of incoming events. Throws for one that cannot be used. */
  onEvent: (name: string, data: unknown) => void
  /** Incoming data through the codec. Throws `invalid-payload`. */
  decode(data: unknown): unknown
  /** Incoming data through the codec and its schema. Throws `invalid-payload`. */
  accept(name: string, data: unknown): unknown
  /** Counts and reports what arrived and could not be used. */
  fault(error: HoldfastError): void
  /** Counts and reports what the application's own code threw. */
  thrown(error: unknown, where: string): void
}

/** What an answer is: one of many, the last word, or a failure (`value` is the error), which is a last word, too. */
export type Kind = 'item' | 'end' | 'fail'

/** Takes answers. After a last word nothing more comes, or is listened to. */
export type Answer = (kind: Kind, value?: unknown) => void

/** A question that is being answered. */
export interface Answering {
  /** Aborts when the asker withdraws, or the session ends; without a session, when the connection breaks. */
  readonly signal: AbortSignal
}

/** Answers the questions of one name. MUST NOT throw. */
export type Answerer = (data: unknown, answer: Answer, answering: Answering) => void

/** How a question is asked: see `RequestOptions`. */
interface Asking {
  readonly signal?: AbortSignal | undefined
  readonly idempotent?: boolean | undefined
  readonly timeout?: number
  readonly onUploadProgress?: OnProgress | undefined
  readonly onDownloadProgress?: OnProgress | undefined
}

/** A question of this side that has no last word yet. */
export interface Question {
  readonly answer: Answer
  readonly timeout: number
  /** The clock's time of its timeout; Infinity for none. */
  timeoutAt: number
  /** Hears how much of its answer's Blobs is there. */
  readonly onDownloadProgress: OnProgress | undefined
  /** The timeout has come. */
  expire(): void
  /** Stops listening to the signal. */
  unhear(): void
  /** Asks it again, after a lost session; only for idempotent questions. */
  readonly again: (() => Message) | false | undefined
}

/** Correlation of questions and answers, both ways. Requests and streams are two faces of it. docs/protocol.md#requests */
export interface Calls {
  /** Asks. The returned function withdraws the question, which fails with the given reason. */
  ask(name: string, data: unknown, answer: Answer, options?: Asking): (reason: unknown) => void
  /** Registers who answers questions of this name. Returns the way back. Throws if somebody does already. */
  handle(name: string, answerer: Answerer): () => void
  receive(frame: PlainFrame): void
  /** So much of the Blobs of an answer is there. */
  progress(id: number, progress: Progress): void
  /**
   * The other side lost the session. `again` has the questions that go out again, because it never had them. Those that it
   * took along fail, unless they are idempotent: those are returned, to be asked again. What is being answered here is abandoned.
   */
  lose(again: ReadonlySet<number>): Message[]
  /** A question that has had no last word yet. */
  find(id: number): Question | undefined
  /** The last id that this side asked with; undefined while anything waits for an answer, on either side. */
  idle(): number | undefined
  /** The end of everything. */
  end(error: HoldfastError): void
}

/** How often each kind of error was met. */
export type ErrorCounts = Readonly<Partial<Record<ErrorCode, number>>>

/** A session and its correlation, with all that features need around them. */
export interface Conversation extends Port {
  readonly calls: Calls
  readonly errors: ErrorCounts
  /** No more sending: `push` throws this from now on. */
  shut(error: HoldfastError): void
  end(error: HoldfastError): void
}
