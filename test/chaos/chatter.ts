/** Both sides talk aloud while the network is broken in between; afterwards every message must have arrived once, in order, unharmed. */
import type { Socket } from 'holdfast'
import type { ServerSession } from 'holdfast/server'
import { type Sizes, type Way, answerTo, blobOf, isSameBlob, kindOf, numberOf, textOf } from './content.ts'
import { type Damage, Ledger, type Tally, lostOf } from './ledger.ts'

type Numbered = readonly [number: number, text: string]

interface Spoken {
  text: Numbered
  blob: Uint8Array
}
interface Asked {
  quiz(question: Numbered): string
}

/** What the two sides say. */
export interface Chatter {
  toServer: Spoken
  toClient: Spoken
  requests: Asked & {
    /** The server begins to talk. */
    begin(pace: Pace): null
    /** Answered behind everything that the server has said so far. */
    echo(): null
    /** The server says no more. */
    hush(): null
    /** How far it came, what it heard, and what came of its questions. */
    report(): Report
  }
  serverRequests: Asked
}

export interface Pace {
  /** Messages a second, each way. */
  readonly rate: number
  readonly sizes: Sizes
}

/** How one side stands, as plain JSON. */
export interface Report {
  /** What it said, or is going to go on with. */
  readonly pace: Pace | null
  readonly sent: number
  readonly asked: number
  readonly answered: number
  readonly heard: Tally
  readonly longestGap: number
}

/** What happens to a book. */
export type Change = { readonly pace: Pace | null } | { readonly heard: Heard } | 'sent' | 'asked' | 'answered'
type Heard = readonly [number: number, isIntact: boolean]

/** What one side has said and heard. It may outlive its process: `note` hears each change, and a copy that records the same is the same. */
export class Book {
  pace: Pace | null = null
  sent = 0
  #asked = 0
  #answered = 0
  readonly #heard: Ledger
  readonly #note: ((change: Change) => void) | undefined

