/** The two ways to a server, best first. */
export type Rung = 'websocket' | 'http'

/**
 * How far a carrier has come: `out` (not dialled), `dialing`, `ready` (it takes packets, and another has the session), `probing`
 * (it was asked for a sign of life before the session is moved to it), `claimed` (the session's hello went out on it), `heard`
 * (and something came back: only that proves that it works), `failed`, `asking` (dialled without our subprotocol: who is there?).
 */
export type Phase = 'out' | 'dialing' | 'ready' | 'probing' | 'claimed' | 'heard' | 'failed' | 'asking'

/** Which carrier now, and what is remembered of them. All times in milliseconds of one clock. docs/protocol.md#ladder */
export interface Ladder {
  readonly websocket: Phase
  readonly http: Phase
  /** When the WebSocket was dialled, or heard. */
  readonly since: number
  /** From here on it is doubted: the other one takes the session as soon as it can. */
  readonly patientUntil: number
  /** When `due` must come; Infinity for never. */
  readonly deadline: number
  /** WebSockets that died young, running. */
  readonly deaths: number
  /** Vain tries to return to WebSocket, running. */
  readonly returns: number
  /** HTTP comes first until then: WebSocket does not work here. */
  readonly httpUntil: number
  /** Given up unheard for the other one, which was not heard so far, either: perhaps it is only slow. The next try waits for it. */
  readonly wronged: Rung | false
  /** HTTP had its second chance in this try. */
  readonly again: boolean
  /** Whether the server is one of ours was asked, or need not be: it took our subprotocol, was heard, or said why it refuses. */
  readonly asked: boolean
}

/** What was observed. `heard`: of one that is claimed or being probed. `network`: it changed. `drop`: everything was given up; `died` says that what was in use did not answer any more. `told`: it failed by a server's word, not on the way to one. */
export type LadderInput =
  | { readonly type: 'begin' | 'due' | 'network' }
  | { readonly type: 'drop'; readonly died: boolean }
  | { readonly type: 'ready' | 'heard'; readonly rung: Rung }
  | { readonly type: 'failed'; readonly rung: Rung; readonly told: boolean }

/** What is to be done, in order. `claim`: the hello goes out on it. `fail`: no carrier is left in this try. */
export type LadderEffect =
  { readonly type: 'dial' | 'claim' | 'probe' | 'drop'; readonly rung: Rung } | { readonly type: 'fail' }

/** What the ladder may know of the world at a step. */
export interface LadderWorld {
  readonly now: number
  /** A fresh random number in [0, 1). */
  readonly chance: number
  /** `auto`: both. */
  readonly transport: 'auto' | Rung
  readonly fastStart: boolean
  /** Something failed before: the server may be down, and HTTP opens without asking anybody. */
  readonly cautious: boolean
  /** The longest to wait (ms) for a carrier before the other one is tried beside it. */
  readonly fallbackAfter: number
  /** An estimate of the round trip (ms); -1 where there is none. */
  readonly roundTrip: number
  /** Round trips that a WebSocket takes to open: two, and two more for TLS. */
  readonly handshake: number
}

const OUT = { websocket: 'out', http: 'out', deadline: Infinity } as const

export const groundLadder: Ladder = {
  ...OUT,
  since: 0,
  patientUntil: Infinity,
  deaths: 0,
  returns: 0,
  httpUntil: 0,
  wronged: false,
  again: false,
  asked: false,
}

/** A WebSocket that dies within so long (ms) died young: below most proxies' patience, and our own idle time. */
const YOUNG = 30_000
/** So many young deaths running, and something kills WebSockets here. */
const MANY_DEATHS = 3
/** What works is remembered for so long (ms). */
const MEMORY = 600_000
/** When to try WebSocket again (ms), the first, second and later times. */
const RETURNS = [30_000, 120_000, 600_000] as const
/** A try to return may take so long (ms): nobody waits for it. */
const RETURN_PATIENCE = 10_000
/** Round trips of patience beyond an opening, and the least patience (ms), with a busy server and a busy page in mind. */
const SPARE_TRIPS = 2
const SHORTEST = 150
/** An answer takes one round trip of the two or more that opening took; and then some. */
const ANSWER_SHARE = 0.9

type Step = readonly [ladder: Ladder, ...effects: LadderEffect[]]

