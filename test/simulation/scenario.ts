/** Lives a plan on a virtual network, and tells what must not have happened. */
import type { Socket } from 'holdfast'
import type { ServerSession } from 'holdfast/server'
import { type Fate, type Link, type ServerProcess, type Tab, type Trace, type World, world } from 'holdfast/testing'
import { createQuestions } from './invariants.ts'
import type { Act, Plan, Step } from './plan.ts'
import {
  ask,
  createFlow,
  type Flow,
  flush,
  identify,
  listen,
  ON_PURPOSE,
  say,
  type Stage,
  type Talk,
} from './speech.ts'

/** How a life went. */
export interface Verdict {
  /** What must not have happened, in order; empty for a good life. */
  readonly violations: readonly string[]
  readonly trace: Trace
}

/** A tab with its books. */
interface Player {
  readonly tab: Tab<Talk>
  readonly up: Flow
  /** The server's end of its session, and what that says. */
  session: ServerSession<Talk, string> | undefined
  down: Flow | undefined
  state: 'living' | 'closing' | 'closed'
  /** The server said welcome once: from then on it may not forget. */
  wasOpen: boolean
  streams: number
}

/** Virtual milliseconds within which everything must have arrived once the network is healed. */
const CONVERGENCE = 300_000
/** What `close` may take, and what the rest may, in virtual milliseconds. */
const CLOSING = 10_000
const AFTERMATH = 60_000
/** Violations after which a life is broken off: what follows is noise. */
const ENOUGH = 5

/** Errors that conforming peers may meet on a bad network. Any other says that one of them broke the protocol. */
const FAIR_ERRORS = ['expired', 'unresponsive', 'try-later', 'unreachable', 'timeout']

