/** Runs in the page: the same measures over whatever carries them. */
import { type Measure, type Side, burst, concurrency, measures, moveOf } from './contract.ts'
import { type Line, openLine } from './lines.ts'
import { measurePushes } from './push.ts'

/** What the page can be told to do; it answers with figures. */
export type Task =
  /** Messages or requests a second; for `sequential` the median of a request in milliseconds. */
  | { readonly measure: Measure; readonly side: Side }
  | { readonly pushes: readonly Side[]; readonly amount: number; readonly direct: string }

const { port1, port2 } = new MessageChannel()
/** Ends this task, and costs next to nothing. */
const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    port1.onmessage = () => resolve()
    port2.postMessage(null)
  })

const perSecond = (count: number, start: number): number => count / ((performance.now() - start) / 1000)

const runs: Readonly<
  Record<'up' | 'down' | 'inFlight' | 'sequential', (line: Line, amount: number) => Promise<number>>
> = {
  async up(line, amount) {
    const before = await line.count()
    const start = performance.now()
    for (let sent = 0; sent < amount; sent++) {
      if (sent % burst === 0) await nextTask()
      line.send(moveOf(sent))
    }
    // Answered behind everything that was sent before it.
    const counted = (await line.count()) - before
    const result = perSecond(amount, start)
    if (counted !== amount) throw new Error(`${counted} of ${amount} arrived.`)
    return result
  },
  async down(line, amount) {
    let received = 0
    let sum = 0
    const all = new Promise<void>((resolve) =>
      line.onMove((move) => {
        sum += move.id
        if (++received === amount) resolve()
      }),
    )
    const start = performance.now()
    await line.pour(amount)
    await all
    const result = perSecond(amount, start)
    if (sum !== (moveOf(0).id + moveOf(amount - 1).id) * (amount / 2))
      throw new Error('What arrived is not what was sent.')
    return result
  },
  async inFlight(line, amount) {
    let asked = 0
    const ask = async (): Promise<void> => {
      while (asked < amount) {
        const move = moveOf(asked++)
        const { id } = await line.echo(move)
        if (id !== move.id) throw new Error('This is the answer to another question.')
      }
    }
    const start = performance.now()
    await Promise.all(Array.from({ length: concurrency }, ask))
    return perSecond(amount, start)
  },
  async sequential(line, amount) {
    const times: number[] = []
    for (let asked = 0; asked < amount; asked++) {
      const start = performance.now()
      await line.echo(moveOf(asked))
      times.push(performance.now() - start)
    }
    return times.sort((left, right) => left - right)[amount >> 1]!
  },
}

async function carryOut(task: Task): Promise<number[]> {
  if ('pushes' in task) return measurePushes(task.pushes, task.amount, task.direct)
  const { run, amount } = measures[task.measure]
  if (run === 'push') throw new Error('Pushes are measured side by side.')
  const line = await openLine(task.side)
  try {
    return [await runs[run](line, amount)]
  } finally {
    line.close()
  }
}

const driver = new WebSocket(`ws://127.0.0.1:${new URLSearchParams(location.search).get('driver')}`)
driver.addEventListener('message', ({ data }: MessageEvent<string>) => {
  void carryOut(JSON.parse(data) as Task)
    .catch(String)
    .then((answer) => driver.send(JSON.stringify(answer)))
})
