/** See fuzz.ts. */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { root } from '../tools/suites.ts'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '100000' } } })
/** A day: whoever asks for more runs wants them. */
const TIMEOUT = 86_400_000
const args = ['vitest', 'run', '--project', 'unit', 'test/fuzz', '--maxWorkers', '1', '--testTimeout', String(TIMEOUT)]
const { status } = spawnSync('npx', args, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, FUZZ_RUNS: values.runs },
})
process.exitCode = status ?? 1
