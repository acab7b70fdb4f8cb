/** The ladder in a world of its own: carriers with fates, a connection machine with one rule, and a queue of events. */
import {
  type Ladder,
  type LadderEffect,
  type LadderInput,
  type LadderWorld,
  type Phase,
  type Rung,
  climb,
  groundLadder,
} from '../../src/kernel/ladder.ts'

/**
 * What becomes of a dial. It opens after `opens` ms, or is refused then. What is asked of it is answered after `answers` ms.
 * `dies`: so many ms after it opened. Where something is missing, it never happens.
 */
export interface Fate {
  readonly refused?: number | undefined
  readonly opens?: number | undefined
  readonly answers?: number | undefined
  readonly dies?: number | undefined
}

/** What a network does to each kind of carrier; `bare`: to WebSockets without our subprotocol, which our servers refuse. */
export type Regime = Readonly<Record<Rung, Fate>> & { readonly bare?: Fate }

/** What happens from outside after a pause; `regime`: from then on. */
export interface Happening {
  readonly after: number
  readonly do: 'regime' | 'network' | 'drop' | 'died'
  readonly regime: Regime
}

export type LadderSettings = Pick<LadderWorld, 'transport' | 'fastStart' | 'fallbackAfter' | 'roundTrip' | 'handshake'>

interface Dialled {
  readonly fate: Fate
  isOpen: boolean
  /** The hello, or a probe, has gone out on it. */
  isAsked: boolean
}

/** As in the machine: a try, or a move, may take so long; and the pause before the next try. */
const CONNECT_TIMEOUT = 10_000
const PAUSE = 1_000
/** What our servers do to a WebSocket that does not say what it speaks. */
const REFUSED: Fate = { refused: 40 }
/** More steps than this within a second, and something turns in circles. */
const MOST_STEPS = 60

export interface LadderLife {
  readonly ladder: Ladder
  readonly now: number
  /** The rules that were broken. */
  readonly complaints: readonly string[]
  /** What carries the session and was heard. */
  readonly inUse: Rung | undefined
  /** How often it began. */
  readonly tries: number
  /** When each dial was made. */
  readonly dials: readonly { readonly at: number; readonly rung: Rung; readonly isBare: boolean }[]
  /** For how long nothing that was heard carried the session, the longest time (ms). */
  readonly longestOutage: number
  /** Lets a network be like that. */
  regime(next: Regime): void
  happen(what: Exclude<Happening['do'], 'regime'>): void
  pass(duration: number): void
}

const IN_USE: readonly Phase[] = ['claimed', 'heard']
const LIVE: readonly Phase[] = ['dialing', 'ready', 'probing', 'asking', ...IN_USE]
const RUNGS: readonly Rung[] = ['websocket', 'http']

