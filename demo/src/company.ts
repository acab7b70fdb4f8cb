import type { Person } from '../contract.ts'
import { byId, make, setText } from './dom.ts'
import { avatar } from './me.ts'

/** Milliseconds that "is typing" stays without a new sign of it. */
const LINGER = 3_000

/** As many are shown by name; the others are a number. */
const SHOWN = 4

/** Who is here, and who is typing. */
export const createCompany = (me: Person) => {
  const people = byId('people')
  const line = byId('typing')
  const typing = new Map<string, { readonly name: string; readonly timer: ReturnType<typeof setTimeout> }>()

  const show = (): void => {
    const names = [...typing.values()].map(({ name }) => name)
    setText(line, names.length === 0 ? '' : `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} typing…`)
  }
  const rest = (id: string): void => {
    clearTimeout(typing.get(id)?.timer)
    typing.delete(id)
    show()
  }
  return {
    here(everybody: readonly Person[]) {
      const others = everybody.filter(({ id }) => id !== me.id)
      const shown = [me, ...others].slice(0, SHOWN)
      const more = others.length + 1 - shown.length
      people.replaceChildren(
        ...shown.map((person) =>
          make('li', '', avatar(person), make('span', '', person.id === me.id ? `${person.name} (you)` : person.name)),
        ),
        ...(more > 0 ? [make('li', 'soft', `+${more}`)] : []),
      )
    },
    types({ id, name }: Person) {
      if (id === me.id) return
      clearTimeout(typing.get(id)?.timer)
      typing.set(id, { name, timer: setTimeout(() => rest(id), LINGER) })
      show()
    },
    /** Said it: no longer typing. */
    rest,
  }
}
