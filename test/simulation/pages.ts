/**
 * A life in which pages come and go: they are reloaded, crash at any instant, are duplicated, and come back later, and their messages
 * outlive them, on a disk that may be slow, full or spoilt. Whatever page it is that says it, the server hears it once.
 */
import { persist } from 'holdfast/store'
import type { ServerSession } from 'holdfast/server'
import { type ClockView, type SeededRandom, seededRandom, type Tab, world } from 'holdfast/testing'
import { inspectClaims } from './claims.ts'
import { type Author, createNewsBook, createPageBook, isFairError, type NewsBook, numbersIn } from './page-book.ts'
import type { Verdict } from './scenario.ts'
import { describeViolation, type Report, type Violation } from './violation.ts'

interface Notes {
  toServer: { say: { readonly number: number } }
  toClient: { news: { readonly book: number; readonly number: number } }
}

interface Page extends Author {
  readonly tab: Tab<Notes>
}

/** Milliseconds of a life before everything is healed, until all has arrived then, and until all is closed. */
const DURATION = 20_000
const CONVERGENCE = 200_000
const CLOSING = 15_000
const KEEP = 600_000
/** A message waits for a place to be let go and claimed, for what is being written just then, and for its own write. */
const WRITES = 6

const span = (random: SeededRandom): number => random.pick([5, 50, 500, 3_000]) * random.float()

