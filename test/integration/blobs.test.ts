/** Messages of megabytes over real sockets: they go on where their connection broke, and hold nothing else up. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Socket } from 'holdfast'
import { expect, test } from 'vitest'
import { noise, sumOf } from '../tools/noise.ts'
import { type Backend, serve } from './support/backend.ts'

interface Photos {
  requests: {
    upload(photo: Blob): string
    download(): { photo: Blob }
    ping(): null
  }
}

const MEGABYTE = 1_000_000
const SIZE = 10 * MEGABYTE

const album = (size = SIZE): Promise<Backend<Photos, unknown>> =>
  serve<Photos>({
    limits: { blobBytes: SIZE },
    heartbeat: { timeout: 500 },
    session(session) {
      session.handle('upload', sumOf)
      session.handle('download', () => ({ photo: noise(size) }))
      session.handle('ping', () => null)
    },
  })

/** Runs a task while much happens to the network, each time when some more has arrived. */
const endure = async (
  { proxy }: Backend<Photos, unknown>,
  run: (onProgress: (progress: { loaded: number }) => void) => Promise<string>,
): Promise<string> => {
  const mishaps = [
    () => void proxy.cut(),
    () => void proxy.cutAfterBytes('up', 1_000),
    () => void proxy.cutAfterBytes('down', 1_000),
    // A tunnel.
    () => {
      proxy.blackHole('both', true)
      void sleep(1_500).then(() => proxy.blackHole('both', false))
    },
    () => void proxy.cut(),
  ]
  let next = SIZE / 8
  const result = await run(({ loaded }) => {
    if (loaded < next || loaded === SIZE) return
    next += SIZE / 8
    mishaps.shift()?.()
  })
  expect(mishaps).toEqual([])
  return result
}

test.each([
  // To begin anew after each mishap would be three times as much.
  ['websocket', 1.5],
  ['http', 2],
] as const)('10 MB each way by %s, through cuts and a tunnel', async (transport, most) => {
  const backend = await album()
  const socket: Socket<Photos> = backend.connect({ transport, heartbeat: { timeout: 500 }, connectTimeout: 1_000 })
  const { proxy } = backend
  const file = noise(SIZE)
  const up = await endure(backend, (onUploadProgress) => socket.request('upload', file, { onUploadProgress }))
  expect(up).toBe(await sumOf(file))
  expect(proxy.bytes.up).toBeLessThan(SIZE * most)
  const down = await endure(backend, async (onDownloadProgress) =>
    sumOf((await socket.request('download', undefined, { onDownloadProgress })).photo),
  )
  expect(down).toBe(await sumOf(noise(SIZE)))
  expect(proxy.bytes.down).toBeLessThan(SIZE * most)
  // That is what a tunnel looks like from the other end.
  expect(backend.errors.all.filter(({ code }) => code !== 'unresponsive')).toEqual([])
})

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
