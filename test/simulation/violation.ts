/** What must hold in every life, by name; faults.ts has faults for each. */
export const invariants = {
  // Messages.
  genuine: 'what arrives was sent, to this end, and is what was sent',
  refused: 'what `send` refused never arrives',
  once: 'nothing arrives twice without being told to be in doubt in time',
  order: 'what arrives, arrives in order',
  complete: 'nothing is missing: not before what arrives, and not at the end',
  unsent: 'what is said never to have been sent did not arrive',
  accepted: '`send` refuses only where there is no room, or after the end',
  kept: 'what a page was let send outlives it, but for the very last',
  receipt: 'a receipt tells the truth, and does so in the end',
  flushed: 'flush resolves when all has arrived, and otherwise rejects for a reason',
  // Questions and streams.
  outcome: 'a question has exactly one outcome, and a fair one',
  handled: 'a question is handled once, and before it is answered',
  withdrawn: 'whoever answers is told when nobody waits for it',
  stream: 'a stream has all its items in order, and an end',
  // Sessions.
  lasting: 'a session lasts as long as its server keeps it',
  blameless: 'two ends that keep to the protocol never find fault with each other, and nothing throws',
  alive: 'a socket that is not closed has a reason to go on: a timer, or a page that is away',
  open: 'a socket closes only when it is told to',
  closes: '`close` ends in time',
  quiet: 'a closed socket holds nothing and does nothing',
  freed: 'a server keeps nothing of sessions that are over',
  converges: 'when all works again, everything that was sent arrives',
  returns: 'where WebSockets work, a session comes back to them',
  // Carriers.
  spaced: 'tries are spaced',
  sound: 'a carrier with which nothing is wrong is not given up',
  attempts: 'each hello has a greater attempt than the one before',
  single: 'a tab holds one WebSocket at most',
  claim: 'a session speaks on the carrier that has its hello, and on no other',
  patient: 'nobody asks without pause where there is nothing to hear',
  smooth: 'a move from carrier to carrier takes no second',
} as const

/** One of them. */
export type Invariant = keyof typeof invariants

/** Something that must not have happened. */
export interface Violation {
  readonly invariant: Invariant
  readonly what: string
}

/** Hears of everything that must not have happened. */
export type Report = (invariant: Invariant, what: string) => void

/** As text. */
export const describeViolation = ({ invariant, what }: Violation): string => `${invariant}: ${what}`
