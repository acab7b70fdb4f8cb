import fc from 'fast-check'
import { expect, test } from 'vitest'
import { virtualClock } from 'holdfast/testing'
import { speech } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { createEnd, createGoodPeer, createServer, request } from './server.ts'

/** Milliseconds that a session is kept: with a second for each input, there are never many. */
const KEEP = 5_000
const MANY = 100

const carriers = fc.array(fc.tuple(speech('client'), fc.boolean(), fc.nat(2_000)), { minLength: 1, maxLength: 3 })

test('a server takes whatever comes, on one carrier after another, and has others to talk to', async () => {
  const clock = virtualClock(1_000)
  const { core, faults } = createServer(clock, { keep: KEEP })
  const good = await createGoodPeer(core, clock, 'a-good-peer-that-stays')
  let count = 0
  await fuzz(carriers, { usual: 400, part: 0.05 }, async (connections) => {
    for (const [packets, isCut, pause] of connections) {
      const end = createEnd()
      const accepted = core.accept(end.carrier, request)
      for (const packet of packets) {
        // What was closed hears no more; that is the transport's part.
        if (end.closed) break
        accepted.message(packet)
        if (pause % 2) await clock.advance(0)
      }
      await clock.advance(pause)
      if (isCut && !end.closed) accepted.close()
      for (const packet of end.packets)
        if (typeof packet === 'string') for (const line of packet.split('\n')) JSON.parse(line)
    }
    await good.talk()
    const other = await createGoodPeer(core, clock, `a-good-peer-that-goes-${++count}`)
    await other.talk()
    await other.leave()
    expect(faults).toEqual([])
    expect(core.sessions.size).toBeLessThan(MANY)
  })
  await clock.advance(200_000)
  expect(core.sessions.size).toBeLessThan(2)
})
