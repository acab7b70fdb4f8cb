/** Lets the steps of a plan happen. */
import type { ServerSession } from 'holdfast/server'
import type { Fate, Protocol, ServerProcess } from 'holdfast/testing'
import { type Cast, nameOf, type Player } from './cast.ts'
import type { Act, Exchanges, Step } from './plan.ts'
import { ask, type Flow, flush, say, type Talk } from './speech.ts'

/** What a draining server asks of its clients, and how long it then lives on, in milliseconds. */
const DRAIN = { retry: { after: 200, spread: 500 } }
const DRAIN_GRACE = 100
const COME_BACK = { retry: { after: 100, spread: 300 } }
const FORBIDDEN = 4403

/** Who lets things happen. */
export interface Director {
  perform(step: Step): void
  /** Everything works again from now on: network, page, server. */
  heal(): void
}

/** Directs a cast. */
export const createDirector = ({ world: w, stage, players, read, linkOf }: Cast): Director => {
  const { clock, network, trace } = w
  const fates = new Map<string, Fate>()
  const blockades = new Map<string, Fate>()
  const losses = new Map<string, { readonly what: Exchanges; readonly chance: number }>()
  let serving = true

  const isLost = (name: string, body: string): boolean => {
    const loss = losses.get(name)
    const { push } = JSON.parse(body.split('\n', 1)[0]!) as { push?: number }
    const isMeant = loss?.what === 'all' || loss?.what === (push === undefined ? 'polls' : 'pushes')
    return isMeant && w.random.chance(loss.chance)
  }
  const decide = (name: string, protocol: Protocol, body?: string): Fate => {
    if (body !== undefined && isLost(name, body)) return 'lose-answer'
    return fates.get(name) ?? blockades.get(`${name} ${protocol}`) ?? 'open'
  }
  network.fate((name, _, protocol, body) => decide(name, protocol, body))

  /** Something is so for a while, unless it is replaced. */
  const last = <T>(of: Map<string, T>, key: string, value: T, duration: number): void => {
    of.set(key, value)
    clock.after(duration, () => of.get(key) === value && of.delete(key))
  }
  const block = (name: string, { protocol, fate, cut, for: duration }: Act & { do: 'block' }): void => {
    trace.add(name, `is blocked: ${protocol}`, { fate, for: duration })
    last(blockades, `${name} ${protocol}`, fate, duration)
    if (!cut) return
    for (const link of network.links) if (link.client === name && link.protocol === protocol) link.cut()
  }

  const kill = (server: ServerProcess<Talk, string>): void => {
    if (server !== w.server || !server.alive) return
    server.kill()
    for (const player of players) {
      const { up, down } = player
      // What the dead process waited for, nobody waits for any more.
      for (const question of down?.questions.values() ?? []) question.forget()
      for (const question of up.questions.values()) question.forgetHandlers()
      if (down) Object.assign(down, { over: true, flushes: 0, receipts: 0 })
      player.session = undefined
    }
  }
  const start = (): void => {
    if (serving) return
    serving = true
    kill(w.server)
    w.restart()
  }

  const onServer = (
    { session, down }: Player,
    task: (session: ServerSession<Talk, string>, down: Flow) => void,
  ): void => {
    if (session && down) w.server.view.enter(() => task(session, down))
  }

  const perform = ({ client, act }: Step): void => {
    if (act.do === 'block') return block(nameOf(client), act)
    const player = players[client] as Player
    const { name, tab, up } = player
    const { socket, view, lifecycle } = tab
    const link = linkOf(player)
    switch (act.do) {
      case 'send':
        if (act.side === 'client') view.enter(() => say(stage, socket, up, view, act))
        else onServer(player, (session, down) => say(stage, session, down, w.server.view, act))
        break
      case 'ask':
        if (act.side === 'client') view.enter(() => ask(stage, socket, up, view, act))
        else onServer(player, (session, down) => ask(stage, session, down, w.server.view, act))
        break
      case 'flush':
        if (act.side === 'client') view.enter(() => flush(stage, socket, up))
        else onServer(player, (session, down) => flush(stage, session, down))
        break
      case 'stream':
        view.enter(() => read(player, act))
        break
      case 'reconnect':
        view.enter(() => {
          trace.add(name, 'reconnects')
          socket.reconnect()
        })
        break
      case 'cut':
        link?.cut(act.after)
        break
      case 'stall':
        link?.stall(act.direction)
        clock.after(act.for, () => link?.heal())
        break
      case 'half-open':
        link?.halfOpen(act.direction)
        break
      case 'fate':
        fates.set(name, act.fate)
        clock.after(act.for, () => fates.delete(name))
        break
      case 'lose':
        trace.add(name, `loses answers: ${act.what}`, act.chance)
        last(losses, name, { what: act.what, chance: act.chance }, act.for)
        break
      case 'network':
        view.enter(() => lifecycle.happen('online'))
        break
      case 'leave':
        view.enter(() => lifecycle.happen('leave'))
        break
      case 'sleep':
        trace.add(name, `sleeps: ${act.what}`)
        if (act.told === 'freeze') {
          view.enter(() => {
            trace.add(name, 'freezes')
            lifecycle.happen('freeze')
          })
        }
        view.freeze(act.what)
        clock.after(act.for, () => {
          trace.add(name, 'wakes')
          view.thaw()
          if (act.told !== 'nothing') view.enter(() => lifecycle.happen('wake'))
        })
        break
      case 'offline':
        trace.add(name, 'goes offline')
        view.enter(() => lifecycle.happen('offline'))
        clock.after(act.for, () => view.enter(() => lifecycle.happen('online')))
        break
      case 'wake':
        view.enter(() => lifecycle.happen('wake'))
        break
      case 'partition':
        network.stall(act.direction)
        clock.after(act.for, network.heal)
        break
      case 'dismiss':
        onServer(player, (session) => {
          trace.add('server', `dismisses ${name}${act.back ? ' for now' : ''}`)
          if (!act.back) {
            player.isDismissed = true
            up.over = true
          }
          session.close(act.back ? COME_BACK : { code: FORBIDDEN, reason: 'dismissed' })
        })
        break
      case 'restart': {
        if (!serving) break
        serving = false
        if (act.drain) {
          trace.add('server', 'drains')
          w.server.core.close(DRAIN)
        }
        const down = act.drain ? DRAIN_GRACE : 0
        const { server } = w
        clock.after(down, () => kill(server))
        clock.after(down + act.for, start)
        break
      }
    }
  }

  return {
    perform,
    heal: () => {
      trace.add('network', 'is healed')
      stage.healed = true
      fates.clear()
      blockades.clear()
      losses.clear()
      network.heal()
      for (const { tab } of players) {
        tab.view.thaw()
        if (!tab.lifecycle.online()) tab.lifecycle.happen('online')
      }
      start()
    },
  }
}
