/** What becomes of a trace: frames with their numbers and fates, carriers with why they were left, and what can be read again. */
import { HoldfastError, type Socket, type TraceEntry } from 'holdfast'
import { type Frame, type Recording, createRecording, readRecording } from 'holdfast/inspector'
import { type World, world } from 'holdfast/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { whyLeft } from '../../src/inspector/journey.ts'
import { openPage } from '../tools/virtual-page.ts'

const stage = (): World =>
  world({
    clients: 0,
    serve: (core) =>
      void core.on('session', (session) => {
        session.on('say', (text) => void session.send('said', text))
        session.handle('add', (numbers) => (numbers as number[]).reduce((a, b) => a + b, 0))
        session.handle('fail', () => {
          throw new Error('private')
        })
        session.handleStream('count', function* (to) {
          for (let i = 1; i <= (to as number); i++) yield i
        })
      }),
  })

const watch = (here: World, options?: object): { socket: Socket; recording: Recording } => {
  const recording = createRecording(options)
  return { recording, ...openPage(here, { trace: recording.trace }) }
}
const shown = ({ direction, kind, name, number, repeated }: Frame): string =>
  `${direction} ${kind} ${name}${number === null ? '' : ` #${number}`}${repeated ? ' again' : ''}`
const counted = ({ history }: Recording): string[] => history.frames.filter(({ number }) => number !== null).map(shown)

describe('frames', () => {
  test('have a kind, a name, and the number that the session gives them', async () => {
    const here = stage()
    const { socket, recording } = watch(here)
    socket.send('say', 'hello')
    socket.send('say', Uint8Array.of(1))
    const asked = [socket.request('add', [1, 2]), socket.request('fail').catch(() => {})]
    await here.clock.advance(1_000)
    await Promise.all(asked)
    const counting = socket.stream('count', 2)
    const counted = counting.next()
    await here.clock.advance(1_000)
    expect((await counted).value).toBe(1)
    socket.send('typing', null, { volatile: true })
    socket.send('photo', new Blob(['abc']))
    await here.clock.advance(2_000)
    expect(recording.history.frames.map(shown)).toEqual([
      'up hello ',
      'up event say #1',
      'up event say #2',
      'up request add #3',
      'up request fail #4',
      'down welcome ',
      'down event said #1',
      'down event said #2',
      'down reply add #3',
      'down failure fail #4',
      ...recording.history.frames.slice(10).map(shown),
    ])
    expect(recording.history.frames.slice(10).map(shown)).toEqual(
      expect.arrayContaining([
        'up request count #5',
        'down item count #5',
        'down reply count #7',
        'up volatile typing',
        'up piece  #6',
        'up laden photo #7',
        'down ack ',
      ]),
    )
  })

  test('are settled when the other side has them, and the counts are those of the status', async () => {
    const here = stage()
    const { socket, recording } = watch(here)
    await here.clock.advance(1_000)
    for (let i = 0; i < 5; i++) socket.send('say', i)
    await here.clock.advance(10)
    expect(recording.history.totals.up.pending).toBe(socket.status.get().unacknowledged)
    expect(socket.status.get().unacknowledged).toBe(5)
    await here.clock.advance(5_000)
    const { frames, totals } = recording.history
    expect([totals.up.pending, totals.down.pending]).toEqual([0, 0])
    const ages = frames.filter(({ number }) => number !== null).map(({ at, settledAt }) => settledAt! - at)
    expect(ages).toHaveLength(10)
    expect(Math.min(...ages)).toBeGreaterThan(0)
    expect(Math.max(...ages)).toBeLessThan(2_000)
    expect(frames.filter(({ number }) => number === null).every(({ settledAt }) => settledAt === null)).toBe(true)
  })

  test('keep their numbers on the next carrier, and are marked as repeated', async () => {
    const here = stage()
    const { socket, recording } = watch(here)
    await here.clock.advance(1_000)
    here.network.stall()
    socket.send('say', 'one')
    socket.send('say', 'two')
    await here.clock.advance(10)
    here.network.cut()
    here.network.heal()
    here.network.block('websocket')
    await here.clock.advance(10_000)
    expect(counted(recording).filter((frame) => frame.startsWith('up'))).toEqual([
      'up event say #1',
      'up event say #2',
      'up event say #1 again',
      'up event say #2 again',
    ])
    const { totals, frames } = recording.history
    expect(totals.up).toMatchObject({ repeated: 2, pending: 0 })
    expect(new Set(frames.filter(({ number }) => number !== null).map(({ carrier }) => carrier))).toEqual(
      new Set(['websocket', 'http']),
    )
  })

  test('are settled by what the other side got, as the next carrier’s opening says', () => {
    const { trace, history } = createRecording()
    const packet = { type: 'packet', carrier: 'http' } as const
    trace({ ...packet, at: 1, direction: 'up', data: '{"hello":{"attempt":1,"from":1,"got":0}}\n["say"]' })
    trace({ ...packet, at: 2, direction: 'down', data: '{"welcome":{"from":1,"got":0}}\n["said"]' })
    trace({ type: 'carrier', at: 3, carrier: 'http', event: 'dial', phase: 'out' })
    trace({ ...packet, at: 4, direction: 'up', data: '{"hello":{"attempt":2,"from":1,"got":1}}' })
    trace({ ...packet, at: 5, direction: 'down', data: '{"welcome":{"from":2,"got":1}}' })
    expect(history.frames.filter(({ kind }) => kind === 'event').map(({ settledAt }) => settledAt)).toEqual([5, 4])
    expect([history.totals.up.pending, history.totals.down.pending]).toEqual([0, 0])
  })

  test('of another session count from 1 again', async () => {
    const here = stage()
    const { socket, recording } = watch(here)
    socket.send('say', 'one')
    await here.clock.advance(3_000)
    here.restart()
    await here.clock.advance(30_000)
    socket.send('say', 'two')
    await here.clock.advance(3_000)
    expect(counted(recording)).toEqual([
      'up event say #1',
      'down event said #1',
      'up event say #1',
      'down event said #1',
    ])
    expect(recording.history.totals.up).toMatchObject({ repeated: 0, pending: 0 })
  })

  test('that are too many or too long go, the oldest first', async () => {
    const here = stage()
    const { socket, recording } = watch(here, { frames: 3, text: 10 })
    await here.clock.advance(1_000)
    for (let i = 1; i <= 5; i++) socket.send('say', 'x'.repeat(100 + i))
    await here.clock.advance(3)
    const { frames, dropped } = recording.history
    expect(frames.map(shown)).toEqual(['up event say #3', 'up event say #4', 'up event say #5'])
    expect(frames.map(({ text }) => text)).toEqual(Array(3).fill('["say","xx…'))
    expect(dropped).toBe(4)
  })

  test('from the middle of a session have the numbers that its next carrier tells', async () => {
    const here = stage()
    const recording = createRecording()
    let isOn = false
    const { socket } = openPage(here, { trace: (entry) => isOn && recording.trace(entry) })
    for (let i = 0; i < 3; i++) socket.send('say', i)
    await here.clock.advance(3_000)
    isOn = true
    socket.send('say', 'unnumbered')
    await here.clock.advance(3_000)
    here.network.cut()
    await here.clock.advance(10_000)
    socket.send('say', 'last')
    await here.clock.advance(3_000)
    expect(recording.history.frames.filter(({ kind }) => kind === 'event').map(shown)).toEqual([
      'up event say',
      'down event said',
      'up event say #5',
      'down event said #5',
    ])
    expect(recording.history.totals.up.pending).toBe(0)
  })
})