const RUNGS: readonly Rung[] = ['websocket', 'http']
const act = (type: Exclude<LadderEffect['type'], 'fail'>, rung: Rung): LadderEffect => ({ type, rung })
const FAIL: LadderEffect = { type: 'fail' }
/** Nothing of it is there. */
const isGone = (phase: Phase): boolean => phase === 'out' || phase === 'failed'
const otherOf = (rung: Rung): Rung => (rung === 'http' ? 'websocket' : 'http')

/** State × observation → state × effects. Pure: the same arguments give the same answer. docs/protocol.md#ladder */
export const climb = (l: Ladder, input: LadderInput, world: LadderWorld): Step => {
  const { now, chance, transport, fastStart, cautious, fallbackAfter, roundTrip, handshake } = world
  const isAuto = transport === 'auto'

  /** Something is waited for, for so long. Where there is no other way, it may take what it takes. */
  const patient = (patience: number, longest = fallbackAfter): Partial<Ladder> => {
    const until = isAuto ? now + Math.min(longest, Math.max(SHORTEST, patience)) : Infinity
    return { patientUntil: until, deadline: until }
  }
  const opening = roundTrip < 0 ? Infinity : roundTrip * (handshake + SPARE_TRIPS)
  const dial = (rung: Rung, waiting: Partial<Ladder>, from = l): Step => [
    { ...from, [rung]: 'dialing', since: rung === 'http' ? l.since : now, ...waiting },
    act('dial', rung),
  ]
  const claim = (rung: Rung, from = l): Step => {
    const other = otherOf(rung)
    const holder = from[other]
    const wasHeard = holder === 'heard'
    const isOver = wasHeard || holder === 'claimed'
    // Estimates may be far too short; an opening is a measure, and so is one that is not done yet.
    const took = now - l.since
    const usual = rung === 'http' ? Math.max(opening, took * SPARE_TRIPS) : took * ANSWER_SHARE
    // What answered a probe works: only its answer may be gathered on the way, with others on a stream.
    const isOnly = rung === l.wronged || (rung === 'http' && from.websocket === 'failed')
    const patience = isOnly ? Infinity : from[rung] === 'probing' ? Math.max(fallbackAfter, usual) : usual
    const next: Ladder = {
      ...from,
      // What took long to open answers late: an estimate could be far too long, but not that.
      ...patient(patience, rung === 'http' && rung !== l.wronged ? fallbackAfter : Infinity),
      [rung]: 'claimed',
      // One that was heard can be dialled again if this one turns out not to work; one in doubt is not.
      [other]: wasHeard ? 'out' : isOver ? 'failed' : holder,
      // Vain until it has proved good: answering a probe is not much.
      returns: l.returns + +wasHeard,
      wronged: holder === 'claimed' ? other : l.wronged !== rung && l.wronged,
      asked: from.asked || rung === 'websocket',
    }
    return isOver ? [next, act('claim', rung), act('drop', other)] : [next, act('claim', rung)]
  }
  const probe = (rung: Rung, from = l): Step => [{ ...from, [rung]: 'probing' }, act('probe', rung)]
  /** WebSocket did not come about; the session is on HTTP, and stays there for a while. */
  const returnLater = (returns: number): Partial<Ladder> => ({
    returns,
    deadline: isAuto ? now + RETURNS[Math.min(returns, RETURNS.length - 1)]! * (1 - chance / 4) : Infinity,
  })
  const stay = (): Partial<Ladder> => ({ ...returnLater(l.returns + 1), httpUntil: now + MEMORY })
  const tryReturn = (change: Partial<Ladder> = {}): Step =>
    dial('websocket', { ...change, deadline: now + RETURN_PATIENCE })
  const isReturnable = l.http === 'heard' && isGone(l.websocket)
  /** What a WebSocket in use leaves behind when it dies. */
  const bury = (): Partial<Ladder> => {
    if (l.websocket !== 'heard') return {}
    if (now - l.since >= YOUNG) return { deaths: 0, returns: 0 }
    const deaths = l.deaths + 1
    return deaths < MANY_DEATHS ? { deaths } : { deaths, httpUntil: now + MEMORY }
  }

  const begin = (): Step => {
    const avoids = now < l.httpUntil
    const first = isAuto ? (fastStart || avoids ? 'http' : 'websocket') : transport
    const isBoth = isAuto && fastStart && !avoids
    const fresh: Ladder = { ...l, ...OUT, ...patient(opening), since: now, again: false, [first]: 'dialing' }
    return isBoth
      ? [{ ...fresh, websocket: 'dialing' }, act('dial', 'http'), act('dial', 'websocket')]
      : [fresh, act('dial', first)]
  }

  /** It can have the session, if no other one is trusted with it. */
  const offer = (rung: Rung): Step =>
    l[otherOf(rung)] === 'claimed' && now < l.patientUntil ? [{ ...l, [rung]: 'ready' }] : claim(rung)
  // What goes into a request that reaches nobody is in doubt afterwards.
  const ready = (rung: Rung): Step =>
    l[otherOf(rung)] === 'heard' || (cautious && rung === 'http') ? probe(rung) : offer(rung)

  const heard = (rung: Rung): Step => {
    if (l[rung] === 'probing') return offer(rung)
    const next: Ladder = {
      ...l,
      [rung]: 'heard',
      since: rung === 'http' ? l.since : now,
      patientUntil: Infinity,
      deadline: Infinity,
      wronged: false,
      asked: true,
    }
    if (rung === 'websocket') {
      const well: Ladder = { ...next, http: 'out', httpUntil: 0 }
      return isGone(l.http) ? [well] : [well, act('drop', 'http')]
    }
    const isLate = l.websocket === 'dialing' && !fastStart
    const known: Ladder = l.websocket === 'failed' || isLate ? { ...next, httpUntil: now + MEMORY } : next
    const waiting: Ladder = { ...known, deadline: now + RETURN_PATIENCE }
    if (l.websocket === 'ready') return probe('websocket', waiting)
    return [l.websocket === 'dialing' ? waiting : { ...known, ...returnLater(l.returns) }]
  }

  /** Servers of other kinds refuse our subprotocol, or browsers do in their name, and don't tell: but they take a WebSocket without it. */
  const ask = (from: Ladder): Step => dial('websocket', { websocket: 'asking', asked: true, deadline: Infinity }, from)
  const failed = (rung: Rung, told: boolean): Step => {
    const other = otherOf(rung)
    const holder = l[other]
    const next: Ladder = { ...l, ...bury(), [rung]: 'failed', asked: l.asked || told }
    if (holder === 'heard') return [{ ...next, ...stay() }]
    if (l[rung] === 'heard' || (told && l[rung] === 'asking')) return [next, FAIL]
    if (holder === 'ready') return claim(other, next)
    if (isAuto && holder === 'out') return dial(other, patient(opening), next)
    if (!isGone(holder)) return [next]
    return next.asked || next.websocket !== 'failed' ? [next, FAIL] : ask(next)
  }

  const due = (): Step => {
    if (now < l.deadline) return [l]
    if (isReturnable) return tryReturn()
    // What was being tried beside the HTTP carrier did not come about.
    if (l.http === 'heard') return [{ ...l, ...stay(), websocket: 'failed' }, act('drop', 'websocket')]
    const calm: Partial<Ladder> = { deadline: Infinity }
    if (l.http === 'out') return dial('http', calm)
    // One that failed, or was given up, may do better now: WebSocket hangs, and would take the whole try.
    if (l.http === 'failed' && !l.again) return dial('http', { ...calm, again: true })
    if (l.websocket === 'out') return dial('websocket', calm)
    if (l.websocket === 'failed' && !l.asked) return ask(l)
    const ready = RUNGS.find((rung) => l[rung] === 'ready')
    return ready ? claim(ready) : [{ ...l, ...calm }]
  }

  switch (input.type) {
    case 'begin':
      return begin()
    case 'ready':
      return ready(input.rung)
    case 'heard':
      return heard(input.rung)
    case 'failed':
      return failed(input.rung, input.told)
    case 'due':
      return due()
    case 'network': {
      const forgotten: Partial<Ladder> = { deaths: 0, returns: 0, httpUntil: 0, wronged: false }
      if (!isAuto || l.http !== 'heard') return [{ ...l, ...forgotten }]
      const [next, ...effects] = tryReturn(forgotten)
      // What was being tried was tried on the network that is gone.
      return isReturnable ? [next, ...effects] : [next, act('drop', 'websocket'), ...effects]
    }
    case 'drop':
      return [{ ...l, ...(input.died && bury()), ...OUT }]
  }
}