/** Lives it. */
export const livePages = async (seed: number): Promise<Verdict> => {
  const random = seededRandom(seed)
  const isLossy = seed % 4 === 3
  const isSpoilt = seed % 8 === 5
  const names = ['a', 'b'].slice(0, random.int(1, 2))
  const latency = random.pick([0, 1, 20, 20, 150])
  const storeLatency = random.pick([0, 1, 5, 5, 50, 300])
  const violations: Violation[] = []
  const report: Report = (invariant, what) => {
    const violation = { invariant, what }
    w.trace.add('VIOLATED', describeViolation(violation))
    violations.push(violation)
  }
  const news: { readonly book: NewsBook; session: ServerSession<Notes> | undefined }[] = []
  const serve = (session: ServerSession<Notes>): void => {
    const id = news.length
    const entry = { book: createNewsBook(`news ${id}`, report), session: session as typeof session | undefined }
    news.push(entry)
    session.on('say', ({ number }) => {
      w.trace.add('server', `delivers ${number}`)
      book.arrive(number)
      if (number % 3 === 0) session.send('news', { book: id, number: entry.book.next() })
    })
    session.onEnd((reason) => {
      entry.session = undefined
      if (reason === 'client-closed') ended++
    })
  }
  const w = world<Notes>({
    seed,
    conditions: { latency, jitter: random.pick([0, 5, 50]) },
    clients: 0,
    storeLatency,
    server: { keep: KEEP },
    client: (_, store) => ({
      outbox: { store: persist(store) },
      transport: seed % 3 === 0 ? 'http' : 'auto',
      requestTimeout: Infinity,
    }),
    serve: (core) => void core.on('session', serve),
  })
  const { clock, network, store } = w
  const book = createPageBook(clock.now, WRITES * storeLatency + 1, report)
  const pages = new Map<string, Page>()
  /** What the server says in a session that another page has taken over, to say what was left, is heard by nobody. */
  let isShared = names.length > 1
  /** Sessions that a page has ended, and perhaps it died before it could forget them. */
  let ended = 0
  let isOver = false

  const keptNumbers = (): Set<number> => new Set(store.places.flatMap(({ kept }) => numbersIn(kept?.messages ?? [])))

  const open = (name: string): void => {
    if (pages.has(name)) return
    isShared ||= !names.includes(name)
    w.trace.add(name, 'is opened')
    const page: Page = { name, tab: w.open(name), isForsaken: false, isDead: false }
    const { socket } = page.tab
    pages.set(name, page)
    socket.on('news', ({ book: id, number }) => {
      w.trace.add(name, `hears ${number}`)
      if (!isShared) news[id]?.book.arrive(page, number)
    })
    socket.onError(({ code, message }) => {
      if (code === 'storage-failed') page.isForsaken = true
      if (!isFairError(code)) report('blameless', `${name} met ${code}: ${message}`)
    })
    socket.onLost(({ cause, inDoubt, unsent }) => {
      w.trace.add(name, `is told of a loss: ${cause.code}`)
      if (!isLossy && !isOver && cause.code !== 'superseded' && ended-- <= 0)
        report('lasting', `${name} lost its session: ${cause.message}`)
      for (const { data, resent } of inDoubt) book.doubt((data as { number: number }).number, resent)
      for (const { data } of unsent) book.doubt((data as { number: number }).number, false)
    })
  }
  const say = (name: string, count: number): void => {
    const page = pages.get(name)
    page?.tab.view.enter(() => {
      for (; count > 0; count--) {
        const number = book.accept(page)
        w.trace.add(name, `says ${number}`)
        try {
          page.tab.socket.send('say', { number })
        } catch (error) {
          book.doubt(number, false)
          report('accepted', `${name}: send threw ${String(error)}`)
        }
      }
    })
  }
  const kill = (name: string, leaves: boolean): void => {
    const page = pages.get(name)
    if (!page) return
    pages.delete(name)
    if (leaves) page.tab.view.enter(() => page.tab.lifecycle.happen('leave'))
    page.tab.kill()
    book.die(page, keptNumbers())
  }
  /** Somebody writes nonsense to places that nobody holds. */
  const spoil = (): void => {
    for (const { id, holder, kept } of store.places) {
      if (holder !== undefined || !kept) continue
      w.trace.add('network', 'spoils what is kept')
      book.ruin(new Set(numbersIn(kept.messages)))
      store.corrupt(id, ({ messages }) => ({ state: random.pick([null, 'nonsense', {}]), messages }))
    }
  }

  /** The process stands still, and goes on with all that it knew. */
  const sleep = (view: ClockView): void => {
    w.trace.add('server', 'sleeps')
    view.freeze()
    clock.after(span(random), view.thaw)
  }
  /** Into the back/forward cache, or whatever freezes pages, and back. */
  const freeze = (name: string): void => {
    const page = pages.get(name)
    if (!page || page.frozenAt !== undefined) return
    const { tab } = page
    page.frozenAt = clock.now()
    w.trace.add(name, 'is frozen')
    tab.view.enter(() => tab.lifecycle.happen('freeze'))
    tab.view.freeze()
    clock.after(span(random), () => {
      w.trace.add(name, 'is back')
      page.frozenAt = undefined
      tab.view.thaw()
      tab.view.enter(() => tab.lifecycle.happen('wake'))
    })
  }

  const perform = (name: string): void => {
    const link = network.links.findLast(({ client }) => client === name)
    switch (random.int(0, isSpoilt ? 13 : 11)) {
      case 0:
      case 1:
      case 2:
        return say(name, random.pick([1, 1, 2, 10]))
      case 3:
      case 4: {
        // The more is under way, the more there is to go wrong.
        say(name, random.int(0, 5))
        clock.after(span(random) / 4, () => kill(name, random.chance(0.5)))
        return void clock.after(span(random), () => open(name))
      }
      case 5:
        return kill(name, random.chance(0.3))
      case 6:
        return open(name)
      case 7: {
        store.duplicate(name, `${name}2`)
        return open(`${name}2`)
      }
      case 8:
        return link?.cut(random.chance(0.5) ? {} : { [random.pick(['up', 'down'])]: random.int(0, 600) })
      case 9: {
        link?.stall(random.pick(['up', 'down', 'both']))
        return void clock.after(span(random), () => link?.heal())
      }
      case 10: {
        if (!isLossy) return sleep(w.server.view)
        w.server.kill()
        for (const entry of news) entry.session = undefined
        return void clock.after(span(random), () => w.server.alive || w.restart())
      }
      case 11:
        return freeze(name)
      case 12: {
        store.refuse(random.pick(['claims', 'writes', 'everything']))
        return void clock.after(span(random), () => store.refuse('nothing'))
      }
      default:
        return spoil()
    }
  }

  await clock.advance(DURATION)
  names.forEach(open)
  for (let count = random.int(5, 25); count > 0; count--) {
    const name = random.pick(names)
    clock.after(random.between(0, random.pick([100, 2_000, DURATION])), () => perform(name))
  }
  await clock.advance(DURATION)

  store.refuse('nothing')
  network.heal()
  w.server.view.thaw()
  if (!w.server.alive) w.restart()
  // Where the store has failed a page, it may hold what it cannot say.
  if (isSpoilt) for (const name of [...pages.keys()]) kill(name, true)
  names.forEach(open)
  // What closed tabs have left goes out when there are pages enough to take it.
  for (let extra = 0; extra < 12; extra++) {
    await clock.advance(2_000)
    if (store.places.some(({ holder, kept }) => holder === undefined && kept && kept.messages.length > 0))
      open(`z${extra}`)
  }
  await clock.runUntil(() => book.missing === 0 || violations.length > 0, CONVERGENCE)
  await clock.advance(5_000)
  isOver = true
  if (!isShared && !isSpoilt) for (const { session, book: heard } of news) if (session) heard.close()
  book.close()
  for (const { tab } of pages.values()) tab.view.enter(() => void tab.socket.close())
  await clock.advance(CLOSING)
  for (const { name, tab } of pages.values())
    if (tab.view.pending > 0) report('quiet', `${name} is closed with ${tab.view.pending} timers armed`)
  await clock.advance(KEEP + CLOSING)
  if (w.server.core.sessions.size > 0)
    report('freed', `the server is left with ${w.server.core.sessions.size} sessions`)
  // A page has a connection more while it says what another one has left.
  inspectClaims(w.trace, (invariant, what) => invariant === 'attempts' && report(invariant, what))
  return { violations, trace: w.trace }
}
