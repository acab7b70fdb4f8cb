import type { Message, Person } from '../contract.ts'
import { byId, clockTime, make, setText } from './dom.ts'
import { avatar } from './me.ts'

/** What the page knows of a message of its own. */
export type Delivery =
  /** In the queue: it has not left the page. */
  | 'waiting'
  /** It has left; the server has not said that it keeps it. */
  | 'sent'
  /** It had left when the server forgot the session: it waits to go out again. */
  | 'in doubt'
  | 'sent again'
  /** The server keeps it. */
  | 'delivered'
  /** The same of a message that was in doubt: whether or not it had arrived the first time, its id is there once. */
  | 'sent twice, kept once'

interface Entry {
  readonly element: HTMLLIElement
  /** Who said it; undefined for a notice. */
  readonly from?: Person
  /** Its place: the server's for what the server has, behind everything for what waits. */
  place: number
}

const isAgain = (delivery: Delivery | undefined): boolean =>
  delivery === 'in doubt' || delivery === 'sent again' || delivery === 'sent twice, kept once'

/** The conversation as it is shown: each message once, in the server's order; what waits comes last. */
export const createTimeline = (me: Person) => {
  const scroll = byId('scroll')
  const list = byId('messages')
  const empty = byId('empty')
  const entries: Entry[] = []
  const byMessage = new Map<string, Entry>()
  /** How far each message of one's own has come. */
  const deliveries = new Map<string, Delivery>()
  let last = 0

  /** Messages of one person in a row share one name. */
  const group = (index: number): void => {
    const entry = entries[index]
    if (!entry) return
    entry.element.classList.toggle('follows', !!entry.from && entry.from.id === entries[index - 1]?.from?.id)
  }
  const insert = (entry: Entry): void => {
    const wasAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40
    let index = entries.length
    while (index > 0 && (entries[index - 1]?.place ?? 0) > entry.place) index--
    list.insertBefore(entry.element, entries[index]?.element ?? null)
    entries.splice(index, 0, entry)
    group(index)
    group(index + 1)
    empty.hidden = true
    if (wasAtEnd || entry.place === Infinity) scroll.scrollTop = scroll.scrollHeight
  }
  const remove = (entry: Entry): void => {
    const index = entries.indexOf(entry)
    entries.splice(index, 1)
    entry.element.remove()
    group(index)
  }
  const render = (id: string, from: Person, text: string, at: number): Entry => {
    const mine = from.id === me.id
    const time = make('time', '', clockTime(at))
    time.dateTime = new Date(at).toISOString()
    const element = make(
      'li',
      mine ? 'message mine' : 'message',
      make('p', 'author', avatar(from), mine ? `${from.name} (you)` : from.name),
      make('p', 'bubble', text),
      make('p', 'meta', time, make('span', 'delivery')),
    )
    const entry: Entry = { element, from, place: Infinity }
    byMessage.set(id, entry)
    return entry
  }
  const mark = (id: string, delivery: Delivery): void => {
    const element = byMessage.get(id)?.element
    const label = element?.querySelector<HTMLElement>('.delivery')
    if (!element || !label) return
    deliveries.set(id, delivery)
    element.dataset['delivery'] = delivery
    setText(label, delivery)
  }

  return {
    /** The newest place that the server told. */
    get last() {
      return last
    },
    /** Shows a message of one's own before the server has it. */
    say(id: string, text: string, delivery: Delivery) {
      insert(render(id, me, text, Date.now()))
      mark(id, delivery)
    },
    /** The server keeps this message: shows it, or puts the one that is shown already in its place. */
    keep({ id, seq, from, text, at }: Message) {
      last = Math.max(last, seq)
      const known = byMessage.get(id)
      const entry = known ?? render(id, from, text, at)
      if (entry.place !== seq) {
        if (known) remove(known)
        entry.place = seq
        insert(entry)
      }
      if (from.id === me.id) mark(id, isAgain(deliveries.get(id)) ? 'sent twice, kept once' : 'delivered')
    },
    mark,
    /** What waited is on its way. */
    sent() {
      for (const [id, delivery] of deliveries)
        if (delivery === 'waiting') mark(id, 'sent')
        else if (delivery === 'in doubt') mark(id, 'sent again')
    },
    /** Something to know about the conversation, at the place where it happened. */
    notice(text: string) {
      insert({ element: make('li', 'notice', make('p', '', text)), place: last + 0.5 })
    },
    /** The history is here: if it brought nothing, say so. */
    loaded() {
      empty.hidden = entries.length > 0
    },
  }
}
