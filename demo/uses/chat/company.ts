import type { Person } from '../app.ts'
import type { Member } from './contract.ts'
import { byId, make, setText } from '../../page/dom.ts'
import { avatar } from '../../page/me.ts'

/** Milliseconds that "is typing" stays without a new sign of it. */
const LINGER = 3_000
/** As many are shown by their faces; the others are a number. */
const FACES = 4

/** Who is in the open room, and who is typing in it. */
export const createCompany = (me: Person) => {
  const people = byId('people')
  const line = byId('typing')
  const typing = new Map<string, { readonly name: string; readonly timer: ReturnType<typeof setTimeout> }>()
  let here: readonly Person[] = [me]
  let members: readonly Member[] = []

  const showTyping = (): void => {
    const names = [...typing.values()].map(({ name }) => name)
    const [one, two] = names
    setText(
      line,
      one === undefined
        ? ''
        : two === undefined
          ? `${one} is typing…`
          : names.length === 2
            ? `${one} and ${two} are typing…`
            : 'Several people are typing…',
    )
  }
  const rest = (id: string): void => {
    clearTimeout(typing.get(id)?.timer)
    typing.delete(id)
    showTyping()
  }
  const show = (): void => {
    const present = here.filter(({ id }) => members.some(({ person }) => person.id === id))
    const away = members.length - present.length
    const words = `${present.length} here${away > 0 ? `, ${away} away` : ''}`
    people.replaceChildren(...present.slice(0, FACES).map(avatar), make('span', '', members.length === 0 ? '' : words))
    people.title = present.map(({ id, name }) => (id === me.id ? `${name} (you)` : name)).join(', ')
  }
  return {
    here(everybody: readonly Person[]) {
      here = everybody
      show()
    },
    /** Another room is open, or somebody came into this one or left it. */
    members(everybody: readonly Member[]) {
      members = everybody
      show()
    },
    types({ id, name }: Person) {
      if (id === me.id) return
      clearTimeout(typing.get(id)?.timer)
      typing.set(id, { name, timer: setTimeout(() => rest(id), LINGER) })
      showTyping()
    },
    /** Said it: no longer typing. */
    rest,
    /** Another room is open. */
    clear() {
      for (const id of typing.keys()) rest(id)
    },
  }
}
