/** What all charts of what is live are made of. Nothing in them moves but by new data. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartOptions,
  Filler,
  LineController,
  LineElement,
  LinearScale,
  PointElement,
  Tooltip,
} from 'chart.js'

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Filler,
  LineController,
  LineElement,
  LinearScale,
  PointElement,
  Tooltip,
)

interface Series {
  readonly name: string
  /** A custom property of CSS: `--accent`. */
  readonly color: string
  readonly dash?: readonly number[]
}

export interface ChartBasics {
  /** What it shows, for those who hear it. */
  readonly label: string
  readonly series: readonly Series[]
  readonly format: (value: number) => string
}

const dark = matchMedia('(prefers-color-scheme: dark)')
const calm = matchMedia('(prefers-reduced-motion: reduce)')
/** Milliseconds between two pictures for those who want little to move. */
const CALM = 1_000

/** Draws once a frame, however much comes; not at all while nobody looks. */
export const scheduler = (draw: () => void): { readonly ask: () => void; readonly end: () => void } => {
  let frame = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let isLate = false
  const ask = (): void => {
    isLate = timer !== undefined
    if (isLate) return
    frame ||= requestAnimationFrame(() => {
      frame = 0
      if (calm.matches) timer = setTimeout(rested, CALM)
      draw()
    })
  }
  const rested = (): void => {
    timer = undefined
    if (isLate) ask()
  }
  dark.addEventListener('change', ask)
  return {
    ask,
    end() {
      dark.removeEventListener('change', ask)
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    },
  }
}

export const ink = (canvas: HTMLCanvasElement): ((property: string) => string) => {
  const style = getComputedStyle(canvas)
  return (property) => style.getPropertyValue(property).trim()
}

export const basics: ChartOptions = {
  animation: false,
  responsive: true,
  maintainAspectRatio: false,
  interaction: { mode: 'index', intersect: false },
}

/** What axes and words on them look like; again whenever the scheme changes. */
export const dress = (options: ChartOptions, color: (property: string) => string, bare: boolean): void => {
  const words = { color: color('--soft'), font: { family: 'system-ui, sans-serif', size: 11 } }
  const line = { color: color('--edge'), drawTicks: false }
  for (const [axis, scale] of Object.entries(options.scales ?? {})) {
    if (!scale) continue
    scale.display = !bare
    Object.assign(scale, { border: { display: false }, grid: axis === 'x' ? { display: false } : line })
    scale.ticks = { ...scale.ticks, ...words, padding: 6 }
  }
  const paper = { backgroundColor: color('--ink'), titleColor: color('--card'), bodyColor: color('--card') }
  options.plugins = { ...options.plugins, tooltip: { ...options.plugins?.tooltip, ...paper, enabled: !bare } }
}

export const describe = (canvas: HTMLCanvasElement): ((text: string) => void) => {
  canvas.role = 'img'
  return (text) => (canvas.ariaLabel = text)
}