describe('the journey', () => {
  test('tells the states, and which carriers were tried and why they were left', async () => {
    const here = stage()
    here.network.block('websocket')
    const { socket, recording } = watch(here)
    await here.clock.advance(1_000)
    here.network.unblock()
    await here.clock.advance(60_000)
    here.network.cut()
    await here.clock.advance(20_000)
    await socket.close()
    const { stages, attempts } = recording.history
    expect(stages.map(({ state, transport }) => (transport ? `${state} ${transport}` : state))).toEqual([
      'idle',
      'connecting',
      expect.stringMatching(/^open (long-polling|http-stream)$/),
      ...(stages[3]?.transport === 'http-stream' ? ['open http-stream'] : []),
      'open websocket',
      'waiting',
      'connecting',
      'open websocket',
      'closed',
    ])
    expect(stages.at(-4)?.cause).toContain('The connection broke')
    expect(attempts.map(({ carrier, heardAt, why }) => [carrier, heardAt !== null, why?.slice(0, 31)])).toEqual([
      ['websocket', false, 'WebSocket could not be opened. '],
      ['http', true, 'WebSocket gets through again.'],
      ['websocket', true, 'The connection broke (code 1006'],
      ['websocket', true, 'The socket is closed.'],
    ])
  })

  test('a carrier is left by whoever connects anew over another', async () => {
    const here = stage()
    here.network.block('websocket', 'hang-upgrade')
    const recording = createRecording()
    const { socket, lifecycle } = openPage(here, { trace: recording.trace })
    await here.clock.advance(10_000)
    expect(socket.status.get()).toMatchObject({ state: 'open', transport: 'http-stream' })
    // Nothing that was learnt holds on another network: WebSocket comes first.
    lifecycle.happen('network')
    here.network.unblock()
    socket.reconnect()
    await here.clock.advance(3_000)
    expect(socket.status.get()).toMatchObject({ state: 'open', transport: 'websocket' })
    const inUse = recording.history.attempts.filter(({ endedAt }) => endedAt === null)
    expect(inUse.map(({ carrier }) => carrier)).toEqual(['websocket'])
  })

  test('a carrier that falls silent is left with its connection', async () => {
    const here = stage()
    const { socket, recording } = watch(here)
    await here.clock.advance(1_000)
    here.network.stall()
    socket.send('say', 'into the void')
    await here.clock.runUntil(() => socket.status.get().state !== 'open', 60_000)
    expect(recording.history.attempts.at(0)).toMatchObject({ why: 'No answer came, not even to a ping.' })
    expect(recording.history.attempts.at(0)?.endedAt).not.toBeNull()
  })

  test.each([
    ['failed', 'heard', 'websocket', 'WebSocket broke.'],
    ['failed', 'claimed', 'http', 'HTTP opened, and broke before anything was heard.'],
    ['failed', 'dialing', 'http', 'HTTP could not be opened.'],
    ['drop', 'heard', 'http', 'WebSocket gets through again.'],
    ['drop', 'dialing', 'http', 'WebSocket was heard first.'],
    ['drop', 'dialing', 'websocket', 'WebSocket did not open in time.'],
    ['drop', 'claimed', 'websocket', 'WebSocket opened, and then nothing came in time.'],
    ['drop', 'heard', 'websocket', 'WebSocket was in doubt.'],
  ] as const)('%s while %s: %s', (event, phase, carrier, words) => {
    expect(whyLeft({ type: 'carrier', at: 0, event, phase, carrier })).toBe(words)
  })

  test('samples are bounded, keep the highest of a moment, and end with how it is', () => {
    const recording = createRecording()
    const status = { state: 'open', pausedBy: null, transport: 'websocket', cause: null, latency: 20 } as const
    const tell = (at: number, queued: number): void =>
      recording.trace({ type: 'status', at, status: { ...status, queued, unacknowledged: 0 } } as TraceEntry)
    for (let at = 0; at < 300_000; at += 10) tell(at, at % 100 === 50 ? 7 : 1)
    const { samples, stages } = recording.history
    expect(samples).toHaveLength(1_200)
    expect(new Set(samples.slice(1, -2).map(({ queued }) => queued))).toEqual(new Set([7]))
    tell(300_000, 9)
    tell(300_001, 0)
    expect(samples.at(-1)).toEqual({ at: 300_001, latency: 20, queued: 0, unacknowledged: 0 })
    expect(stages).toHaveLength(1)
  })
})

