/** What must hold whatever happens: books that are kept while a life is lived, and closed at its end. */
import type { Report } from './violation.ts'

/** How a message may fare, where it need not be delivered exactly once. */
interface Terms {
  /** It may never arrive: it expires, or is volatile. */
  readonly optional?: boolean
  /** It may give way to a newer message of the same key. */
  readonly key?: string
  /** It may arrive again: an idempotent question, asked anew in another session. */
  readonly repeatable?: boolean
  /** It has Blobs: those without may overtake it. */
  readonly laden?: boolean
}

interface Message extends Terms {
  optional: boolean
  /** How often it may still arrive. */
  copies: number
  arrived: boolean
  /** It was said to be in doubt once. */
  doubted: boolean
}

/** One direction between two ends: what was accepted for sending, and what arrived. */
export interface Lane {
  /** How many messages were accepted. */
  readonly accepted: number
  /** Takes a message in before it is sent: the number that it must carry. */
  accept(terms?: Terms): number
  /** Sending it threw: it must never arrive. */
  refuse(number: number): void
  /** It need not arrive any more: it was withdrawn, or given up. */
  excuse(number: number): void
  /**
   * It arrived: it must have been sent, be in order, and nothing may be missing before it, but for Blobs before what has none. A
   * second copy must be told to be in doubt, if it was not already, before `settle`.
   */
  arrive(number: number): void
  /** Its session was lost and nobody knows whether it had arrived: it goes out once more, or is given up and need not arrive. */
  doubt(number: number, resent: boolean): void
  /** From here on it is too late to tell of doubts: the sender has heard of what arrived. */
  settle(): void
  /** It was said never to have been sent, or to have waited for being sent again. */
  unsent(number: number): void
  /** It was said to have arrived. */
  delivered(number: number): void
  /** Whether all that was accepted up to this number, and has to, arrived. */
  isComplete(upTo?: number): boolean
  /** The end: nothing may be missing. */
  close(): void
}

/** Those with Blobs are in order among themselves, and so are those without. */
interface Track {
  /** The last one that arrived. */
  last: number
  /** Nothing up to here is missing; it only grows, but for a loss. */
  whole: number
}

/** An empty lane. */
export const createLane = (name: string, report: Report): Lane => {
  const messages: Message[] = []
  const newest = new Map<string, number>()
  /** What arrived twice, and the sender was not told yet that it might. */
  const untold = new Set<number>()
  const light: Track = { last: 0, whole: 0 }
  const heavy: Track = { last: 0, whole: 0 }

  const at = (number: number): Message => messages[number - 1] as Message
  const mayBeMissing = (number: number): boolean => {
    const { arrived, optional, key } = at(number)
    return arrived || optional || (key !== undefined && (newest.get(key) as number) > number)
  }
  const trackOf = ({ laden }: Message): Track => (laden ? heavy : light)
  const firstMissingOf = (track: Track, upTo: number): number | undefined => {
    while (track.whole < upTo && (trackOf(at(track.whole + 1)) !== track || mayBeMissing(track.whole + 1)))
      track.whole++
    return track.whole < upTo ? track.whole + 1 : undefined
  }
  const firstMissing = (upTo: number): number | undefined => firstMissingOf(light, upTo) ?? firstMissingOf(heavy, upTo)

  const settle = (): void => {
    for (const number of untold) report('once', `${name}: ${number} arrived twice`)
    untold.clear()
  }

  return {
    get accepted() {
      return messages.length
    },
    accept: (terms = {}) => {
      messages.push({ optional: false, ...terms, copies: 1, arrived: false, doubted: false })
      if (terms.key !== undefined) newest.set(terms.key, messages.length)
      return messages.length
    },
    refuse: (number) => {
      Object.assign(at(number), { optional: true, copies: 0 })
    },
    excuse: (number) => {
      at(number).optional = true
    },
    arrive: (number) => {
      const message = messages[number - 1]
      if (!message) return report('genuine', `${name}: ${number} arrived but was never sent`)
      if (message.repeatable && message.arrived) return undefined
      const track = trackOf(message)
      if (message.copies === 0 && !message.arrived)
        return report('refused', `${name}: ${number} arrived though it was refused`)
      if (message.copies === 0) {
        if (untold.has(number)) report('once', `${name}: ${number} arrived three times`)
        untold.add(number)
        track.last = number
        return undefined
      }
      if (number <= track.last) report('order', `${name}: ${number} arrived after ${track.last}`)
      message.copies--
      message.arrived = true
      track.last = number
      // What has Blobs waits for them: what was sent before it has gone by then.
      const gap = track === heavy ? firstMissing(number) : firstMissingOf(track, number)
      if (gap !== undefined) report('complete', `${name}: ${number} arrived and ${gap} is missing before it`)
      return undefined
    },
    doubt: (number, resent) => {
      const message = at(number)
      message.doubted = true
      if (untold.delete(number)) return
      if (!resent) {
        message.optional = true
        return
      }
      if (message.arrived) message.copies = 1
      const track = trackOf(message)
      track.last = Math.min(track.last, number - 1)
    },
    settle,
    unsent: (number) => {
      const { arrived, doubted, repeatable } = at(number)
      if (arrived && !doubted && !repeatable)
        report('unsent', `${name}: ${number} arrived though it was said never to have been sent`)
      Object.assign(at(number), { optional: true, copies: 0 })
    },
    delivered: (number) => {
      if (!at(number).arrived) report('receipt', `${name}: ${number} was said to have arrived`)
    },
    isComplete: (upTo = messages.length) => firstMissing(upTo) === undefined,
    close: () => {
      settle()
      const gap = firstMissing(messages.length)
      if (gap !== undefined) report('complete', `${name}: ${gap} of ${messages.length} never arrived`)
    },
  }
}

