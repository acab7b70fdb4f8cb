/** Messages of megabytes over real sockets hold nothing else up. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { noise } from '../tools/noise.ts'
import { album } from './support/album.ts'

const MEGABYTE = 1_000_000

test.each(['websocket', 'http'] as const)(
  'small messages are answered soon on a slow line that is full of a large one, by %s',
  async (transport) => {
    const backend = await album(MEGABYTE)
    const socket = backend.connect({ transport })
    await socket.request('ping')
    backend.proxy.latency(10)
    backend.proxy.bandwidth(MEGABYTE)
    for (const transfer of [() => socket.request('upload', noise(MEGABYTE)), () => socket.request('download')]) {
      const startedAt = performance.now()
      let isDone = false
      const done = transfer().then(() => (isDone = true))
      const delays: number[] = []
      while (!isDone) {
        const askedAt = performance.now()
        await socket.request('ping')
        delays.push(performance.now() - askedAt)
        await sleep(20)
      }
      await done
      delays.sort((a, b) => a - b)
      // Behind the large one, it would be a second.
      expect(delays[Math.floor(delays.length / 2)]).toBeLessThan(500)
      // And the line is used: a second is the least, and over HTTP a third more.
      expect(performance.now() - startedAt).toBeLessThan(4_000)
    }
  },
)
