/** Runs in the page: the same measures over whatever carries them. */
import type { Figures, Outcome } from './contract.ts'
import type { Side, Task } from './measures.ts'
import { openLine } from './page/lines.ts'
import { heap, strings } from './page/memory.ts'
import { million } from './page/million.ts'
import { obey } from './page/outside.ts'
import { flush, throughput } from './page/throughput.ts'
import { push, sequential } from './page/turns.ts'
import { wire } from './page/wire.ts'

async function run({ comparison: { run, amount }, server }: Task, side: Side): Promise<Figures> {
  switch (run) {
    case 'sequential':
      return (await sequential([side], amount))[0]!
    case 'push':
      return (await push([side], amount, server))[0]!
    case 'flush':
      return flush(side, amount)
    case 'heap':
      return side === 'raw' ? strings(amount) : heap(side, amount)
    case 'wire':
      return wire(side, amount)
    case 'millionUp':
    case 'millionAtOnce':
    case 'millionDown':
      return million[run](side, amount)
    case 'up':
    case 'down':
    case 'inFlight': {
      const line = await openLine(side)
      return throughput[run](line, amount).finally(line.close)
    }
  }
}

async function carryOut(task: Task): Promise<Outcome> {
  const { comparison, alone, server } = task
  const { run: name, reference, ours, amount } = comparison
  if (alone !== undefined) return { reference: [], ours: await run(task, alone) }
  if (reference === null) return { reference: [], ours: await run(task, ours) }
  if (name === 'sequential' || name === 'push') {
    const sides = [reference, ours, reference]
    const [before, middle, after] =
      name === 'push' ? await push(sides, amount, server) : await sequential(sides, amount)
    return { reference: [before!, after!], ours: middle! }
  }
  const before = await run(task, reference)
  const middle = await run(task, ours)
  // What is counted, not timed, is the same a second time.
  return {
    reference: name === 'wire' || name === 'heap' ? [before] : [before, await run(task, reference)],
    ours: middle,
  }
}

obey(carryOut)
