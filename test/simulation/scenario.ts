/** Lives a plan, and tells what must not have happened. */
import type { Protocol, Trace } from 'holdfast/testing'
import { createCast, type Player } from './cast.ts'
import { inspectClaims } from './claims.ts'
import { inspectConnections } from './connections.ts'
import { createDirector } from './direct.ts'
import { inspectPosts } from './posts.ts'
import { isFar, isSlow, type Plan, type Step } from './plan.ts'
import { ON_PURPOSE } from './speech.ts'
import { describeViolation, type Report, type Violation } from './violation.ts'

/** How a life went. */
export interface Verdict {
  /** What must not have happened, in order; empty for a good life. */
  readonly violations: readonly Violation[]
  readonly trace: Trace
}

/** Virtual milliseconds that the server has been up when the tabs are opened: older than anything that it can be asked about. */
const HEAD_START = 20_000
/** Virtual milliseconds: until what was already happening is known to all, once the network is healed … */
const NEWS = 5_000
/** … until everything that was sent has arrived … */
const CONVERGENCE = 300_000
/**
 * … and until a session is on WebSocket again: where its page hears of another network, and at most: ten minutes, which an HTTP
 * carrier that breaks lets begin anew. docs/protocol.md#ladder
 */
const RETURN = 15_000
const LONGEST_STAY = 1_240_000
/** … that `close` may take … */
const CLOSING = 10_000
/** … and after which nothing may happen any more. */
const AFTERMATH = 60_000
/** Violations after which a life is broken off: what follows is noise. */
const ENOUGH = 5