/** Conversations on a line that breaks. */
const disturbances = fc.array(fc.constantFrom('say', 'ask', 'cut', 'stall', 'wait', 'restart'), { maxLength: 20 })

test('whatever happens: numbers settle once, in order, and no more are pending than the status says', async () => {
  await fc.assert(
    fc.asyncProperty(disturbances, async (steps) => {
      const here = stage()
      const { socket, recording } = watch(here)
      const { history } = recording
      const settled = new Map<Frame, number>()
      const surplus: number[] = []
      recording.subscribe(() => {
        for (const frame of history.frames) {
          if (frame.settledAt === null) continue
          if (!settled.has(frame)) settled.set(frame, frame.settledAt)
          expect(frame.settledAt).toBe(settled.get(frame))
          expect(frame.settledAt).toBeGreaterThanOrEqual(frame.at)
        }
      })
      for (const step of steps) {
        if (step === 'say') socket.send('say', 'x')
        if (step === 'ask') socket.request('add', [1]).catch(() => {})
        if (step === 'cut') here.network.cut()
        if (step === 'stall') here.network.stall()
        if (step === 'restart') here.restart()
        await here.clock.advance(step === 'wait' ? 20_000 : 50)
        if (step === 'wait') here.network.heal()
        const { state, unacknowledged } = socket.status.get()
        if (state === 'open') surplus.push(Math.max(0, history.totals.up.pending - unacknowledged))
      }
      expect(surplus.filter((count) => count > 0)).toEqual([])
      here.network.heal()
      await here.clock.advance(120_000)
      expect(socket.status.get()).toMatchObject({ state: 'open', unacknowledged: 0 })
      expect(history.totals.up.pending).toBe(0)
      const first = history.frames.filter(({ direction, repeated }) => direction === 'up' && !repeated)
      const numbers = first.flatMap(({ number }) => number ?? [])
      expect(numbers.every((number, i) => number === 1 || number === numbers[i - 1]! + 1)).toBe(true)
      await socket.close()
    }),
    { numRuns: 25 },
  )
})

