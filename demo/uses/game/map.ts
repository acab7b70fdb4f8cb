/** The whole harbour, small in a corner. */
import type { Sprites } from './sprites.ts'
import { SIZE } from './world.ts'

interface At {
  readonly x: number
  readonly y: number
}

interface MapOptions {
  readonly me: At
  readonly others: readonly At[]
  readonly lanterns: readonly At[]
  readonly sprites: Sprites
  readonly colour: (name: string) => string
  /** Device pixels for a CSS pixel. */
  readonly ratio: number
}

/** CSS pixels. */
const WIDTH = 112
const MARGIN = 8

export const drawMap = (
  pen: CanvasRenderingContext2D,
  { me, others, lanterns, sprites, colour, ratio }: MapOptions,
): void => {
  const metre = (WIDTH * ratio) / SIZE.width
  const { canvas } = sprites.map(metre)
  const left = pen.canvas.width - MARGIN * ratio - canvas.width
  const top = pen.canvas.height - MARGIN * ratio - canvas.height
  pen.drawImage(canvas, left, top)
  const dots = (places: readonly At[], name: string, size: number): void => {
    const wide = size * ratio
    pen.fillStyle = colour(name)
    for (const { x, y } of places) pen.fillRect(left + x * metre - wide / 2, top + y * metre - wide / 2, wide, wide)
  }
  pen.strokeStyle = colour('--outline')
  pen.lineWidth = ratio
  pen.strokeRect(left, top, canvas.width, canvas.height)
  dots(lanterns, '--lantern', 3)
  dots(others, '--name', 2)
  dots([me], '--name', 5)
}
