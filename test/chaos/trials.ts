import { type Endured, type Stage, endure, endureEverything } from './endure.ts'
import { faults } from './faults.ts'

/** What is to be endured. The minute comes first, and the others beside it: so all of them take little longer than that. */
export const trials: readonly (readonly [name: string, run: (stage: Stage) => Promise<Endured>])[] = [
  ['a minute of everything at once', (stage) => endureEverything(stage, 60_000)],
  ...Object.entries(faults).map(([name, sequence]) => [name, (stage: Stage) => endure(stage, sequence)] as const),
]
