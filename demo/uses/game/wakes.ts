/** Where each boat has just been: a line on the water. */
interface At {
  readonly number: number
  readonly x: number
  readonly y: number
  readonly alpha: number
}

/** Points of a wake, and milliseconds between two. */
const LENGTH = 12
const EVERY = 50

export const createWakes = () => {
  const wakes = new Map<number, { x: number; y: number }[]>()
  let takenAt = -Infinity

  const take = (boats: readonly At[]): void => {
    const there = new Set(boats.map(({ number }) => number))
    for (const number of wakes.keys()) if (!there.has(number)) wakes.delete(number)
    for (const { number, x, y } of boats) {
      const wake = wakes.get(number) ?? []
      wakes.set(number, wake)
      wake.push({ x, y })
      if (wake.length > LENGTH) wake.shift()
    }
  }
  return {
    /** In metres; the pen has the colour. */
    draw(pen: CanvasRenderingContext2D, boats: readonly At[], now: number) {
      if (now - takenAt >= EVERY) {
        take(boats)
        takenAt = now
      }
      pen.lineWidth = 5
      for (const { number, x, y, alpha } of boats) {
        const wake = wakes.get(number)
        if (!wake) continue
        pen.globalAlpha = alpha
        pen.beginPath()
        for (const point of wake) pen.lineTo(point.x, point.y)
        pen.lineTo(x, y)
        pen.stroke()
      }
      pen.globalAlpha = 1
    },
  }
}