/** Lives it. Never rejects for what goes wrong in it. */
export const live = async (plan: Plan): Promise<Verdict> => {
  const violations: Violation[] = []
  const report: Report = (invariant, what) => {
    const violation = { invariant, what }
    w.trace.add('VIOLATED', describeViolation(violation))
    violations.push(violation)
  }
  /** Where the last quiet moments begin in the trace: what is lost there may take the last words along. */
  let finale = 0
  const cast = createCast(plan, report)
  const { world: w, stage, players } = cast
  const director = createDirector(cast)

  const holds = ({ name }: Player, protocol: Protocol): boolean =>
    w.network.links.some((link) => link.client === name && link.protocol === protocol && link.held)

  /** What must hold after every single task. */
  const inspect = (player: Player): void => {
    const { name, tab, up, down } = player
    const { view } = tab
    const { state, cause } = tab.socket.status.get()
    // A server that crashed says so only with its welcome: until then, nobody can know what it had. docs/protocol.md#opening
    if (state === 'open') up.lane.settle()
    down?.lane.settle()
    if (state === 'closed') {
      if (view.pending > 0) report('quiet', `${name} is closed with ${view.pending} timers armed`)
      if (holds(player, 'websocket')) report('quiet', `${name} is closed and holds a connection`)
      if (player.state === 'living' && !player.isDismissed)
        report('open', `${name} closed by itself: ${cause?.message}`)
    } else if (state !== 'paused' && view.pending === 0) report('alive', `${name} is ${state} with no timer armed`)
  }
  const isBroken = (): boolean => {
    for (const player of players) inspect(player)
    return violations.length >= ENOUGH
  }
  /** Runs for so long, or until the goal is reached, or too much went wrong. */
  const run = async (limit: number, goal: () => boolean = () => false): Promise<boolean> => {
    let reached = false
    await w.clock.runUntil(() => isBroken() || (reached = goal()), limit)
    return reached || isBroken()
  }

  const isSettled = ({ tab, up, down, streams, isDismissed }: Player): boolean => {
    const { state, queued, unacknowledged } = tab.socket.status.get()
    const pending = queued + unacknowledged + streams + up.flushes + (down?.flushes ?? 0)
    if (isDismissed && state === 'closed') return streams + up.flushes === 0
    return state === 'open' && pending === 0 && up.lane.isComplete() && down?.lane.isComplete() !== false
  }
  const isPlain = ({ name }: Player): boolean =>
    !w.trace.events.some(([, id, what]) => what === 'client posts' && id.startsWith(`${name}#`))
  const describe = ({ name, tab, up, down, streams }: Player): string => {
    const { state, queued, unacknowledged } = tab.socket.status.get()
    const lanes = `up ${up.lane.isComplete()}, down ${down?.lane.isComplete()}`
    return `${name} is ${state}, ${queued} queued, ${unacknowledged} unacknowledged, ${streams} streams, ${lanes}`
  }

  const close = (player: Player): void =>
    player.tab.view.enter(() => {
      w.trace.add(player.name, 'closes')
      player.state = 'closing'
      player.up.over = true
      player.tab.socket.close().then(
        () => (player.state = 'closed'),
        (error: unknown) => report('closes', `${player.name}: close rejected with ${String(error)}`),
      )
    })

  /** Nothing that a tab uses leads into the void. */
  const isOnFirmGround = ({ name }: Player): boolean => {
    const used = w.network.links.filter((link) => link.client === name && link.held).map(({ id }) => id)
    return !w.trace.events.some(([, id, what]) => what === 'is half open' && used.includes(id))
  }

  /** A session on HTTP goes back to WebSocket, by itself or because the page heard of another network. */
  const returnToWebSocket = async (): Promise<void> => {
    const travellers = players.filter((_, index) => plan.tabs[index]?.transport === 'auto')
    const isBack = ({ tab }: Player): boolean => {
      const { state, transport } = tab.socket.status.get()
      return state === 'closed' || transport === 'websocket'
    }
    const areBack = (): boolean => travellers.every(isBack)
    // Hours of pings tell nothing.
    const hears = plan.idle < 10_000 || plan.seed % 4 > 0
    if (hears) for (const { tab } of travellers) tab.view.enter(() => tab.lifecycle.happen('online'))
    if (!(await run(hears && !isFar(plan) ? RETURN : LONGEST_STAY, areBack)))
      report(
        'returns',
        `it did not return to WebSocket: ${travellers
          .filter((player) => !isBack(player))
          .map(describe)
          .join('; ')}`,
      )
  }

  /** Everything must arrive before the end; whether the last connections are sound, and whatever is said on them gets through. */
  const endInPeace = async (): Promise<boolean> => {
    director.heal()
    await run(NEWS)
    if (!(await run(CONVERGENCE, () => stage.questions.open === 0 && players.every(isSettled))))
      report('converges', `it did not converge: ${players.map(describe).join('; ')}; ${stage.questions.open} questions`)
    await returnToWebSocket()
    finale = w.trace.events.length
    await run(NEWS)
    const isSound = !isSlow(plan) && players.every((player) => isSettled(player) && isOnFirmGround(player))
    if (isSound) stage.questions.inspectHandlers()
    players.forEach(close)
    return isSound
  }
  const endAbruptly = async (): Promise<boolean> => {
    players.forEach(close)
    await run(CLOSING)
    director.heal()
    return false
  }

  const inspectRemains = (): void => {
    const { core, view, reported } = w.server
    // An HTTP carrier can be asked for its last words for a while.
    const timers = players.every(isPlain) ? view.pending : 0
    if (core.sessions.size + timers > 0)
      report('freed', `the server is left with ${core.sessions.size} sessions, ${timers} timers`)
    for (const { name, up, down, streams } of players) {
      up.lane.close()
      if (streams + up.flushes + (down?.flushes ?? 0) > 0) report('flushed', `${name}: a stream or flush never ended`)
      if (up.receipts + (down?.receipts ?? 0) > 0) report('receipt', `${name}: a receipt never told its end`)
    }
    stage.questions.close()
    for (const error of [...reported, ...players.flatMap(({ tab }) => tab.reported)])
      if ((error as Error).message !== ON_PURPOSE) report('blameless', `reported: ${String(error)}`)
  }

  try {
    await w.clock.advance(HEAD_START)
    // What is against a protocol from the start is so before the first dial.
    const isClimate = ({ at, act }: Step): boolean => at === 0 && act.do === 'block'
    plan.steps.filter(isClimate).forEach(director.perform)
    cast.enter()
    for (const step of plan.steps) if (!isClimate(step)) w.clock.after(step.at, () => director.perform(step))
    await run(plan.duration)
    const isSound = await (plan.ending === 'abrupt' ? endAbruptly() : endInPeace())
    if (!(await run(CLOSING, () => players.every(({ state }) => state === 'closed'))))
      report('closes', 'close() did not resolve')
    await run(NEWS)
    const isLost = w.trace.events
      .slice(finale)
      .some(([, , what, detail]) => what === 'is cut' || (what === 'client is answered' && detail === '0'))
    // A bye that was said over a sound connection frees the session, and its timers, at once.
    if (isSound && !isLost) inspectRemains()
    const posts = players.map(({ tab }) => tab.network.posts)
    await run(plan.keep + AFTERMATH)
    if (players.some(({ tab }, index) => tab.network.posts !== posts[index])) report('quiet', 'a closed socket posted')
    if (!isSound) inspectRemains()
    if (w.server.view.pending > 0) report('freed', `the server is left with ${w.server.view.pending} timers`)
    // On a slow line, what was still to be said at the end may be under way for as long again.
    for (const player of isSlow(plan) ? [] : players)
      if (holds(player, 'http') && isOnFirmGround(player))
        report('quiet', `${player.name} is closed and waits for an answer`)
    inspectConnections(w.trace, plan, report)
    inspectClaims(w.trace, report)
    inspectPosts(w.trace, plan, report)
  } catch (error) {
    report('blameless', `it threw: ${(error as Error).stack ?? String(error)}`)
  }
  return { violations, trace: w.trace }
}
