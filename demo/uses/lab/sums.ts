/** Whether the figures agree: those of the proxy with arithmetic, and with what the browser tells a page. */
import type { LineCounts } from '../faults.ts'
import type { LaneName } from './contract.ts'
import type { Resources } from './resources.ts'

/** Since the page was opened. */
export interface Sums {
  readonly figures: readonly (readonly [name: string, value: string])[]
  readonly note: string
}

const bytesOf = (count: number): string => `${count} B`

export const sumsOf = (
  lane: LaneName,
  { now, frames }: { readonly now: LineCounts | undefined; readonly frames: number },
  { answers, bodies, transferred }: Resources,
): Sums => {
  const { bytes = { up: 0, down: 0 }, exchanges = [] } = now ?? {}
  if (lane === 'websocket') {
    const heads = exchanges.reduce((sum, { requestHead, answerHead }) => sum + requestHead + answerHead, 0)
    return {
      figures: [
        ['Proxy', bytesOf(bytes.up + bytes.down)],
        ['By arithmetic', bytesOf(heads + frames)],
      ],
      note: 'By arithmetic: the Upgrade, and the length of each message with two to eight bytes in front of it. Goodbyes, and what a break swallowed, are not in it.',
    }
  }
  // A server in the page is asked without the browser's help.
  const isTold = answers > 0
  return {
    figures: [
      ['Proxy, up', bytesOf(bytes.up)],
      ['Proxy, down', bytesOf(bytes.down)],
      ['Browser, answers', isTold ? String(answers) : '–'],
      ['Browser, bodies', isTold ? bytesOf(bodies) : '–'],
      ['Browser, transferred', isTold ? bytesOf(transferred) : '–'],
    ],
    note: 'To a page, the browser takes every head for 300 bytes, and tells of an answer when it is over. Of requests it tells nothing.',
  }
}
