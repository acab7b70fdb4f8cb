import type { Person } from '../app.ts'
import type { History, Member, Message } from './contract.ts'
import { make, setText } from '../../page/dom.ts'
import { type Delivery, type Entry, type MessageView, type Said, createMessageView } from './message-view.ts'
import { createReceipts } from './receipts.ts'
import { createScroller } from './scroller.ts'

interface TimelineOptions {
  readonly me: Person
  /** Its messages are in the page as far as they are to be seen: the last of them may have been read. */
  seen(): void
  /** Somebody wants to see what was said before. */
  older(): void
  /** A picture comes near. */
  load(seq: number): Promise<string>
  open(image: HTMLImageElement): void
}

export type Timeline = ReturnType<typeof createTimeline>

const isAgain = (delivery: Delivery | undefined): boolean =>
  delivery === 'in doubt' || delivery === 'sent again' || delivery === 'sent twice, kept once'

/** What is said in a room, as it is shown: each message once, in the server's order; what waits comes last. */
export const createTimeline = ({ me, seen, older, load, open }: TimelineOptions) => {
  const list = make('ol', 'messages')
  const empty = make('p', 'empty', 'Nothing said here yet. Say something, break the connection, and go on typing.')
  empty.hidden = true
  const earlier = make('button', 'quiet small earlier', 'Earlier messages')
  earlier.type = 'button'
  earlier.hidden = true
  earlier.addEventListener('click', older)
  const scroller = createScroller([earlier, empty, list], seen)
  const entries: Entry[] = []
  const byId = new Map<string, Entry>()
  /** How far each message of one's own has come. */
  const deliveries = new Map<string, Delivery>()
  const receipts = createReceipts(me, entries)
  /** The newest and the oldest place that the server told of. */
  let last = 0
  let first = Infinity
  /** The newest place before the server forgot the session: behind it something may be missing. */
  let known: number | undefined

  const near = new IntersectionObserver(
    (sights) => {
      for (const { isIntersecting, target } of sights) {
        if (!isIntersecting) continue
        near.unobserve(target)
        if (target === earlier) older()
        else show(entries.find(({ element }) => element === target))
      }
    },
    { root: scroller.element, rootMargin: '300px' },
  )
  const show = (entry: Entry | undefined): void => {
    // Who may not see it any more has left the room: there is nobody to tell.
    if (entry)
      load(entry.place).then(
        (url) => entry.view?.picture(url),
        () => {},
      )
  }

  /** Messages of one person in a row share one name. */
  const group = (index: number): void => {
    const view = entries[index]?.view
    view?.element.classList.toggle('follows', view.from.id === entries[index - 1]?.view?.from.id)
  }
  const insert = (entry: Entry): void => {
    let index = entries.length
    while (index > 0 && (entries[index - 1]?.place ?? 0) > entry.place) index--
    list.insertBefore(entry.element, entries[index]?.element ?? null)
    entries.splice(index, 0, entry)
    group(index)
    group(index + 1)
    empty.hidden = true
  }
  const remove = (entry: Entry): void => {
    const index = entries.indexOf(entry)
    entries.splice(index, 1)
    entry.element.remove()
    group(index)
  }
  const render = (id: string, said: Said) => {
    const view = createMessageView(said, said.from.id === me.id, open)
    const entry = { element: view.element, view, id, place: Infinity } satisfies Entry
    byId.set(id, entry)
    return entry
  }
  const mark = (id: string, delivery: Delivery): void => {
    deliveries.set(id, delivery)
    byId.get(id)?.view?.mark(delivery)
  }
  const put = (message: Message): void => {
    const { id, seq, from } = message
    last = Math.max(last, seq)
    first = Math.min(first, seq)
    const known = byId.get(id)
    const entry: Entry = known ?? render(id, message)
    if (entry.place !== seq) {
      if (known) remove(known)
      entry.place = seq
      insert(entry)
      if (message.picture) near.observe(entry.element)
    }
    if (from.id !== me.id) return
    mark(id, isAgain(deliveries.get(id)) ? 'sent twice, kept once' : 'delivered')
    entry.view?.progress(undefined)
  }
  /** Puts away what the server keeps: there is a gap behind it. */
  const forget = (): void => {
    for (const entry of entries.filter(({ place }) => Number.isFinite(place))) {
      remove(entry)
      if (entry.id !== undefined) byId.delete(entry.id)
    }
    first = Infinity
  }

  return {
    element: scroller.element,
    jump: scroller.jump,
    /** The newest place that the server told of. */
    get last() {
      return last
    },
    /** What has a place before this one was not asked for yet; null: nothing was. */
    get first() {
      return first === Infinity ? null : first
    },
    get isAtEnd() {
      return scroller.isAtEnd
    },
    show: scroller.show,
    hide: scroller.hide,
    /** Shows a message of one's own before the server has it. */
    say(id: string, said: Said, delivery: Delivery): MessageView {
      const entry = render(id, said)
      scroller.change(() => insert(entry), 'end')
      mark(id, delivery)
      return entry.view
    },
    /** The server keeps this message: shows it, or puts the one that is shown already in its place. */
    keep(message: Message) {
      const isNews = message.seq > last && message.from.id !== me.id
      scroller.change(() => put(message), 'stay', isNews)
      seen()
    },
    /** Some of the past: the newest of it, or what is before the oldest that is shown. */
    past({ messages, more, members }: History, isNewest: boolean) {
      scroller.change(() => {
        if (isNewest) {
          if (more && known !== undefined && (messages[0]?.seq ?? 0) > known) forget()
          known = undefined
        }
        const isOldest = (messages[0]?.seq ?? Infinity) <= first
        for (const message of messages) put(message)
        if (isOldest) {
          earlier.hidden = !more
          setText(earlier, 'Earlier messages')
          near.unobserve(earlier)
          if (more) near.observe(earlier)
        }
        empty.hidden = entries.length > 0
      }, 'keep')
      receipts.all(members)
      seen()
    },
    /** What was said in the meantime, nobody will tell: it has to be asked for. */
    lost() {
      known ??= last
    },
    /** The past is on its way. */
    loading: () => setText(earlier, 'Loading…'),
    mark,
    /** Takes back a message that never was one. */
    drop(id: string) {
      const entry = byId.get(id)
      if (!entry || Number.isFinite(entry.place)) return
      byId.delete(id)
      deliveries.delete(id)
      remove(entry)
    },
    /** What waited is on its way. */
    sent() {
      for (const [id, delivery] of deliveries)
        if (delivery === 'waiting') mark(id, 'sent')
        else if (delivery === 'in doubt') mark(id, 'sent again')
    },
    /** Something to know about the conversation, at the place where it happened. */
    notice: (text: string) =>
      scroller.change(() => insert({ element: make('li', 'notice', make('p', '', text)), place: last + 0.5 }), 'stay'),
    member: (member: Member) => receipts.one(member),
    left: (person: string) => receipts.gone(person),
    /** Who is in the room. */
    get members() {
      return receipts.members
    },
  }
}
