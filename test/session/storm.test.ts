/** All clients lose their server at the same moment: how evenly do they come back? */
import { describe, expect, test } from 'vitest'
import { HoldfastError } from 'holdfast'
import { seededRandom, world } from 'holdfast/testing'
import { machineComesBack, measure, type Storm } from '../tools/storm.ts'

const MANY = 100_000
const hint = { after: 1_000, spread: 5_000 }

describe('the machines of 100,000 clients', () => {
  const storm = (outage: number, end?: Parameters<typeof machineComesBack>[0]): Storm => {
    const random = seededRandom(1)
    const comeBack = machineComesBack(end)
    return measure(Array.from({ length: MANY }, () => comeBack(outage, random.float)!))
  }

  test('with a hint when to come back: nearly as if they took turns', () => {
    const { peakToMean, all } = storm(hint.after, { code: 4410, retry: hint })
    expect(peakToMean).toBeLessThan(1.2)
    expect(all).toBeLessThan(hint.after + hint.spread)
  })

  test.each([0, 1_000, 10_000])(
    'after a crash of %i ms, without one',
    (outage) => {
      const { peak, peakToMean, all } = storm(outage)
      expect(peakToMean).toBeLessThan(3)
      expect(peak).toBeLessThan(0.15)
      expect(all).toBeLessThan(outage + 30_000)
    },
    30_000,
  )

  test('of a server that fell silent at once, and that all find dead in the same millisecond', () => {
    const { peakToMean, peak } = storm(0, { code: 4408, cause: new HoldfastError('unresponsive', 'No answer came.') })
    expect(peakToMean).toBeLessThan(1.2)
    expect(peak).toBeLessThan(0.12)
  })
})

describe('whole clients', () => {
  const CLIENTS = 200
  /** Of so few clients, fewer come in 100 ms than chance makes of it. */
  const SECOND = 1_000

  /** Their server closes, or dies, and is back, without its memory, after so long. */
  const storm = async (outage: number, end: 'closes' | 'dies'): Promise<Storm & { dials: number }> => {
    const arrivals: number[] = []
    const here = world({
      clients: 0,
      serve: (core) => void core.on('session', () => arrivals.push(here.clock.now())),
    })
    for (let i = 0; i < CLIENTS; i++) here.open(`client ${i}`)
    await here.clock.advance(10_000)
    expect(arrivals.splice(0)).toHaveLength(CLIENTS)
    const dialled = (): number => here.tabs.reduce((sum, { network }) => sum + network.dials, 0)
    const before = dialled()
    const startedAt = here.clock.now()
    if (end === 'closes') here.server.core.close({ retry: hint })
    else here.server.kill()
    await here.clock.advance(outage)
    here.restart()
    await here.clock.runUntil(() => arrivals.length === CLIENTS, outage + 60_000)
    expect(arrivals).toHaveLength(CLIENTS)
    return {
      ...measure(
        arrivals.map((time) => time - startedAt),
        SECOND,
      ),
      dials: (dialled() - before) / CLIENTS,
    }
  }

  test('are back after a restart with a hint, nearly as if they took turns, with one connection each', async () => {
    const { peakToMean, all, dials } = await storm(hint.after, 'closes')
    expect(peakToMean).toBeLessThan(1.5)
    expect(all).toBeLessThan(hint.after + hint.spread + 500)
    expect(dials).toBe(1)
  }, 60_000)

  test('are back after a crash', async () => {
    const { peakToMean, all, dials } = await storm(1_000, 'dies')
    expect(peakToMean).toBeLessThan(3)
    expect(all).toBeLessThan(31_500)
    // Some tries of both kinds while nobody is there, one that is told that the session is gone, and one that begins another.
    expect(dials).toBeLessThan(12)
  }, 60_000)
})
