/** Who is in the harbour, the best first: what the canvas cannot tell to everybody. */
import { byId, count, make, setText } from '../../page/dom.ts'
import type { Sailor } from './contract.ts'

/** A place on the board. Whoever is there: names change in it, and nothing moves. */
const createRow = () => {
  const face = make('span', 'avatar')
  face.ariaHidden = 'true'
  const name = make('span', 'whose')
  const score = make('span', 'points')
  const element = make('li', '', face, name, score)
  return {
    element,
    show(sailor: Sailor, isMine: boolean) {
      face.style.setProperty('--hue', String(sailor.hue))
      setText(face, sailor.name.slice(0, 1))
      setText(name, isMine ? `${sailor.name} (you)` : sailor.name)
      setText(score, String(sailor.score))
      element.classList.toggle('mine', isMine)
      element.classList.toggle('bot', sailor.isBot)
    },
  }
}

const better = (one: Sailor, other: Sailor): number =>
  other.score - one.score || Number(one.isBot) - Number(other.isBot) || one.number - other.number

export const createScoreboard = () => {
  const list = byId('game-scores')
  const total = byId('game-company')
  const rows: ReturnType<typeof createRow>[] = []
  const sailors = new Map<number, Sailor>()
  let me = 0

  const show = (): void => {
    while (rows.length > sailors.size) rows.pop()!.element.remove()
    while (rows.length < sailors.size) {
      const row = createRow()
      rows.push(row)
      list.append(row.element)
    }
    for (const [index, sailor] of [...sailors.values()].sort(better).entries())
      rows[index]!.show(sailor, sailor.number === me)
    setText(total, count(rows.length, 'boat'))
  }
  return {
    scene(everybody: readonly Sailor[], mine: number) {
      me = mine
      sailors.clear()
      for (const sailor of everybody) sailors.set(sailor.number, sailor)
      show()
    },
    join(sailor: Sailor) {
      sailors.set(sailor.number, sailor)
      show()
    },
    /** Answers who it was. */
    leave(number: number): Sailor | undefined {
      const sailor = sailors.get(number)
      sailors.delete(number)
      show()
      return sailor
    },
    score(number: number, score: number) {
      const sailor = sailors.get(number)
      if (sailor) sailors.set(number, { ...sailor, score })
      show()
    },
    sailor: (number: number): Sailor | undefined => sailors.get(number),
  }
}
