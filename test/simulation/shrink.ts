import type { Plan } from './plan.ts'
import { live, type Verdict } from './scenario.ts'

/** Lives that may be spent on one search. */
const BUDGET = 2_000

/** A smaller plan that goes wrong in the same way: steps are left out as long as it still does. */
export const shrink = async (plan: Plan): Promise<{ readonly plan: Plan; readonly verdict: Verdict }> => {
  let smallest = plan
  let verdict = await live(plan)
  const invariant = verdict.violations[0]?.invariant
  let lives = 0

  const fails = async (candidate: Plan): Promise<boolean> => {
    if (lives++ > BUDGET) return false
    const attempt = await live(candidate)
    const [first] = attempt.violations
    if (!first || first.invariant !== invariant) return false
    smallest = candidate
    verdict = attempt
    return true
  }

  const simpler: Partial<Plan>[] = [
    { jitter: 0 },
    { bandwidth: Infinity },
    { tokenDelay: 0 },
    { checkDelay: 0 },
    { latency: 20 },
    { tabs: plan.tabs.map((tab) => ({ ...tab, fastStart: false })) },
  ]
  for (const change of simpler) await fails({ ...smallest, ...change })
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < smallest.steps.length;) {
      const steps = smallest.steps.filter((_, index) => index < start || index >= start + size)
      if (!(await fails({ ...smallest, steps }))) start += size
    }
  }
  for (let index = 0; index < smallest.steps.length; index++) {
    const { act, ...step } = smallest.steps[index] as Plan['steps'][number]
    if (act.do !== 'send') continue
    for (const change of [{ count: 1 }, { size: 0 }]) {
      const current = smallest.steps[index]?.act as typeof act
      await fails({ ...smallest, steps: smallest.steps.with(index, { ...step, act: { ...current, ...change } }) })
    }
  }
  return { plan: smallest, verdict }
}
