/** What must hold of the HTTP carriers of a life, read from its trace. */
import type { Trace, TraceEvent } from 'holdfast/testing'
import { isFar, isSlow, type Plan } from './plan.ts'
import type { Report } from './violation.ts'

/** Milliseconds of a window, and the carriers that a client may open in one when nobody asks it to. */
const WINDOW = 10_000
const MOST_TRIES = 14

const FAULTS = ['is cut', 'will be cut', 'stalls', 'is half open', 'meets']
/** What a page is told or tells, and what becomes of the server, are reasons to give a carrier up. */
const REASONS = ['reconnects', 'goes offline', 'drains', 'is killed']

interface Carrier {
  readonly tab: string
  /** What it brought, as long as no welcome was among it. */
  heard: string
  isWelcomed: boolean
  isExcused: boolean
}

/** A carrier with which nothing was wrong must not be given up, but for a WebSocket. And tries must be spaced, whatever comes of them. */
export const inspectPosts = ({ events }: Trace, plan: Plan, report: Report): void => {
  const carriers = new Map<string, Carrier>()
  const links = new Set<string>()
  /** Whose exchange is on a link. */
  const users = new Map<string, string>()
  const tries = new Map<string, number[]>()
  /** Tabs that were told to close: they do so when they have said everything. */
  const closing = new Set<string>()

  const excuse = (tab?: string): void => {
    for (const carrier of carriers.values()) if (tab === undefined || carrier.tab === tab) carrier.isExcused = true
  }

  const readPost = (at: number, tab: string, link: string, body: string): void => {
    const [line = ''] = body.split('\n', 1)
    const { carrier: id, push, close } = JSON.parse(line) as { carrier: string; push?: number; close?: boolean }
    const carrier = carriers.get(id)
    users.set(link, id)
    if (push === 1 && !carrier) {
      carriers.set(id, { tab, heard: '', isWelcomed: false, isExcused: false })
      const recent = [...(tries.get(tab) ?? []), at].filter((other) => other > at - WINDOW)
      tries.set(tab, recent)
      if (recent.length > MOST_TRIES)
        report('spaced', `${tab} opened ${recent.length} HTTP carriers within ${WINDOW} ms`)
    }
    if (close && carrier?.isWelcomed && !carrier.isExcused && !closing.has(tab))
      report('sound', `${tab} gave up the HTTP carrier ${id} though nothing was wrong with it`)
  }

  const readAnswer = (link: string, text: string): void => {
    const carrier = carriers.get(users.get(link) ?? '')
    if (!carrier || carrier.isWelcomed) return
    carrier.heard += text
    carrier.isWelcomed = carrier.heard.includes('"welcome":{')
  }

  const readLink = ([at, id, what, detail]: TraceEvent, tab: string): void => {
    const text = typeof detail === 'string' ? detail : ''
    if (what === 'client connects') links.add(id)
    if (what === 'client posts') readPost(at, tab, id, text)
    if (what === 'client gets') readAnswer(id, text)
    const isUnanswered = what === 'client is answered' && !text.startsWith('200')
    const isBye = what.startsWith('server') && text.includes('"bye":{')
    const isMove = what === 'client sends' && text.startsWith('{"hello":')
    if (isMove || isBye || isUnanswered || (links.has(id) && FAULTS.includes(what))) excuse(tab)
  }

  // Where every step takes seconds, the time for a try may be over just before the welcome is there.
  if (isSlow(plan) || isFar(plan)) return
  for (const event of events) {
    const [, who, what] = event
    const [tab = who] = who.split('#', 1)
    if (what === 'closes') closing.add(tab)
    if (tab !== who) readLink(event, tab)
    else if (who === 'server' || who === 'network') {
      if (REASONS.includes(what)) excuse()
    } else if (REASONS.includes(what) || what.startsWith('sleeps')) {
      excuse(tab)
      tries.delete(tab)
    }
  }
}
