/** The last numbers as a strip, newest at the right: what came, what may come, and what never will. */
import type { createHearing } from './reckon.ts'

interface StripState {
  /** The last number that was said. */
  readonly said: number
  readonly isDead: boolean
  readonly hearing: ReturnType<typeof createHearing>
}

/** CSS pixels from one number to the next, and those of it that are painted. */
const STEP = 3
const WIDTH = 2

export const drawStrip = (canvas: HTMLCanvasElement, { said, isDead, hearing }: StripState): void => {
  const { clientWidth, clientHeight } = canvas
  const context = canvas.getContext('2d')
  if (clientWidth === 0 || !context) return
  const scale = devicePixelRatio
  const width = Math.round(clientWidth * scale)
  const height = Math.round(clientHeight * scale)
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const style = getComputedStyle(canvas)
  const colour = (name: string): string => style.getPropertyValue(name)
  const { newest } = hearing.heard
  context.clearRect(0, 0, width, height)
  for (let number = said, right = clientWidth; number > 0 && right > 0; number--, right -= STEP) {
    const isLost = number < newest || isDead
    const [name, tall] = hearing.has(number) ? ['--accent', 0.5] : isLost ? ['--bad', 1] : ['--warn', 0.25]
    context.fillStyle = colour(name)
    context.fillRect((right - WIDTH) * scale, height * (1 - tall), WIDTH * scale, height * tall)
  }
}
