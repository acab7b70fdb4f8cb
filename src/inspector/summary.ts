import { h, setAttribute, setText } from './dom.ts'
import type { History, Total } from './history.ts'
import { STATES, TRANSPORTS, bytes, duration } from './words.ts'

/** How it is now, in a line; state changes are announced. */
export interface Summary {
  readonly element: HTMLElement
  render(history: History): void
}

const amount = ({ frames, bytes: size }: Total): string => `${frames} · ${bytes(size)}`

export const createSummary = (): Summary => {
  const state = h('span', { class: 'state' })
  const announced = h('p', { class: 'unseen', role: 'status' })
  const names = ['Round trip', 'Queued', 'Unacknowledged', 'Up', 'Down', 'Repeated'] as const
  const values = names.map(() => h('dd'))
  const list = h('dl', {}, ...names.map((name, i) => h('div', {}, h('dt', {}, name), values[i]!)))
  return {
    element: h('header', { class: 'summary' }, state, list, announced),
    render({ stages, samples, totals }) {
      const stage = stages.at(-1)
      const words = stage
        ? `${STATES[stage.state]}${stage.transport ? ` · ${TRANSPORTS[stage.transport]}` : stage.pausedBy ? ` · ${stage.pausedBy}` : ''}`
        : 'No socket yet'
      setText(state, words)
      setAttribute(state, 'data-tone', stage?.state ?? 'idle')
      setText(announced, stage?.cause && stage.state !== 'open' ? `${words}. ${stage.cause}` : words)
      const { latency = null, queued = 0, unacknowledged = 0 } = samples.at(-1) ?? {}
      const texts = [
        latency === null ? '–' : duration(latency),
        String(queued),
        String(unacknowledged),
        amount(totals.up),
        amount(totals.down),
        String(totals.up.repeated + totals.down.repeated),
      ]
      for (const [i, value] of values.entries()) setText(value, texts[i]!)
    },
  }
}
