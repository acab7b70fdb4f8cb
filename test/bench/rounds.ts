import type { Outcome } from './contract.ts'
import { type Comparison, type Measure, type Side, comparisonOf } from './measures.ts'
import type { Results } from './rows.ts'
import type { Stage } from './stage.ts'

/** Measures so many rounds, all measures in each; of another side than Holdfast, if one is named. */
export async function measure(stage: Stage, names: readonly Measure[], rounds: number, side?: Side): Promise<Results> {
  const results: Partial<Record<Measure, Outcome[]>> = {}
  const told = names.map((name): [Measure, Comparison] => {
    const comparison = comparisonOf(name)
    return [name, side === undefined ? comparison : { ...comparison, ours: side }]
  })
  const possible = told.filter(([, { onlyChromium }]) => stage.devtools || !onlyChromium)
  for (const [, comparison] of possible) await warmUp(stage, comparison)
  for (let round = 0; round < rounds; round++)
    for (const [name, comparison] of possible) {
      const { repetitions, most = Infinity } = comparison
      if (round >= most) continue
      console.error(`${round + 1} of ${rounds}: ${comparison.ours}, ${name}`)
      for (let time = 0; time < repetitions; time++) (results[name] ??= []).push(await stage.run(comparison))
    }
  return results
}

/** Compiled, on both ends. Ours takes longer to be: its reference has less code, and does it more often. */
async function warmUp(stage: Stage, comparison: Comparison): Promise<void> {
  const { warmUps = 0, reference, ours, amount } = comparison
  if (warmUps > 0 && reference !== null) await stage.run({ ...comparison, amount: Math.min(5_000, amount) }, reference)
  for (let time = 0; time < warmUps; time++) await stage.run(comparison, ours)
}
