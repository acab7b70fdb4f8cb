/**
 * A life between two networks: in one of them WebSockets are blocked, and the page comes from one into the other every second, while
 * both sides talk without a pause. Whatever the session is moved to and fro, nobody may notice.
 */
import type { ServerSession } from 'holdfast/server'
import { type Fate, type SeededRandom, seededRandom, world } from 'holdfast/testing'
import { inspectClaims } from './claims.ts'
import type { Verdict } from './scenario.ts'
import { describeViolation, type Report, type Violation } from './violation.ts'

interface Ticks {
  toServer: { tick: number }
  toClient: { tick: number }
}

/** Milliseconds in one network, and how many times it changes. */
const STAY = 1_000
const CHANGES = 30
/** Milliseconds from one message to the next, each way, and the longest that may pass between two that arrive. */
const EVERY = 20
const LONGEST_GAP = 1_000
/** Milliseconds after which everything must have arrived. */
const NEWS = 2_000

/** What is against WebSockets. Where nothing is answered, somebody has to wait, and on a long way for longer than the gap. */
const blockadeOf = (random: SeededRandom, flight: number): Fate =>
  random.pick<Fate>([
    'refuse-upgrade',
    'drop',
    'refuse',
    'captive-portal',
    { status: 502 },
    { killAfter: 0 },
    ...(flight > 20 ? [] : (['hang-upgrade', 'swallow', 'hang'] as const)),
  ])

/** What arrives in one direction: everything, once, in order, and without long gaps. */
const createTicks = (name: string, now: () => number, report: Report) => {
  let sent = 0
  let arrived = 0
  let last = Infinity
  return {
    next: () => ++sent,
    arrive: (number: number): void => {
      if (number !== ++arrived) report('order', `${name}: ${number} arrived instead of ${arrived}`)
      if (now() - last > LONGEST_GAP) report('smooth', `${name}: nothing arrived for ${Math.round(now() - last)} ms`)
      arrived = number
      last = now()
    },
    close: (): void => {
      if (arrived !== sent) report('complete', `${name}: ${sent - arrived} of ${sent} never arrived`)
    },
  }
}

/** Lives it. */
export const switchNetworks = async (seed: number): Promise<Verdict> => {
  const random = seededRandom(seed)
  const latency = random.pick([0, 1, 5, 15, 40])
  const jitter = random.pick([0, 1, 5, 20])
  const violations: Violation[] = []
  const report: Report = (invariant, what) => {
    const violation = { invariant, what }
    w.trace.add('VIOLATED', describeViolation(violation))
    violations.push(violation)
  }
  let session: ServerSession<Ticks> | undefined
  const w = world<Ticks>({
    seed,
    conditions: { latency, jitter },
    clients: 0,
    client: () => ({
      fastStart: seed % 4 === 0,
      trace: (entry) => {
        if (entry.type !== 'carrier') return
        const { event, carrier, phase, cause } = entry
        w.trace.add('a', `${event}: ${carrier}, ${phase}`, cause?.message)
      },
    }),
    serve: (core) => {
      core.on('session', (opened) => {
        if (session) report('lasting', 'there is a second session')
        session = opened
        opened.on('tick', up.arrive)
      })
    },
  })
  const { clock, network } = w
  const up = createTicks('up', clock.now, report)
  const down = createTicks('down', clock.now, report)
  const tab = w.open('a')
  tab.socket.on('tick', down.arrive)
  tab.socket.onLost(({ cause }) => report('lasting', `the session was lost: ${cause.message}`))

  const say = (): void => {
    tab.view.enter(() => tab.socket.send('tick', up.next()))
    if (session) w.server.view.enter(() => session?.send('tick', down.next()))
  }
  /** Connections break, and a little later the page hears why. */
  const change = (isBlocked: boolean): void => {
    if (isBlocked) network.block('websocket', blockadeOf(random, latency + jitter))
    else network.unblock('websocket')
    for (const link of network.links) if (isBlocked && link.protocol === 'websocket') link.cut()
    clock.after(latency + jitter + random.between(0, 50), () => tab.view.enter(() => tab.lifecycle.happen('online')))
  }

  await clock.advance(STAY)
  let isTalking = true
  const talk = (): void => {
    if (!isTalking) return
    say()
    clock.after(EVERY, talk)
  }
  talk()
  for (let changes = 1; changes <= CHANGES && violations.length === 0; changes++) {
    const isBlocked = changes % 2 === 1
    change(isBlocked)
    await clock.advance(STAY)
    const { transport } = tab.socket.status.get()
    if ((transport === 'websocket') === isBlocked) report('returns', `change ${changes} led to ${transport}`)
  }
  isTalking = false
  await clock.advance(NEWS)
  up.close()
  down.close()
  inspectClaims(w.trace, report)
  return { violations, trace: w.trace }
}
