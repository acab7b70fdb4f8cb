/** Where the person steers: keys, or a finger or mouse that points where to go. */
import { type Steer, adrift, steering } from './world.ts'

const ways: Readonly<Record<string, readonly [x: number, y: number]>> = {
  KeyW: [0, -1],
  ArrowUp: [0, -1],
  KeyS: [0, 1],
  ArrowDown: [0, 1],
  KeyA: [-1, 0],
  ArrowLeft: [-1, 0],
  KeyD: [1, 0],
  ArrowRight: [1, 0],
}

/** CSS pixels from the boat at which it is full speed ahead, and within which it stays. */
const FAR = 90
const NEAR = 10

interface Point {
  readonly x: number
  readonly y: number
}

/** `boat` says where on the canvas one's own boat is, in CSS pixels. */
export const createControls = (canvas: HTMLCanvasElement, boat: () => Point) => {
  const pressed = new Set<string>()
  let pointer: Point | undefined

  // Other controls need the arrows themselves; a slider does not need letters.
  const isTaken = ({ target, code }: KeyboardEvent): boolean =>
    (target instanceof HTMLInputElement && (target.type !== 'range' || code.startsWith('Arrow'))) ||
    (target instanceof Element && target.closest('select, textarea, dialog, [role=tablist]') !== null)
  addEventListener('keydown', (event) => {
    if (!(event.code in ways) || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return
    pressed.add(event.code)
    // The page must not scroll under the boat.
    event.preventDefault()
  })
  addEventListener('keyup', ({ code }) => pressed.delete(code))
  // Keys that are let go elsewhere are not told.
  const letGo = (): void => {
    pressed.clear()
    pointer = undefined
  }
  addEventListener('blur', letGo)
  document.addEventListener('visibilitychange', letGo)

  const point = ({ offsetX: x, offsetY: y }: PointerEvent): void => {
    pointer = { x, y }
  }
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId)
    point(event)
  })
  canvas.addEventListener('pointermove', (event) => {
    if (pointer) point(event)
  })
  for (const end of ['pointerup', 'pointercancel'] as const) canvas.addEventListener(end, () => (pointer = undefined))

  return (): Steer => {
    if (pointer) {
      const { x, y } = boat()
      const [dx, dy] = [pointer.x - x, pointer.y - y]
      return Math.hypot(dx, dy) < NEAR ? adrift : steering(dx / FAR, dy / FAR)
    }
    let [x, y] = [0, 0]
    for (const code of pressed) {
      x += ways[code]![0]
      y += ways[code]![1]
    }
    return steering(x, y)
  }
}
