/** Who takes part in a life: tabs and servers that run the application code of speech.ts and keep its books. */
import type { ServerSession } from 'holdfast/server'
import { type ClockView, type Link, type Tab, type World, world } from 'holdfast/testing'
import { createQuestions } from './invariants.ts'
import type { Act, Plan } from './plan.ts'
import { createFlow, type Flow, identify, listen, mayRefuse, ON_PURPOSE, type Stage, type Talk } from './speech.ts'
import type { Report } from './violation.ts'

/** A tab with its books. */
export interface Player {
  readonly name: string
  readonly tab: Tab<Talk>
  /** What it says. */
  readonly up: Flow
  /** The server's end of its session, and what that says. */
  session: ServerSession<Talk, string> | undefined
  down: Flow | undefined
  state: 'living' | 'closing' | 'closed'
  /** The server ended its session for good: it closes by itself. */
  isDismissed: boolean
  /** Streams that it reads. */
  streams: number
}

/** All of them. */
export interface Cast {
  readonly world: World<Talk, string>
  readonly stage: Stage
  readonly players: readonly Player[]
  /** All tabs are opened. */
  enter(): void
  /** Its application reads a stream. */
  read(player: Player, act: Act & { do: 'stream' }): void
  /** The connection that a player uses, or used last; one of them where it uses several. */
  linkOf(player: Player): Link | undefined
}

/** Errors that conforming peers may meet on a bad network. Any other says that one of them broke the protocol. */
const FAIR_ERRORS = ['expired', 'unresponsive', 'try-later', 'unreachable', 'timeout']

/** Messages for which every outbox that is not small on purpose has room. */
const ROOMY = 1_000

/** What the tab of that index is called. */
export const nameOf = (index: number): string => String.fromCharCode('a'.charCodeAt(0) + index)

/** Opens the tabs of a plan, and the server. */
export const createCast = (plan: Plan, report: Report): Cast => {
  const players: Player[] = []
  const find = (name: string): Player | undefined => players.find((player) => player.name === name)

  /** A while passes, if that tab or process still lives then. */
  const pass = (delay: number, enter: ClockView['enter']): Promise<void> =>
    new Promise((resolve) => w.clock.after(delay, () => enter(resolve)))

  const giveToken = async (name: string): Promise<string> => {
    const fails = w.random.chance(plan.tokenFailure) && !stage.healed
    await pass(w.random.between(0, plan.tokenDelay), (task) => find(name)?.tab.view.enter(task))
    if (fails) throw new Error('there is no token just now')
    return name
  }

  const checkError = (player: Player | undefined, error: { code: string; message: string; cause?: unknown }): void => {
    const isOnPurpose = error.code === 'handler-failed' && (error.cause as Error).message === ON_PURPOSE
    const isLoss = error.code === 'session-lost' && stage.lossy
    if (isOnPurpose || isLoss || FAIR_ERRORS.includes(error.code)) return
    report('blameless', `${player?.name ?? 'the server'} met ${error.code}: ${error.message}`)
  }

  const welcome = (session: ServerSession<Talk, string>): void => {
    const { view } = w.server
    const player = find(session.identity)
    if (!player) return report('lasting', `a session came for ${session.identity}`)
    if (player.session && !stage.lossy) report('lasting', `${player.name} got a second session`)
    if (player.down) player.down.over = true
    const down = createFlow(stage, `${player.name} down ${stage.flows.length}`, plan.serverRoom < ROOMY)
    Object.assign(player, { session, down })
    listen(stage, session, down, view, (flow) => flow === player.up)
    session.handleStream('count', async function* ({ items, every }) {
      for (let item = 0; item < items; item++) {
        if (every > 0) await pass(every, view.enter)
        yield item
      }
    })
    session.onEnd((reason) => {
      w.trace.add(player.name, `session ends: ${reason}`)
      down.over = true
      if (player.session === session) player.session = undefined
      if (!stage.lossy && player.state === 'living') report('lasting', `${player.name}'s session ended: ${reason}`)
    })
    return undefined
  }

  const w: World<Talk, string> = world<Talk, string>({
    seed: plan.seed,
    conditions: { latency: plan.latency, jitter: plan.jitter, bandwidth: plan.bandwidth },
    clients: 0,
    server: {
      authenticate: ({ auth }) =>
        plan.checkDelay === 0 ? String(auth) : pass(plan.checkDelay, w.server.view.enter).then(() => String(auth)),
      keep: plan.keep,
      limits: { bufferedMessages: plan.serverRoom },
      heartbeat: { idle: plan.idle },
      requestTimeout: Infinity,
    },
    client: (name) => ({
      auth: plan.tokenDelay + plan.tokenFailure === 0 ? name : () => giveToken(name),
      ...plan.tabs[name.charCodeAt(0) - 'a'.charCodeAt(0)],
      trace: (entry) => {
        if (entry.type !== 'carrier') return
        const { event, carrier, phase, cause } = entry
        w.trace.add(name, `${event}: ${carrier}, ${phase}`, cause?.message)
      },
      heartbeat: { idle: plan.idle },
      inDoubt: plan.inDoubt,
      outbox: { maxMessages: plan.room },
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
    healed: false,
  }

  const open = (name: string): void => {
    const tab = w.open(name)
    const up = createFlow(stage, `${name} up`, plan.room < ROOMY)
    const player: Player = {
      name,
      tab,
      up,
      session: undefined,
      down: undefined,
      state: 'living',
      isDismissed: false,
      streams: 0,
    }
    players.push(player)
    listen(stage, tab.socket, up, tab.view, (flow) => flow.name.startsWith(`${name} down`) && player.state !== 'closed')
    tab.socket.onError((error) => checkError(player, error))
    tab.socket.onLost(({ cause, inDoubt, unsent }) => {
      w.trace.add(name, `is told of a loss: ${cause.code}`, { inDoubt, unsent })
      if (!stage.lossy && player.state === 'living') report('lasting', `${name} lost its session: ${cause.message}`)
      for (const { data, resent } of inDoubt) {
        const number = identify(data)?.number
        if (number !== undefined) up.lane.doubt(number, resent)
      }
      for (const { data } of unsent) {
        const number = identify(data)?.number
        if (number !== undefined) up.lane.unsent(number)
      }
    })
  }

  const read = async (player: Player, { items, every, breakAfter }: Act & { do: 'stream' }): Promise<void> => {
    const name = `${player.name}'s stream`
    let next = 0
    player.streams++
    try {
      for await (const item of player.tab.socket.stream('count', { items, every })) {
        if (item !== next++) report('stream', `${name} gave ${item} instead of ${next - 1}`)
        if (next > breakAfter) break
      }
      if (next !== Math.min(items, breakAfter + 1)) report('stream', `${name} ended after ${next} of ${items}`)
    } catch (error) {
      const { code = '' } = error as { code?: string }
      const isLoss = stage.lossy && (code === 'session-lost' || code === 'in-doubt')
      if (!isLoss && !mayRefuse(player.up, code)) report('stream', `${name} failed: ${String(error)}`)
    }
    player.streams--
  }

  return {
    world: w,
    stage,
    players,
    enter() {
      for (let index = 0; index < plan.clients; index++) open(nameOf(index))
    },
    read: (player, act) => void read(player, act),
    linkOf: ({ name }) => {
      const links = w.network.links.filter((link) => link.client === name)
      const held = links.filter((link) => link.held)
      return held.length > 1 ? w.random.pick(held) : links.at(-1)
    },
  }
}