  constructor(report?: Report, note?: (change: Change) => void) {
    this.#heard = new Ledger(report?.heard)
    this.#note = note
    if (report)
      [this.pace, this.sent, this.#asked, this.#answered] = [report.pace, report.sent, report.asked, report.answered]
  }

  record(change: Change): void {
    if (change === 'sent') this.sent++
    else if (change === 'asked') this.#asked++
    else if (change === 'answered') this.#answered++
    else if ('pace' in change) this.pace = change.pace
    else this.#heard.take(...change.heard)
    this.#note?.(change)
  }

  get report(): Report {
    const { pace, sent } = this
    const { tally: heard, longestGap } = this.#heard
    return { pace, sent, asked: this.#asked, answered: this.#answered, heard, longestGap }
  }
}

/** What both sides can. */
type Side = Pick<
  ServerSession<{ toServer: Spoken; toClient: Spoken; requests: Asked; serverRequests: Asked }>,
  'send' | 'request' | 'on' | 'handle'
>

/** Says what is next at its pace, however seldom it gets the time. */
class Speaker {
  readonly #side: Side
  readonly #way: Way
  readonly #book: Book
  readonly #questions = new Set<Promise<void>>()
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(side: Side, way: Way, book: Book) {
    this.#side = side
    this.#way = way
    this.#book = book
  }

  start({ rate, sizes }: Pace): void {
    const since = performance.now()
    let said = 0
    this.#timer = setInterval(
      () => {
        for (; said < ((performance.now() - since) * rate) / 1000; said++) this.#say(sizes)
      },
      Math.min(20, 1000 / rate),
    )
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Resolves when no question is open. */
  async settled(): Promise<void> {
    await Promise.all(this.#questions)
  }

  #say(sizes: Sizes): void {
    this.#book.record('sent')
    const { sent: number } = this.#book
    const kind = kindOf(number, sizes)
    if (kind === 'blob') this.#side.send('blob', blobOf(this.#way, number, sizes))
    else if (kind === 'text') this.#side.send('text', [number, textOf(this.#way, number, sizes)])
    else {
      const question = this.#ask(number, sizes)
      this.#questions.add(question)
      void question.then(() => this.#questions.delete(question))
    }
  }

  async #ask(number: number, sizes: Sizes): Promise<void> {
    this.#book.record('asked')
    const question = [number, textOf(this.#way, number, sizes)] as const
    try {
      const answer = await this.#side.request('quiz', question, { timeout: Infinity })
      if (answer === answerTo(this.#way, number)) this.#book.record('answered')
    } catch {
      // It counts as not answered.
    }
  }
}

/** Hears the other side out. */
function listen(side: Side, way: Way, book: Book, sizes: () => Sizes): void {
  const hear = ([number, text]: Numbered): void =>
    book.record({ heard: [number, text === textOf(way, number, sizes())] })
  side.on('text', hear)
  side.on('blob', (blob) => {
    const number = numberOf(blob)
    book.record({ heard: [number, isSameBlob(blob, blobOf(way, number, sizes()))] })
  })
  side.handle('quiz', (question) => {
    hear(question)
    return answerTo(way, question[0])
  })
}

/** The server's part. With a book that was begun by a session before, it goes on where that stopped. */
export function chatBack(session: ServerSession<Chatter>, book: Book = new Book()): void {
  const speaker = new Speaker(session, 'down', book)
  listen(session, 'up', book, () => book.pace?.sizes ?? 'small')
  if (book.pace) speaker.start(book.pace)
  session.handle('begin', (pace) => {
    book.record({ pace })
    speaker.start(pace)
    return null
  })
  session.handle('echo', () => null)
  session.handle('hush', () => {
    speaker.stop()
    return null
  })
  session.handle('report', () => book.report)
  session.onEnd(() => speaker.stop())
}

/** What became of both sides' words. */
export interface Outcome {
  readonly up: Damage
  readonly down: Damage
  /** Milliseconds. */
  readonly duration: number
}

/** The client's part, in Node.js or in a page. Both talk, connected or not, as long as `during` lasts; resolves when all is told. */
export async function converse(socket: Socket<Chatter>, pace: Pace, during: () => Promise<unknown>): Promise<Outcome> {
  const start = performance.now()
  const book = new Book()
  const speaker = new Speaker(socket, 'up', book)
  listen(socket, 'down', book, () => pace.sizes)
  // Not in the hello's packet, where it could be in doubt before the first fault.
  await opened(socket)
  await socket.request('begin', pace)
  speaker.start(pace)
  try {
    await during()
  } finally {
    speaker.stop()
  }
  // The answer comes behind everything that was said before it, questions included; and so does the report behind their answers.
  await socket.request('hush')
  await speaker.settled()
  await socket.flush()
  const [ours, theirs] = [book.report, await socket.request('report')]
  return { up: damage(ours, theirs), down: damage(theirs, ours), duration: performance.now() - start }
}

const opened = (socket: Socket<Chatter>): Promise<void> =>
  new Promise((resolve) => socket.status.subscribe(({ state }) => state === 'open' && resolve()))

function damage({ sent, asked, answered }: Report, { heard, longestGap }: Report): Damage {
  const { doubled, outOfOrder, corrupted } = heard
  const unanswered = asked - answered
  return { sent, lost: lostOf(heard, sent), doubled, outOfOrder, corrupted, answered, unanswered, longestGap }
}

/** For people. */
export function describeOutcome({ up, down, duration }: Outcome): string {
  const tell = ({ sent, lost, doubled, outOfOrder, corrupted, answered, unanswered, longestGap }: Damage): string =>
    [
      `${sent} sent, ${lost} lost, ${doubled} doubled, ${outOfOrder} out of order, ${corrupted} corrupted`,
      ...(answered + unanswered > 0 ? [`${answered} answered, ${unanswered} not`] : []),
      `none for ${longestGap.toFixed()} ms`,
    ].join(', ')
  return `${(duration / 1000).toFixed(1)} s; up: ${tell(up)}; down: ${tell(down)}`
}
