/** See fuzz.ts. */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { root } from '../tools/suites.ts'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '100000' } } })
const args = ['vitest', 'run', '--project', 'unit', 'test/fuzz', '--maxWorkers', '1']
const { status } = spawnSync('npx', args, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, FUZZ_RUNS: values.runs },
})
process.exitCode = status ?? 1