/** One question, from asking to its last word. */
export interface Question {
  /** The other side begins to answer it. `signal`, if given, must be aborted once nobody waits for the answer. */
  handled(signal?: AbortSignal): void
  /** The asker has an outcome. `answered`: the other side said the last word. */
  settled(outcome: string, answered: boolean): void
  /** The asker's process is gone, and its promise with it. */
  forget(): void
  /** The process that answers is gone, and its handlers with it. */
  forgetHandlers(): void
}

interface Entry {
  readonly name: string
  outcome: string | undefined
  handled: number
  signals: AbortSignal[]
}

/** The book of all questions. */
export interface Questions {
  /** How many have no outcome yet. */
  readonly open: number
  /** A question is asked. `repeatable`: more than one session may be asked it. */
  ask(name: string, repeatable: boolean): Question
  /** Quiet: nobody works on an answer that nobody waits for. */
  inspectHandlers(): void
  /** The end: each has an outcome. */
  close(): void
}

/** An empty book of questions. */
export const createQuestions = (report: Report): Questions => {
  const entries: Entry[] = []
  let open = 0
  return {
    get open() {
      return open
    },
    ask: (name, repeatable) => {
      const entry: Entry = { name, outcome: undefined, handled: 0, signals: [] }
      entries.push(entry)
      open++
      const settle = (outcome: string): void => {
        if (entry.outcome !== undefined)
          return report('outcome', `${name} has two outcomes: ${entry.outcome}, then ${outcome}`)
        entry.outcome = outcome
        open--
        return undefined
      }
      return {
        handled: (signal) => {
          if (entry.handled++ > 0 && !repeatable) report('handled', `${name} was handled twice`)
          if (signal) entry.signals.push(signal)
        },
        settled: (outcome, answered) => {
          settle(outcome)
          if (answered && entry.handled === 0) report('handled', `${name} was answered and never handled: ${outcome}`)
        },
        forget: () => {
          if (entry.outcome === undefined) settle('forgotten')
        },
        forgetHandlers: () => {
          entry.signals = []
        },
      }
    },
    inspectHandlers: () => {
      for (const { name, outcome, signals } of entries)
        if (outcome !== undefined && signals.some((signal) => !signal.aborted))
          report('withdrawn', `${name} ended (${outcome}), and its handler was never told`)
    },
    close: () => {
      for (const { name, outcome } of entries) if (outcome === undefined) report('outcome', `${name} has no outcome`)
    },
  }
}
