/** A life as text. */
import { inspect } from 'node:util'
import { seededRandom, type Trace } from 'holdfast/testing'
import { createPlan } from './create-plan.ts'
import { drawDiagram, drawMermaid } from './diagram.ts'
import { type LifeKind, lives } from './lives.ts'
import { shrink } from './shrink.ts'

/** Rows of a diagram that a failure shows: those before its first violation. */
const SHOWN = 120

const upToViolation = ({ events }: Trace): Trace['events'] => {
  const end = events.findIndex(([, who]) => who === 'VIOLATED') + 1
  return end === 0 ? events : events.slice(0, end)
}

/** What happens in it or, if it goes wrong, the least that goes wrong in the same way, up to the first violation. */
export const explainLife = async (kind: LifeKind, seed: number, mermaid: boolean): Promise<string> => {
  const draw = (trace: Trace): string =>
    mermaid ? drawMermaid(upToViolation(trace), { rows: SHOWN }) : drawDiagram(upToViolation(trace), { rows: SHOWN })
  const { violations, trace } = await lives[kind](seed)
  if (violations.length === 0) return mermaid ? drawMermaid(trace.events) : trace.format()
  if (kind === 'switching' || kind === 'pages') return draw(trace)
  const { plan, verdict } = await shrink(createPlan(seed, seededRandom(seed), kind))
  const least = inspect(plan, { depth: 9, breakLength: 120, maxArrayLength: null })
  return `The least that makes it fail:\n${least}\n\n${draw(verdict.trace)}`
}
