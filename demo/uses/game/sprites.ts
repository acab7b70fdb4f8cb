/** What is drawn again and again, drawn once: a frame is then but a few copies for each boat. */
import { BOAT, SIZE, islands } from './world.ts'

export interface Sprite {
  readonly canvas: HTMLCanvasElement
  /** Metres from its corner to its middle. */
  readonly x: number
  readonly y: number
}

/** The colours of game.css, which know light from dark. */
type Palette = (name: string) => string

/** Its picture, as large as it is shown: `scale` is device pixels for a metre. */
const sprite = (scale: number, x: number, y: number, draw: (pen: CanvasRenderingContext2D) => void): Sprite => {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.ceil(2 * x * scale))
  canvas.height = Math.max(1, Math.ceil(2 * y * scale))
  const pen = canvas.getContext('2d')!
  pen.scale(scale, scale)
  pen.translate(x, y)
  draw(pen)
  return { canvas, x, y }
}

const disc = (pen: CanvasRenderingContext2D, x: number, y: number, r: number, colour: string): void => {
  pen.fillStyle = colour
  pen.beginPath()
  pen.arc(x, y, r, 0, 2 * Math.PI)
  pen.fill()
}

/** A boat's outline, or something like it inside: so long ahead, astern and abeam. */
const hull = (pen: CanvasRenderingContext2D, bow: number, stern: number, beam: number): void => {
  pen.beginPath()
  pen.moveTo(bow, 0)
  pen.quadraticCurveTo(bow * 0.6, beam, -stern * 0.3, beam)
  pen.lineTo(-stern * 0.9, beam * 0.7)
  pen.quadraticCurveTo(-stern, 0, -stern * 0.9, -beam * 0.7)
  pen.lineTo(-stern * 0.3, -beam)
  pen.quadraticCurveTo(bow * 0.6, -beam, bow, 0)
  pen.closePath()
}

const drawBoat = (pen: CanvasRenderingContext2D, hue: number, colour: Palette): void => {
  const paint = `hsl(${hue} ${colour('--hull')})`
  pen.fillStyle = paint
  pen.strokeStyle = colour('--outline')
  pen.lineWidth = 2.5
  hull(pen, BOAT + 4, BOAT, 12)
  pen.fill()
  pen.stroke()
  pen.fillStyle = colour('--deck')
  hull(pen, BOAT - 8, BOAT - 7, 6)
  pen.fill()
  disc(pen, -3, 0, 4, paint)
}

const drawLantern = (pen: CanvasRenderingContext2D, colour: Palette): void => {
  disc(pen, 0, 0, 26, colour('--glow'))
  disc(pen, 0, 0, 17, colour('--glow'))
  pen.fillStyle = colour('--lantern')
  pen.strokeStyle = colour('--outline')
  pen.lineWidth = 2
  pen.beginPath()
  pen.roundRect(-7, -9, 14, 18, 4)
  pen.fill()
  pen.stroke()
  pen.fillStyle = colour('--outline')
  pen.fillRect(-4, -12, 8, 3)
  pen.fillRect(-7, -1, 14, 2)
}

const drawHarbour = (pen: CanvasRenderingContext2D, colour: Palette): void => {
  pen.fillStyle = colour('--water')
  pen.fillRect(-SIZE.width / 2, -SIZE.height / 2, SIZE.width, SIZE.height)
  pen.translate(-SIZE.width / 2, -SIZE.height / 2)
  // Lines of depth around every shore, as on a chart.
  for (const [more, name] of [
    [46, '--shallow-1'],
    [26, '--shallow-2'],
    [10, '--shallow-3'],
  ] as const) {
    for (const { x, y, r } of islands) disc(pen, x, y, r + more, colour(name))
  }
  for (const { x, y, r } of islands) {
    disc(pen, x, y, r, colour('--shore'))
    disc(pen, x, y, r - 9, colour('--land'))
  }
  const { x, y } = islands[0]!
  disc(pen, x, y, 20, colour('--shore'))
  disc(pen, x, y, 13, colour('--tower'))
  disc(pen, x, y, 6, colour('--lantern'))
  for (const [dx, dy, r] of [
    [-34, -30, 13],
    [-12, -46, 10],
    [38, 34, 15],
    [30, -40, 9],
    [-44, 24, 10],
  ] as const) {
    const big = islands[1]!
    disc(pen, big.x + dx, big.y + dy, r, colour('--tree'))
  }
  pen.strokeStyle = colour('--quay')
  pen.lineWidth = 12
  pen.strokeRect(0, 0, SIZE.width, SIZE.height)
}

/** All pictures for one scale and one set of colours. Boats and names are made when they are first asked for. */
export const createSprites = (scale: number, font: string, colour: Palette) => {
  const made = new Map<string, Sprite>()
  const once = (key: string, make: () => Sprite): Sprite => {
    const known = made.get(key) ?? make()
    made.set(key, known)
    return known
  }
  return {
    harbour: sprite(scale, SIZE.width / 2, SIZE.height / 2, (pen) => drawHarbour(pen, colour)),
    /** The same in the corner, `metre` device pixels for a metre. */
    map: (metre: number) =>
      once('map', () => sprite(metre, SIZE.width / 2, SIZE.height / 2, (pen) => drawHarbour(pen, colour))),
    lantern: sprite(scale, 28, 28, (pen) => drawLantern(pen, colour)),
    boat: (hue: number) => once(`boat ${hue}`, () => sprite(scale, 28, 18, (pen) => drawBoat(pen, hue, colour))),
    /** `size` is metres: names are as large on a small canvas as on a large one. */
    name: (text: string, size: number) =>
      once(`name ${text}`, () =>
        sprite(scale, size * 7, size, (pen) => {
          pen.font = `600 ${size}px ${font}`
          pen.textAlign = 'center'
          pen.textBaseline = 'middle'
          pen.lineWidth = size / 4
          pen.lineJoin = 'round'
          pen.strokeStyle = colour('--water')
          pen.strokeText(text, 0, 0)
          pen.fillStyle = colour('--name')
          pen.fillText(text, 0, 0)
        }),
      ),
  }
}
export type Sprites = ReturnType<typeof createSprites>
