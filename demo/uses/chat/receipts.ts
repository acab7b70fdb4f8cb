import type { Person } from '../app.ts'
import type { Member } from './contract.ts'
import type { Entry } from './message-view.ts'

/** Shows everybody's face at the newest message of others that they have read. */
export const createReceipts = (me: Person, entries: readonly Entry[]) => {
  const members = new Map<string, Member>()
  /** Where each face is, and which faces are there. */
  const places = new Map<string, Entry>()

  const at = (entry: Entry | undefined): void =>
    entry?.view?.readers(
      Array.from(places).flatMap(([id, place]) => (place === entry ? [members.get(id)!.person] : [])),
    )
  const move = (id: string): void => {
    const before = places.get(id)
    const member = members.get(id)
    const place =
      member && id !== me.id
        ? entries.findLast((entry) => entry.view && entry.view.from.id !== id && entry.place <= member.read)
        : undefined
    if (place === before) return
    if (place) places.set(id, place)
    else places.delete(id)
    at(before)
    at(place)
  }
  return {
    get members(): readonly Member[] {
      return [...members.values()]
    },
    one(member: Member) {
      const known = members.get(member.person.id)
      // What was asked for may arrive behind what was told since.
      if (known && known.read > member.read) return
      members.set(member.person.id, member)
      move(member.person.id)
    },
    all(everybody: readonly Member[]) {
      const here = new Set(everybody.map(({ person }) => person.id))
      for (const id of members.keys()) if (!here.has(id)) this.gone(id)
      for (const member of everybody) this.one(member)
      // Messages came: a face may have its place among them.
      for (const id of here) move(id)
    },
    gone(id: string) {
      members.delete(id)
      move(id)
    },
  }
}
