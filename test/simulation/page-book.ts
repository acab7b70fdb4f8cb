/** The books of lives in which pages come and go, and leave their messages to one another. */
import type { Report } from './violation.ts'

/** A page, as far as the books go. */
export interface Author {
  readonly name: string
  /** Its store failed it: nothing of it need outlive it. */
  isForsaken: boolean
  isDead: boolean
  /** Since when it is frozen, and cannot keep anything. */
  frozenAt?: number | undefined
}

interface Entry {
  readonly author: Author
  readonly at: number
  arrivals: number
  /** How often it was said that it goes out once more. */
  doubts: number
  isExcused: boolean
}

/** Errors that conforming peers may meet on a bad network, or with a bad disk. */
export const isFairError = (code: string): boolean =>
  /^(unresponsive|try-later|unreachable|timeout|storage-failed|session-lost|superseded)$/.test(code)

/** The numbers of messages among what is kept. */
export const numbersIn = (frames: readonly { readonly frame: unknown }[]): number[] =>
  frames.map(({ frame }) => (JSON.parse(String(frame)) as [string, { number: number }])[1].number)

/** What pages say to a server. */
export interface PageBook {
  /** A page was let send: the number that the message must carry. */
  accept(author: Author): number
  /** It arrived: whatever page of its own brought it, once, and nothing of the same page is missing before it. */
  arrive(number: number): void
  /** A page was told that nobody knows whether it arrived. */
  doubt(number: number, resent: boolean): void
  /** A page died, and `kept` is what is on the disk now: what is not there was too young, or is there no more because it arrived. */
  die(author: Author, kept: ReadonlySet<number>): void
  /** What was on the disk is gone, by no fault of any page. */
  ruin(numbers: ReadonlySet<number>): void
  /** How many have still to arrive. */
  readonly missing: number
  close(): void
}

/** An empty one. `grace`: milliseconds within which a message is kept, while its page lives. */
export const createPageBook = (now: () => number, grace: number, report: Report): PageBook => {
  const entries: Entry[] = []
  const last = new Map<Author, number>()

  const isMissing = ({ arrivals, isExcused }: Entry): boolean => arrivals === 0 && !isExcused
  const at = (number: number): Entry => entries[number - 1] as Entry

  return {
    get missing() {
      return entries.filter(isMissing).length
    },
    accept: (author) => entries.push({ author, at: now(), arrivals: 0, doubts: 0, isExcused: false }),
    arrive: (number) => {
      const entry = entries[number - 1]
      if (!entry) return report('genuine', `${number} arrived but was never sent`)
      const { author } = entry
      const before = last.get(author) ?? 0
      // What a page was told to be somebody else's business comes when that one says it.
      const isOwn = !entry.isExcused && entry.doubts === 0
      if (entry.arrivals++ === 0 && isOwn && number < before)
        report('order', `${number} of ${author.name} arrived after ${before}`)
      last.set(author, Math.max(number, before))
      const gap = entries.findIndex((other, index) => index < number - 1 && other.author === author && isMissing(other))
      if (gap >= 0) report('complete', `${number} of ${author.name} arrived and ${gap + 1} is missing before it`)
      return undefined
    },
    doubt: (number, resent) => {
      at(number).doubts++
      if (!resent) at(number).isExcused = true
    },
    die: (author, kept) => {
      author.isDead = true
      for (const [index, entry] of entries.entries()) {
        const isHeldElsewhere = entry.author !== author && !(author.isForsaken && entry.author.isDead)
        if (!isMissing(entry) || kept.has(index + 1) || isHeldElsewhere) continue
        const age = (author.frozenAt ?? now()) - entry.at
        entry.isExcused = true
        if (!author.isForsaken && age > grace)
          report('kept', `${index + 1} of ${author.name} is not kept ${age.toFixed(0)} ms after it was accepted`)
      }
    },
    ruin: (numbers) => {
      for (const number of numbers) at(number).isExcused = true
    },
    close: () => {
      for (const [index, { author, arrivals, doubts }] of entries.entries())
        if (arrivals > 1 + doubts) report('once', `${index + 1} of ${author.name} arrived ${arrivals} times`)
      for (const [index, entry] of entries.entries())
        if (isMissing(entry)) report('complete', `${index + 1} of ${entry.author.name} never arrived`)
    },
  }
}

/** What a server says in one session, to whichever page has it. */
export interface NewsBook {
  /** It sends another one. */
  next(): number
  /** A page hears one: what it heard before, and one more; or, as its first, nothing that leaves a gap. */
  arrive(author: Author, number: number): void
  /** Its session goes on: nothing may be missing. */
  close(): void
}

/** An empty one. */
export const createNewsBook = (name: string, report: Report): NewsBook => {
  const heard = new Map<Author, number>()
  let sent = 0
  let highest = 0
  return {
    next: () => ++sent,
    arrive: (author, number) => {
      const before = heard.get(author)
      if (before === undefined ? number > highest + 1 : number !== before + 1)
        report('complete', `${name}: ${author.name} heard ${number} after ${before ?? `others had heard ${highest}`}`)
      heard.set(author, number)
      highest = Math.max(highest, number)
    },
    close: () => {
      if (highest < sent) report('complete', `${name}: ${sent - highest} of ${sent} were never heard`)
    },
  }
}
