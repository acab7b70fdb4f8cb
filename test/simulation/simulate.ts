/**
 * Random lives of the whole client and server on a virtual network, as many as wanted:
 *
 *     npm run simulate                        10,000 lives
 *     npm run simulate -- --seeds 1000000     more of them; --first 10001: others
 *     npm run simulate -- --life switching    of another kind: switching, pages, parcels (Blobs), or plain
 *     npm run simulate -- --seed 123          one of them: its trace or, if it goes wrong, the least that makes it go wrong
 *     npm run simulate -- --seed 123 --mermaid
 *     npm run simulate -- --faults            where each deliberate fault is found, for the tests
 *
 * Stops at the fifth life that goes wrong (`--failures`), and explains the first.
 */
import { stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { findAgain } from './find.ts'
import type { LifeKind } from './lives.ts'
import { explain, search } from './run.ts'
import { describeViolation } from './violation.ts'

/** Milliseconds between two lines of progress, where they can't take the place of each other. */
const EVERY = stdout.isTTY ? 250 : 10_000

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
    life: { type: 'string', default: 'any' },
    failures: { type: 'string', default: '5' },
    mermaid: { type: 'boolean', default: false },
    faults: { type: 'boolean', default: false },
  },
})
const whole = (name: 'seeds' | 'first' | 'seed' | 'failures'): number => {
  const number = Number(values[name])
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} wants a whole number from 1.`)
  return number
}
const kinds: Record<LifeKind, true> = { any: true, plain: true, parcels: true, switching: true, pages: true }
if (!Object.hasOwn(kinds, values.life)) throw new Error(`--life wants one of ${Object.keys(kinds).join(', ')}.`)
const kind = values.life as LifeKind

if (values.faults) await findAgain()
else if (values.seed === undefined) await simulate()
else console.log(await explain(kind, whole('seed'), values.mermaid))

async function simulate(): Promise<void> {
  const [first, seeds] = [whole('first'), whole('seeds')]
  const start = performance.now()
  let lives = 0
  let told = start
  const tell = (end: string): void => {
    const speed = Math.round(lives / ((performance.now() - start) / 1_000))
    stdout.write(`${stdout.isTTY ? '\r' : ''}${lives} of ${seeds} lives, ${speed} a second${end}`)
  }
  const { failures, events } = await search({
    first,
    last: first + seeds - 1,
    enough: whole('failures'),
    kind,
    onLife({ seed, violations }) {
      lives++
      const [violation] = violations
      if (violation)
        console.log(
          `\nseed ${seed}: ${describeViolation(violation)}\n  npm run simulate -- --life ${kind} --seed ${seed}`,
        )
      if (performance.now() - told < EVERY) return
      told = performance.now()
      tell(stdout.isTTY ? ' ' : '\n')
    },
  })
  tell(`, ${events} events, ${failures.length} went wrong\n`)
  const [failure] = failures
  if (!failure) return
  // One that never ended would not end now, either.
  console.log(
    failure.events > 0 ? await explain(kind, failure.seed) : failure.violations.map(describeViolation).join('\n'),
  )
  process.exitCode = 1
}
