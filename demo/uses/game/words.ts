/** The harbour in words, for whoever cannot see the canvas. */
import { byId, make, setText } from '../../page/dom.ts'
import type { Lantern } from './world.ts'

interface At {
  readonly x: number
  readonly y: number
}

const directions = ['east', 'south-east', 'south', 'south-west', 'west', 'north-west', 'north', 'north-east'] as const

const direction = (from: At, to: At): string => {
  const eighth = Math.round(Math.atan2(to.y - from.y, to.x - from.x) / (Math.PI / 4))
  return directions[(eighth + 8) % 8]!
}

const distance = (from: At, to: At): number => Math.hypot(to.x - from.x, to.y - from.y)

const place = ({ x, y }: At): string => `${Math.round(x)} m east, ${Math.round(y)} m south`

/** Where to go. Places are counted from the north-west corner. */
const nearestLantern = (boat: At, lanterns: readonly Lantern[]): string => {
  const [nearest] = [...lanterns].sort((a, b) => distance(boat, a) - distance(boat, b))
  if (!nearest) return 'No lantern is lit.'
  return `The nearest lantern is ${Math.round(distance(boat, nearest))} m to the ${direction(boat, nearest)}.`
}

interface WordsOptions {
  /** Everybody, oneself first. */
  readonly boats: (now: number) => readonly (At & { readonly name: string })[]
  readonly lanterns: () => readonly Lantern[]
}

/** The list is written while it is open; where one's own boat is, whenever somebody asks. */
export const createWords = ({ boats, lanterns }: WordsOptions): void => {
  const details = byId('game-words', HTMLDetailsElement)
  const where = byId('game-where')
  const lists = { boats: byId('game-boats'), lanterns: byId('game-lanterns') }

  const list = (element: HTMLElement, lines: readonly string[]): void => {
    while (element.childElementCount > lines.length) element.lastElementChild!.remove()
    while (element.childElementCount < lines.length) element.append(make('li', ''))
    for (const [index, line] of lines.entries()) setText(element.children[index] as HTMLElement, line)
  }
  const write = (): void => {
    if (document.hidden || !details.open) return
    list(
      lists.boats,
      boats(performance.now()).map((boat) => `${boat.name}: ${place(boat)}`),
    )
    list(lists.lanterns, lanterns().map(place).sort())
  }
  const say = (): void => {
    const [me] = boats(performance.now())
    if (me) setText(where, `You are ${place(me)}. ${nearestLantern(me, lanterns())}`)
  }
  setInterval(write, 100)
  details.addEventListener('toggle', write)
  byId('game-ask').addEventListener('click', say)
  byId('game-harbour').addEventListener('keydown', (event) => {
    if (event.code !== 'Space') return
    event.preventDefault()
    say()
  })
}
