import type { Fault } from '../uses/faults.ts'
import type { Backend } from './backend.ts'

/** What befalls the server or the page befalls all lines as it is; and how far away each is, is its own. */
const once: ReadonlySet<Fault> = new Set(['restart', 'drain', 'kill', 'expire', 'latency'])

/** Breaks other lines along with the page's own. */
export const alongWith = (backend: Backend, lines: readonly string[]): Backend => ({
  ...backend,
  async befall(fault, value) {
    const broken = once.has(fault) ? [] : lines
    await Promise.all([backend.befall(fault, value), ...broken.map(async (line) => backend.befall(fault, value, line))])
  },
})