/** Lives it. Never rejects for what went wrong in it. */
export const live = async (plan: Plan): Promise<Verdict> => {
  const violations: string[] = []
  const report = (what: string): void => {
    w.trace.add('VIOLATED', what)
    violations.push(what)
  }
  const fates = new Map<string, Fate>()
  const players: Player[] = []
  let serving = true

  const later = <T>(delay: number, value: T): T | Promise<T> =>
    delay === 0 ? value : new Promise((resolve) => w.clock.after(delay, () => resolve(value)))

  /** A first connection that broke before its welcome leaves its messages in doubt: the client can't know that no server had them. */
  const mayLose = (player: Player | undefined): boolean => stage.lossy || player?.wasOpen === false

  const checkError = (player: Player | undefined, error: { code: string; message: string; cause?: unknown }): void => {
    const isOnPurpose = error.code === 'handler-failed' && (error.cause as Error).message === ON_PURPOSE
    const isLoss = error.code === 'session-lost' && mayLose(player)
    if (isOnPurpose || isLoss || FAIR_ERRORS.includes(error.code)) return
    report(`${player?.tab.name ?? 'the server'} met ${error.code}: ${error.message}`)
  }

  const welcome = (session: ServerSession<Talk, string>): void => {
    const { view } = w.server
    const player = players.find(({ tab }) => tab.name === session.identity) as Player
    if (player.session && !stage.lossy) report(`${player.tab.name} got a second session`)
    if (player.down) player.down.over = true
    const down = createFlow(stage, `${player.tab.name} down ${stage.flows.length}`)
    Object.assign(player, { session, down })
    listen(stage, session, view, (flow) => flow === player.up)
    session.handleStream('count', async function* ({ items, every }) {
      for (let item = 0; item < items; item++) {
        if (every > 0) await new Promise<void>((resolve) => w.clock.after(every, () => view.enter(resolve)))
        yield item
      }
    })
    session.onEnd((reason) => {
      w.trace.add(player.tab.name, `session ends: ${reason}`)
      down.over = true
      if (player.session === session) player.session = undefined
      if (!stage.lossy && player.state === 'living') report(`${player.tab.name}'s session ended: ${reason}`)
    })
  }

  const w: World<Talk, string> = world<Talk, string>({
    seed: plan.seed,
    conditions: { latency: plan.latency, jitter: plan.jitter, bandwidth: plan.bandwidth },
    clients: 0,
    server: {
      authenticate: ({ auth }) => later(plan.checkDelay, String(auth)),
      keep: plan.keep,
      heartbeat: { idle: plan.idle },
      requestTimeout: Infinity,
    },
    client: (name) => ({
      auth: () => later(plan.tokenDelay, name),
      heartbeat: { idle: plan.idle },
      inDoubt: plan.inDoubt,
      requestTimeout: Infinity,
    }),
    serve: (core) => {
      core.on('session', welcome)
      core.on('error', (error) => checkError(undefined, error))
    },
  })
  const stage: Stage = {
    clock: w.clock,
    trace: w.trace,
    report,
    questions: createQuestions(report),
    flows: [],
    lossy: plan.profile === 'lossy',
  }
  const decide = (): void => w.network.fate((name) => fates.get(name) ?? 'open')
  decide()

  const open = (index: number): void => {
    const name = String.fromCharCode('a'.charCodeAt(0) + index)
    const tab = w.open(name)
    const up = createFlow(stage, `${name} up`)
    const player: Player = { tab, up, session: undefined, down: undefined, state: 'living', wasOpen: false, streams: 0 }
    players.push(player)
    const isHeard = (flow: Flow): boolean => flow.name.startsWith(`${name} down`) && player.state !== 'closed'
    listen(stage, tab.socket, tab.view, isHeard)
    tab.socket.onError((error) => checkError(player, error))
    tab.socket.onLost(({ cause, inDoubt, unsent }) => {
      w.trace.add(name, `is told of a loss: ${cause.code}`, { inDoubt, unsent })
      if (!mayLose(player) && player.state === 'living') report(`${name} lost its session: ${cause.message}`)
      for (const { data, resent } of inDoubt) {
        const number = identify(data)?.number
        if (number === undefined) continue
        if (resent) up.lane.doubt(number)
        else up.lane.excuse(number)
      }
      for (const { data } of unsent) {
        const number = identify(data)?.number
        if (number !== undefined) up.lane.unsent(number)
      }
    })
  }

  const count = async (player: Player, socket: Socket<Talk>, act: Act & { do: 'stream' }): Promise<void> => {
    const { items, every, breakAfter } = act
    const name = `${player.tab.name}'s stream`
    let next = 0
    const isLosable = mayLose(player)
    player.streams++
    try {
      for await (const item of socket.stream('count', { items, every })) {
        if (item !== next++) report(`${name} gave ${item} instead of ${next - 1}`)
        if (next > breakAfter) break
      }
      if (next !== Math.min(items, breakAfter + 1)) report(`${name} ended after ${next} of ${items}`)
    } catch (error) {
      const { code } = error as { code?: string }
      const isLoss = isLosable && (code === 'session-lost' || code === 'in-doubt')
      if (!isLoss && !(code === 'closed' && player.state !== 'living')) report(`${name} failed: ${String(error)}`)
    }
    player.streams--
  }

  /** The connection that the player uses, or used last. */
  const linkOf = ({ tab }: Player): Link | undefined => w.network.links.findLast((link) => link.client === tab.name)

  const stop = (server: ServerProcess<Talk, string>, drain: boolean): void => {
    if (drain) {
      w.trace.add('server', 'drains')
      server.core.close({ retry: { after: 200, spread: 500 } })
    }
    serving = false
    w.clock.after(drain ? 100 : 0, () => {
      server.kill()
      for (const player of players) {
        // What the dead process waited for, nobody waits for any more.
        for (const question of player.down?.questions.values() ?? []) question.forget()
        if (player.down) Object.assign(player.down, { over: true, flushes: 0 })
        player.session = undefined
        for (const question of player.up.questions.values()) question.forgetHandlers()
      }
    })
  }

  const perform = ({ client, act }: Step): void => {
    const player = players[client] as Player
    const { tab, up } = player
    const { session, down } = player
    const inTab = (task: () => void): void => tab.view.enter(task)
    const onServer = (task: (session: ServerSession<Talk, string>, down: Flow) => void): void => {
      if (session && down) w.server.view.enter(() => task(session, down))
    }
    switch (act.do) {
      case 'send':
        if (act.side === 'client') inTab(() => say(stage, tab.socket, up, act))
        else onServer((session, down) => say(stage, session, down, act))
        break
      case 'ask':
        if (act.side === 'client') inTab(() => ask(stage, tab.socket, up, tab.view, act, mayLose(player)))
        else onServer((session, down) => ask(stage, session, down, w.server.view, act, stage.lossy))
        break
      case 'flush':
        if (act.side === 'client') inTab(() => flush(stage, tab.socket, up))
        else onServer((session, down) => flush(stage, session, down))
        break
      case 'stream':
        inTab(() => void count(player, tab.socket, act))
        break
      case 'reconnect':
        inTab(() => {
          w.trace.add(tab.name, 'reconnects')
          tab.socket.reconnect()
        })
        break
      case 'cut':
        linkOf(player)?.cut(act.after)
        break
      case 'stall': {
        const link = linkOf(player)
        link?.stall(act.direction)
        w.clock.after(act.for, () => link?.heal())
        break
      }
      case 'half-open':
        linkOf(player)?.halfOpen(act.direction)
        break
      case 'fate':
        fates.set(tab.name, act.fate)
        w.clock.after(act.for, () => fates.delete(tab.name))
        break
      case 'sleep':
        w.trace.add(tab.name, `sleeps: ${act.what}`)
        tab.view.freeze(act.what)
        w.clock.after(act.for, () => {
          w.trace.add(tab.name, 'wakes')
          tab.view.thaw()
          if (act.wakes) inTab(() => tab.lifecycle.happen('wake'))
        })
        break
      case 'offline':
        inTab(() => tab.lifecycle.happen('offline'))
        w.clock.after(act.for, () => inTab(() => tab.lifecycle.happen('online')))
        break
      case 'wake':
        inTab(() => tab.lifecycle.happen('wake'))
        break
      case 'partition':
        w.network.stall(act.direction)
        w.clock.after(act.for, () => w.network.heal())
        break
      case 'restart':
        if (!serving) break
        stop(w.server, act.drain)
        w.clock.after(100 + act.for, () => {
          if (serving) return
          serving = true
          w.restart()
        })
        break
    }
  }

  /** What must hold after every single task. */
  const inspect = (): void => {
    for (const player of players) {
      const { name, socket, view, network } = player.tab
      const { state } = socket.status.get()
      player.wasOpen ||= state === 'open'
      if (network.mostHeld > 1) report(`${name} held two connections at once`)
      if (state === 'closed' ? view.pending > 0 : state !== 'paused' && view.pending === 0)
        report(`${name} is ${state} with ${view.pending} timers armed`)
      if (state === 'closed' && network.held > 0) report(`${name} is closed and holds a connection`)
      if (state === 'closed' && player.state === 'living')
        report(`${name} closed by itself: ${socket.status.get().cause?.message}`)
    }
  }
  const isBroken = (): boolean => {
    inspect()
    return violations.length >= ENOUGH
  }
  /** Runs for so long, or until the goal is reached; false if it is not. */
  const run = async (limit: number, goal: () => boolean = () => false): Promise<boolean> => {
    let reached = false
    await w.clock.runUntil(() => isBroken() || (reached = goal()), limit)
    return reached
  }

  const isSettled = ({ tab, up, down, streams }: Player): boolean => {
    const { state, queued, unacknowledged } = tab.socket.status.get()
    const isQuiet = queued + unacknowledged + streams + up.flushes + (down?.flushes ?? 0) === 0
    return state === 'open' && isQuiet && up.lane.isComplete() && (down === undefined || down.lane.isComplete())
  }
  const describe = ({ tab, up, down, streams }: Player): string => {
    const { state, queued, unacknowledged } = tab.socket.status.get()
    const lanes = `up ${up.lane.isComplete()}, down ${down?.lane.isComplete()}`
    return `${tab.name} is ${state}, ${queued} queued, ${unacknowledged} unacknowledged, ${streams} streams, ${lanes}`
  }

  const heal = (): void => {
    w.trace.add('network', 'is healed')
    fates.clear()
    w.network.heal()
    for (const { tab } of players) {
      tab.view.thaw()
      if (!tab.lifecycle.online()) tab.lifecycle.happen('online')
    }
    if (!serving) {
      serving = true
      w.restart()
    }
  }

  const closeAll = (): void => {
    for (const player of players)
      player.tab.view.enter(() => {
        player.state = 'closing'
        player.up.over = true
        w.trace.add(player.tab.name, 'closes')
        player.tab.socket.close().then(
          () => (player.state = 'closed'),
          (error: unknown) => report(`${player.tab.name}: close rejected with ${String(error)}`),
        )
      })
  }

  try {
    for (let index = 0; index < plan.clients; index++) open(index)
    for (const step of plan.steps) w.clock.after(step.at, () => perform(step))
    await run(plan.duration)
    if (plan.ending === 'abrupt') {
      closeAll()
      await run(CLOSING)
      heal()
    } else {
      heal()
      const isSettledAll = (): boolean => stage.questions.open === 0 && players.every(isSettled)
      if (!(await run(CONVERGENCE, isSettledAll)) && !isBroken())
        report(`it did not converge: ${players.map(describe).join('; ')}; ${stage.questions.open} questions`)
      closeAll()
    }
    const isClosed = ({ state }: Player): boolean => state === 'closed'
    if (!(await run(CLOSING, () => players.every(isClosed))) && !isBroken()) report('close() did not resolve')
    const dials = players.map(({ tab }) => tab.network.dials)
    await run(plan.keep + AFTERMATH)
    if (players.some(({ tab }, index) => tab.network.dials !== dials[index])) report('a closed socket dialled')
    const { core, view } = w.server
    if (core.sessions.size > 0 || view.pending > 0)
      report(`the server has ${core.sessions.size} sessions, ${view.pending} timers`)
    for (const { tab, up, down, streams } of players) {
      up.lane.close()
      if (streams + up.flushes + (down?.flushes ?? 0) > 0) report(`${tab.name}: a stream or flush never ended`)
    }
    stage.questions.close()
    const reported = [...w.server.reported, ...players.flatMap(({ tab }) => tab.reported)]
    for (const error of reported) if ((error as Error).message !== ON_PURPOSE) report(`reported: ${String(error)}`)
  } catch (error) {
    report(`it threw: ${(error as Error).stack ?? String(error)}`)
  }
  return { violations, trace: w.trace }
}
