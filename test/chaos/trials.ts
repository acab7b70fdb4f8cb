import { type Endured, type Stage, endure, endureEverything } from './endure.ts'
import { faults } from './faults.ts'

/** What is to be endured. The longest comes first, and the others beside it: so all of them take little longer than that. */
export const trials: readonly (readonly [name: string, run: (stage: Stage) => Promise<Endured>])[] = [
  ['everything at once, for forty seconds', (stage) => endureEverything(stage, 40_000)],
  ...Object.entries(faults).map(([name, sequence]) => [name, (stage: Stage) => endure(stage, sequence)] as const),
]
