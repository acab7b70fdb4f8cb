/** Handlers that never answer: how many there may be, and what is left of them. */
import { expect, test } from 'vitest'
import { type World, world } from 'holdfast/testing'

interface Stuck {
  readonly here: World
  readonly signals: AbortSignal[]
  /** Lets the oldest handler answer. */
  readonly answer: () => void
  /** How many iterators were stopped. */
  readonly stopped: () => number
}
/** A server on which `hang` waits for the test, `idle` is a stream without items, and `echo` answers at once. */
const stuck = async (requests: number): Promise<Stuck> => {
  const signals: AbortSignal[] = []
  const waiting: ((value: unknown) => void)[] = []
  let stopped = 0
  const here = world({
    server: { limits: { requests } },
    serve: (core) =>
      void core.on('session', (session) => {
        session.handle('hang', (_: unknown, { signal }) => {
          signals.push(signal)
          return new Promise((resolve) => waiting.push(resolve))
        })
        session.handle('echo', (value: unknown) => value)
        session.handleStream('idle', (_: unknown, { signal }) => {
          signals.push(signal)
          const next = (): Promise<never> => new Promise(() => {})
          return { [Symbol.asyncIterator]: () => ({ next, return: async () => ({ done: true, value: ++stopped }) }) }
        })
      }),
  })
  await here.clock.advance(500)
  return { here, signals, answer: () => waiting.shift()?.('late'), stopped: () => stopped }
}

test('one request too many fails at once, and says so; the session goes on, and an answer makes room', async () => {
  const { here, signals, answer } = await stuck(3)
  const { socket } = here.tabs[0]!
  const outcomes: unknown[] = []
  const ask = (name: string, timeout = 60_000): void =>
    void socket.request(name, 'x', { timeout }).then(
      (value) => outcomes.push(value),
      (error: unknown) => outcomes.push((error as { code: string }).code),
    )
  for (let count = 0; count < 4; count++) ask('hang')
  ask('echo')
  await here.clock.advance(500)
  expect([outcomes, signals.length]).toEqual([['overflow', 'overflow'], 3])
  expect(here.server.core.errors).toEqual({ overflow: 2 })
  answer()
  await here.clock.advance(500)
  ask('echo')
  await here.clock.advance(500)
  expect(outcomes).toEqual(['overflow', 'overflow', 'late', 'x'])
  expect(socket.status.get().state).toBe('open')
})

test('so does a stream, and what was withdrawn is not counted', async () => {
  const { here, signals, stopped } = await stuck(2)
  const { socket } = here.tabs[0]!
  const streams = Array.from({ length: 3 }, () => socket.stream('idle'))
  const failures: unknown[] = []
  for (const stream of streams)
    stream.next().then(
      () => {},
      (error: unknown) => failures.push((error as { code: string }).code),
    )
  await here.clock.advance(500)
  expect([failures, signals.length]).toEqual([['overflow'], 2])
  void streams[0]!.return!()
  await here.clock.advance(500)
  expect([signals.map(({ aborted }) => aborted), stopped()]).toEqual([[true, false], 1])
  expect(await Promise.race([socket.request('echo', 1), here.clock.advance(500)])).toBe(1)
})

test('at the end of the session every handler hears of it, and none is kept', async () => {
  const { here, signals, answer } = await stuck(1_000)
  const { socket } = here.tabs[0]!
  for (let count = 0; count < 900; count++) socket.request('hang').catch(() => {})
  await here.clock.advance(500)
  const [session] = here.server.core.sessions
  session!.close()
  await here.clock.advance(500)
  expect(signals.map(({ aborted }) => aborted)).toEqual(Array.from({ length: 900 }, () => true))
  // Too late, and nobody minds.
  answer()
  await here.clock.advance(500)
  expect([here.server.core.errors, here.server.view.pending]).toEqual([{}, 0])
})