/** Begins a life in which nothing was remembered. */
export const liveLadder = (settings: LadderSettings, first: Regime, chance: () => number = () => 0): LadderLife => {
  const complaints: string[] = []
  const dials: { at: number; rung: Rung; isBare: boolean }[] = []
  let regime = first
  let ladder = groundLadder
  let now = 1_000_000
  let order = 0
  let events: { at: number; order: number; run: () => void }[] = []
  let alive: Partial<Record<Rung, Dialled>> = {}
  let failedSince = new Set<Rung>()
  let machineDeadline = Infinity
  let isPaused = false
  let wasHeardAt = now
  let longestOutage = 0
  let second = 0
  let steps = 0
  let tries = 1

  const complain = (what: string): void =>
    void (complaints.length < 5 && complaints.push(`${what} at ${now}: ${JSON.stringify(ladder)}`))
  const demand = (isMet: boolean, what: string): void => void (isMet || complain(what))
  const at = (delay: number, run: () => void): void => void events.push({ at: now + delay, order: order++, run })
  const inUse = (): Rung | undefined => RUNGS.find((rung) => ladder[rung] === 'heard')

  const pause = (): void => {
    isPaused = true
    failedSince = new Set()
    machineDeadline = Infinity
    at(PAUSE, () => {
      if (!isPaused) return
      isPaused = false
      tries++
      machineDeadline = now + CONNECT_TIMEOUT
      take({ type: 'begin' })
    })
  }
  const giveUp = (died: boolean): void => {
    if (isPaused) return
    alive = {}
    take({ type: 'drop', died })
    pause()
  }

  const dial = (rung: Rung): void => {
    const isBare = ladder[rung] === 'asking'
    const fate = isBare ? (regime.bare ?? REFUSED) : regime[rung]
    const dialled: Dialled = { fate, isOpen: false, isAsked: false }
    alive[rung] = dialled
    dials.push({ at: now, rung, isBare })
    const fail = (told = false): void => {
      if (alive[rung] !== dialled) return
      delete alive[rung]
      failedSince.add(rung)
      take({ type: 'failed', rung, told })
    }
    if (fate.refused !== undefined) at(fate.refused, () => fail())
    if (fate.opens === undefined) return
    at(fate.opens, () => {
      if (alive[rung] !== dialled) return
      if (isBare) return fail(true)
      dialled.isOpen = true
      if (fate.dies !== undefined) at(fate.dies, () => fail())
      take({ type: 'ready', rung })
    })
  }
  const ask = (rung: Rung): void => {
    const dialled = alive[rung]
    if (!dialled?.isOpen) return complain(`${rung} is asked, and is not there`)
    const { answers } = dialled.fate
    if (answers === undefined) return
    at(answers, () => {
      if (alive[rung] !== dialled) return
      // As the dialer: only what is new is told.
      if (ladder[rung] === 'probing' || ladder[rung] === 'claimed') take({ type: 'heard', rung })
    })
  }

  const perform = (effect: LadderEffect, before: Ladder, cause: LadderInput): void => {
    switch (effect.type) {
      case 'dial':
        demand(alive[effect.rung] === undefined, `${effect.rung} is dialled twice`)
        demand(settings.transport === 'auto' || settings.transport === effect.rung, `${effect.rung} is not wanted`)
        return dial(effect.rung)
      case 'claim':
        demand(['ready', 'probing', 'dialing'].includes(before[effect.rung]), `a claim out of ${before[effect.rung]}`)
        // A carrier in use moves the session, and has a time for it.
        if (inUse() ?? before[effect.rung] === 'probing') machineDeadline = now + CONNECT_TIMEOUT
        return ask(effect.rung)
      case 'probe':
        return ask(effect.rung)
      case 'drop':
        demand(alive[effect.rung] !== undefined, `${effect.rung} is dropped, and is not there`)
        if (before[effect.rung] === 'claimed') {
          demand(before.patientUntil <= now, 'it is given up before it was in doubt')
          failedSince.add(effect.rung)
        }
        delete alive[effect.rung]
        return
      case 'fail': {
        const wanted = settings.transport === 'auto' ? RUNGS : [settings.transport]
        const wasInUse = cause.type === 'failed' && before[cause.rung] === 'heard'
        const isToldOff = before.websocket === 'asking' && cause.type === 'failed' && cause.told
        demand(wasInUse || isToldOff || wanted.every((rung) => failedSince.has(rung)), 'not all have failed')
        return giveUp(false)
      }
    }
  }

  function take(input: LadderInput): void {
    if (Math.floor(now / 1_000) !== second) {
      second = Math.floor(now / 1_000)
      steps = 0
    }
    if (++steps > MOST_STEPS) throw new Error(`it turns in circles: ${JSON.stringify(ladder)}`)
    const before = ladder
    const [next, ...effects] = climb(before, input, { ...settings, cautious: tries > 1, now, chance: chance() })
    ladder = next
    for (const effect of effects) {
      if (ladder !== next) return
      perform(effect, before, input)
    }
    if (ladder !== next) return
    if (inUse()) machineDeadline = Infinity
    check(before, input)
  }

  const check = (before: Ladder, input: LadderInput): void => {
    const held = RUNGS.filter((rung) => IN_USE.includes(ladder[rung]))
    demand(held.length <= 1, 'two carriers have the session')
    for (const rung of RUNGS)
      demand(
        LIVE.includes(ladder[rung]) === (alive[rung] !== undefined),
        `${rung} is ${ladder[rung]}, and ${alive[rung] ? 'is there' : 'is not there'}`,
      )
    demand(ladder.deadline >= now || ladder.deadline === before.deadline, 'a new deadline has passed already')
    if (input.type === 'due')
      demand(
        ladder.deadline > now || RUNGS.some((rung) => ladder[rung] !== before[rung]),
        'a deadline that was due stays',
      )
    if (isPaused || input.type === 'drop') return
    demand(settings.transport === 'auto' || ladder.deadline === Infinity, 'there is nothing to wait for')
    if (ladder.http === 'heard' && settings.transport === 'auto')
      demand(ladder.deadline < Infinity, 'nobody returns to WebSocket')
    if (ladder.httpUntil > before.httpUntil) {
      const isKnown = ladder.http === 'heard' || (before.websocket === 'heard' && ladder.deaths >= 3)
      demand(isKnown, 'HTTP is remembered and was not heard')
    }
  }

  const life: LadderLife = {
    get ladder() {
      return ladder
    },
    get now() {
      return now
    },
    complaints,
    get inUse() {
      return inUse()
    },
    get tries() {
      return tries
    },
    dials,
    get longestOutage() {
      return Math.max(longestOutage, inUse() ? 0 : now - wasHeardAt)
    },
    regime: (next) => void (regime = next),
    happen(what) {
      if (what === 'network') take({ type: 'network' })
      else giveUp(what === 'died')
    },
    pass(duration) {
      const end = now + duration
      for (;;) {
        const [event] = events.toSorted((a, b) => a.at - b.at || a.order - b.order)
        const next = Math.min(event?.at ?? Infinity, ladder.deadline, machineDeadline)
        if (next > end) break
        now = Math.max(now, next)
        const was = inUse()
        if (event && event.at <= now) {
          events = events.filter((other) => other !== event)
          event.run()
        } else if (machineDeadline <= now) giveUp(false)
        else take({ type: 'due' })
        if (was || inUse()) {
          if (!was) longestOutage = Math.max(longestOutage, now - wasHeardAt)
          wasHeardAt = now
        }
      }
      if (inUse()) wasHeardAt = end
      now = end
    },
  }
  machineDeadline = now + CONNECT_TIMEOUT
  take({ type: 'begin' })
  return life
}