describe('what was exported', () => {
  const talked = async (): Promise<Recording> => {
    const here = stage()
    const { socket, recording } = watch(here)
    socket.send('say', 'hello')
    await here.clock.advance(3_000)
    here.network.cut()
    await here.clock.advance(10_000)
    return recording
  }

  test('is read again, as text or as data', async () => {
    const recording = await talked()
    const text = JSON.stringify(recording)
    for (const json of [text, JSON.parse(text)]) {
      const again = readRecording(json)
      expect({ ...again.history }).toEqual({ ...recording.history })
      expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(text))
    }
  })

  test('is over: nothing is added', async () => {
    const again = readRecording(JSON.stringify(await talked()))
    const before = JSON.stringify(again)
    again.trace({ type: 'packet', at: 1, carrier: 'http', direction: 'up', data: '["say"]' })
    again.clear()
    expect(JSON.stringify(again)).toBe(before)
  })

  test('is looked at before it is believed', async () => {
    const text = JSON.stringify(await talked())
    const broken = (change: (value: Record<string, object[]>) => void): unknown => {
      const value = JSON.parse(text) as Record<string, object[]>
      change(value)
      return value
    }
    const hostile: readonly [unknown, string][] = [
      ['{', 'it is no JSON'],
      ['null', 'it is no object'],
      [7, 'it is no object'],
      ['[]', '`format`'],
      [broken((value) => Object.assign(value, { format: 'holdfast-recording/2' })), '`format`'],
      [broken((value) => Object.assign(value, { frames: {} })), 'no frames'],
      [broken((value) => Object.assign(value['frames']![0]!, { kind: 'constructor' })), 'frames[0]'],
      [broken((value) => Object.assign(value['frames']![0]!, { text: { toString: null } })), 'frames[0]'],
      [broken((value) => Object.assign(value['stages']![0]!, { at: '<b>' })), 'stages[0]'],
      [broken((value) => Object.assign(value['attempts']![0]!, { why: 1 })), 'attempts[0]'],
      [broken((value) => Object.assign(value['samples']![0]!, { queued: -1 })), 'samples[0]'],
      [broken((value) => Object.assign(value, { totals: null })), 'no totals'],
      [broken((value) => Object.assign(value, { until: 1e300 })), 'its end'],
    ]
    for (const [json, why] of hostile) {
      let error: unknown
      try {
        readRecording(json)
      } catch (thrown) {
        error = thrown
      }
      expect(error, why).toBeInstanceOf(HoldfastError)
      expect((error as HoldfastError).message).toContain(why)
    }
  })

  test('has nothing in it that was not asked for', async () => {
    const value = JSON.parse(JSON.stringify(await talked())) as { frames: object[] }
    Object.assign(value, { extra: 1 })
    Object.assign(value.frames[0]!, { onclick: 'alert(1)' })
    expect(JSON.stringify(readRecording(value))).not.toMatch(/extra|onclick/)
  })
})

test('clearing forgets what is over, and counts on', async () => {
  const here = stage()
  const { socket, recording } = watch(here)
  socket.send('say', 'one')
  await here.clock.advance(3_000)
  recording.clear()
  const { history } = recording
  expect([history.frames, history.totals.up.frames, history.dropped]).toEqual([[], 0, 6])
  expect(history.stages).toMatchObject([{ state: 'open' }])
  expect(history.attempts).toMatchObject([{ carrier: 'websocket', endedAt: null }])
  socket.send('say', 'two')
  await here.clock.advance(3_000)
  expect(counted(recording)).toEqual(['up event say #2', 'down event said #2'])
})

test('whoever subscribed is told, and may go', () => {
  const recording = createRecording()
  let told = 0
  const stop = recording.subscribe(() => told++)
  const entry: TraceEntry = { type: 'packet', at: 1, carrier: 'http', direction: 'up', data: '["say"]' }
  recording.trace(entry)
  recording.clear()
  stop()
  recording.trace(entry)
  expect(told).toBe(2)
})

test.each([{ frames: 0 }, { frames: 1.5 }, { text: NaN }])('%o is refused', (options) => {
  expect(() => createRecording(options)).toThrow('must be a whole number')
})
