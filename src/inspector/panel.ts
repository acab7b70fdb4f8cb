import { createCarriers } from './carriers.ts'
import { createDetails } from './details.ts'
import { h } from './dom.ts'
import { createGrid } from './grid.ts'
import type { History } from './history.ts'
import { type Recording, readRecording } from './recording.ts'
import { createRows } from './rows.ts'
import { createSummary } from './summary.ts'
import { createTimeline } from './timeline.ts'
import { createToolbar } from './toolbar.ts'

/** All that is to be seen, of one recording at a time. */
export interface Panel {
  readonly elements: readonly HTMLElement[]
  /** Another recording is the live one. */
  show(recording: Recording): void
  /** `now`: the time, in that of the recording. */
  render(now: number): void
}

/** What is small is drawn anew only so often (ms). */
const CALM = 100

/** What stands, though the recording goes on. */
const frozen = ({ frames, stages, attempts, samples, totals, dropped, until }: History): History => ({
  frames: [...frames],
  stages: [...stages],
  attempts: attempts.map((attempt) => ({ ...attempt })),
  samples: samples.map((sample) => ({ ...sample })),
  totals: { up: { ...totals.up }, down: { ...totals.down } },
  dropped,
  until,
})

const download = (json: object, at: number): void => {
  const url = URL.createObjectURL(new Blob([JSON.stringify(json)], { type: 'application/json' }))
  const name = `holdfast-${new Date(at).toISOString().slice(0, 19).replaceAll(':', '-')}.json`
  h('a', { href: url, download: name }).click()
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

export const createPanel = (invalidate: () => void): Panel => {
  let live: Recording | undefined
  let imported: { readonly recording: Recording; readonly name: string } | undefined
  let paused: { readonly history: History; readonly now: number } | undefined
  let lastNow = 0
  let drawnAt = -Infinity
  const rows = createRows()
  const details = createDetails(() => {
    grid.select(undefined)
    grid.element.querySelector<HTMLElement>('[role=grid]')!.focus()
  })
  const grid = createGrid(rows, details.show, details.focus)
  const summary = createSummary()
  const timeline = createTimeline(() => again())
  const carriers = createCarriers()

  /** Something else is to be seen. */
  const again = (): void => {
    drawnAt = -Infinity
    invalidate()
  }
  const turn = (): void => {
    paused = undefined
    grid.select(undefined)
    again()
  }
  const toolbar = createToolbar({
    filter(filter) {
      rows.filter(filter)
      again()
    },
    pause() {
      paused = paused || !live ? undefined : { history: frozen(live.history), now: lastNow }
      again()
    },
    clear() {
      live?.clear()
      turn()
    },
    export() {
      const recording = imported?.recording ?? live
      if (recording) download(recording.toJSON(), recording.history.until)
    },
    import(file) {
      file
        .text()
        .then((text) => {
          imported = { recording: readRecording(text), name: `${file.name}, ${readable(text.length)}` }
          toolbar.complain('')
          turn()
        })
        .catch((error: unknown) => toolbar.complain((error as Error).message))
    },
    back() {
      imported = undefined
      turn()
    },
  })
  const readable = (length: number): string => `${Math.ceil(length / 1_000)} kB`

  return {
    elements: [
      summary.element,
      h('div', { class: 'overview' }, timeline.element, carriers.element),
      toolbar.element,
      toolbar.notices,
      h('div', { class: 'main' }, grid.element, details.element),
    ],
    show(recording) {
      live = recording
      turn()
    },
    render(now) {
      lastNow = now
      const history = imported?.recording.history ?? paused?.history ?? live?.history
      if (!history) return
      rows.update(history)
      grid.render()
      if (grid.selected !== undefined) details.show(rows.frame(grid.selected))
      if (Math.abs(now - drawnAt) < CALM) return
      drawnAt = now
      const at = imported ? history.until : (paused?.now ?? now)
      summary.render(history)
      timeline.render(history, at)
      carriers.render(history, at)
      const { frames } = history
      toolbar.render({
        isPaused: paused !== undefined,
        imported: imported?.name,
        count: `${rows.length === frames.length ? '' : `${rows.length} of `}${frames.length} frame${frames.length === 1 ? '' : 's'}`,
      })
    },
  }
}
