/** The picture: one canvas, a background that is copied, and a few copies for each boat. */
import { type Sprite, type Sprites, createSprites } from './sprites.ts'
import { drawMap } from './map.ts'
import { createWakes } from './wakes.ts'
import { BOAT, type Lantern, SIZE } from './world.ts'

export interface Shown {
  readonly number: number
  readonly name: string
  readonly hue: number
  readonly x: number
  readonly y: number
  readonly heading: number
  /** 0 to 1. */
  readonly alpha: number
}

export interface Picture {
  readonly me: Shown
  readonly others: readonly Shown[]
  readonly lanterns: readonly Lantern[]
  /** Milliseconds, for what moves by itself. */
  readonly now: number
}

/** CSS pixels for a metre, at least: on a phone the harbour is larger than the canvas, and the view goes with the boat. */
const SMALLEST = 0.5
/** CSS pixels of a name. */
const NAME = 12
/** Milliseconds that a ring is seen where a lantern was. */
const RING = 450

const still = matchMedia('(prefers-reduced-motion: reduce)')

export const createView = (canvas: HTMLCanvasElement) => {
  const pen = canvas.getContext('2d', { alpha: false })!
  const wakes = createWakes()
  const rings: { readonly x: number; readonly y: number; readonly at: number }[] = []
  let colour: (name: string) => string
  let sprites: Sprites
  let [width, height, scale, ratio] = [0, 0, 1, 1]
  /** The corner of the view, in metres. */
  let [left, top] = [0, 0]

  const fit = (): void => {
    ratio = Math.min(2, devicePixelRatio)
    width = canvas.clientWidth
    height = canvas.clientHeight
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    scale = Math.max(SMALLEST, width / SIZE.width, height / SIZE.height)
    const style = getComputedStyle(canvas)
    const colours = new Map<string, string>()
    colour = (name) => {
      const value = colours.get(name) ?? style.getPropertyValue(name)
      colours.set(name, value)
      return value
    }
    sprites = createSprites(scale * ratio, style.fontFamily, colour)
  }
  new ResizeObserver(fit).observe(canvas)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', fit)
  fit()

  const look = ({ x, y }: Shown): void => {
    const corner = (middle: number, seen: number, all: number): number =>
      Math.min(all - seen, Math.max(0, middle - seen / 2))
    left = corner(x, width / scale, SIZE.width)
    top = corner(y, height / scale, SIZE.height)
  }
  const copy = ({ canvas: picture, x, y }: Sprite, atX: number, atY: number, heading?: number): void => {
    const zoom = scale * ratio
    const [px, py] = [(atX - left) * zoom, (atY - top) * zoom]
    if (heading === undefined) return pen.drawImage(picture, Math.round(px - x * zoom), Math.round(py - y * zoom))
    pen.setTransform(Math.cos(heading), Math.sin(heading), -Math.sin(heading), Math.cos(heading), px, py)
    pen.drawImage(picture, -x * zoom, -y * zoom)
    pen.resetTransform()
  }
  const ring = (x: number, y: number, r: number, name: string, thick: number): void => {
    const zoom = scale * ratio
    pen.strokeStyle = colour(name)
    pen.lineWidth = thick * ratio
    pen.beginPath()
    pen.arc((x - left) * zoom, (y - top) * zoom, r * zoom, 0, 2 * Math.PI)
    pen.stroke()
  }
  /** `below`: metres from the boat to its name, beside half a name. */
  const drawBoat = ({ x, y, heading, hue, name, alpha }: Shown, below = BOAT): void => {
    pen.globalAlpha = alpha
    copy(sprites.boat(hue), x, y, heading)
    copy(sprites.name(name, NAME / scale), x, y + below + 9 / scale)
    pen.globalAlpha = 1
  }
  const drawRings = (now: number): void => {
    while (rings[0] && now - rings[0].at > RING) rings.shift()
    for (const { x, y, at } of rings) {
      const age = (now - at) / RING
      pen.globalAlpha = 1 - age
      ring(x, y, 16 + 40 * age, '--lantern', 3)
    }
    pen.globalAlpha = 1
  }
  const drawWakes = (boats: readonly Shown[], now: number): void => {
    const zoom = scale * ratio
    pen.setTransform(zoom, 0, 0, zoom, -left * zoom, -top * zoom)
    pen.strokeStyle = colour('--wake')
    wakes.draw(pen, boats, now)
    pen.resetTransform()
  }

  return {
    draw({ me, others, lanterns, now }: Picture) {
      look(me)
      copy(sprites.harbour, SIZE.width / 2, SIZE.height / 2)
      if (!still.matches) drawWakes([...others, me], now)
      for (const { id, x, y } of lanterns)
        copy(sprites.lantern, x, y + (still.matches ? 0 : 3 * Math.sin(now / 500 + id)))
      drawRings(now)
      for (const boat of others) drawBoat(boat)
      ring(me.x, me.y, BOAT + 11, '--name', 1.5)
      drawBoat(me, BOAT + 12)
      // Only where a good part of the harbour is out of sight.
      if (width / scale < SIZE.width * 0.8) drawMap(pen, { me, others, lanterns, sprites, colour, ratio })
    },
    /** A lantern was taken there. */
    flash(x: number, y: number, now: number) {
      if (!still.matches) rings.push({ x, y, at: now })
    },
    /** Where on the canvas that is, in CSS pixels. */
    place: (x: number, y: number) => ({ x: (x - left) * scale, y: (y - top) * scale }),
  }
}
