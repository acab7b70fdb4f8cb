/** What must hold of the carriers of a session, WebSockets and HTTP together, read from the trace of a life. */
import type { Trace, TraceEvent } from 'holdfast/testing'
import type { Report } from './violation.ts'

/** Milliseconds of a window, and the requests in one that a tab may make though nobody has anything to say. */
const WINDOW = 60_000
const MOST_IDLE_POSTS = 120

interface Tab {
  /** Its WebSockets that are not closed. */
  readonly websockets: Set<string>
  /** What the last hello said, and where it went: a link, or the carrier that its posts belong to. */
  session: string
  attempt: number
  holder: string
  /** When it posted in vain: nothing was pushed, and nothing new came back. */
  idle: number[]
}

interface Envelope {
  readonly carrier: string
  readonly push?: number
  readonly close?: boolean
}

const helloIn = (packet: unknown): { readonly session: string; readonly attempt: number } | undefined => {
  if (typeof packet !== 'string' || !packet.startsWith('{"hello":')) return undefined
  const [line = ''] = packet.split('\n', 1)
  return (JSON.parse(line) as { hello: { session: string; attempt: number } }).hello
}

/**
 * A tab has one WebSocket at most. The hello goes out on one carrier at a time, each time with a greater attempt, and nothing of
 * the session goes out anywhere else. And nobody asks without end where there is nothing to hear.
 */
export const inspectClaims = ({ events }: Trace, report: Report): void => {
  const tabs = new Map<string, Tab>()
  const pushes = new Set<string>()
  const attempts = new Set<string>()
  /** Sessions after which a tab began another one. */
  const lost = new Set<string>()
  /** Lines of the answer that comes on a link. */
  const lines = new Map<string, number>()
  /** Links on which nothing but a poll, or what was pushed before, is under way. */
  const vain = new Set<string>()

  const tabOf = (name: string): Tab => {
    const known = tabs.get(name)
    if (known) return known
    const tab: Tab = { websockets: new Set(), session: '', attempt: 0, holder: '', idle: [] }
    tabs.set(name, tab)
    return tab
  }

  const claim = (name: string, tab: Tab, packet: string, holder: string): void => {
    const hello = helloIn(packet)
    if (!hello) return
    const { session, attempt } = hello
    const key = `${session} ${attempt}`
    if (attempts.has(key)) report('attempts', `${name} said hello twice with attempt ${attempt}`)
    attempts.add(key)
    // A post may have waited for a connection while the session moved on, or was lost.
    const mayBeLate = !holder.includes('#')
    if (session === tab.session && attempt < tab.attempt && !mayBeLate)
      report('attempts', `${name} said hello with attempt ${attempt} after ${tab.attempt}`)
    if (session === tab.session ? attempt <= tab.attempt : mayBeLate && lost.has(session)) return
    if (session !== tab.session) lost.add(tab.session)
    Object.assign(tab, { session, attempt, holder })
  }

  const readWebSocket = (name: string, tab: Tab, [, id, what, packet]: TraceEvent): void => {
    if (what === 'client dials') {
      tab.websockets.add(id)
      if (tab.websockets.size > 1)
        report('single', `${name} held two WebSockets at once: ${[...tab.websockets].join(', ')}`)
    } else if (what === 'client closes' || what === 'client hears close') tab.websockets.delete(id)
    else if (what === 'client sends') {
      if (typeof packet === 'string') claim(name, tab, packet, id)
      if (tab.holder !== id && packet !== '{"ping":0}')
        report('claim', `${id} was sent a packet that is not for it: ${String(packet)}`)
    }
  }

  const readPost = (name: string, tab: Tab, id: string, body: string): void => {
    const end = body.indexOf('\n')
    const { carrier, push, close } = JSON.parse(end < 0 ? body : body.slice(0, end)) as Envelope
    const key = `${carrier} ${push}`
    if (push !== undefined && !pushes.has(key)) claim(name, tab, body.slice(end + 1), carrier)
    if (!close && (push === undefined || pushes.has(key))) vain.add(id)
    pushes.add(key)
    lines.set(id, -1)
  }

  const readAnswer = (at: number, name: string, tab: Tab, id: string): void => {
    if (!vain.delete(id) || (lines.get(id) as number) > 0) return
    tab.idle = tab.idle.filter((other) => other > at - WINDOW)
    tab.idle.push(at)
    if (tab.idle.length === MOST_IDLE_POSTS)
      report('patient', `${name} asked ${MOST_IDLE_POSTS} times within ${WINDOW} ms, for nothing`)
  }

  for (const event of events) {
    const [at, id, what, detail] = event
    const [name = id] = id.split('#', 1)
    if (what === 'is killed') tabs.delete(name)
    if (name === id) continue
    const tab = tabOf(name)
    if (what === 'client posts') readPost(name, tab, id, detail as string)
    else if (what === 'client gets' && lines.has(id))
      lines.set(id, (lines.get(id) as number) + (detail as string).split('\n').length - 1)
    else if (lines.has(id) && (what === 'client is answered' || what === 'client closes')) readAnswer(at, name, tab, id)
    else readWebSocket(name, tab, event)
  }
}
