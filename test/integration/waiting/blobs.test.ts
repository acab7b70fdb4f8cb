/** Messages of megabytes over real sockets go on where their connection broke. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Socket } from 'holdfast'
import { expect, test } from 'vitest'
import { noise, sumOf } from '../../tools/noise.ts'
import { type Photos, album } from '../support/album.ts'
import type { Backend } from '../support/backend.ts'

const SIZE = 6_000_000

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
  ['websocket', 1.7],
  ['http', 2.2],
] as const)('6 MB each way by %s, through cuts and a tunnel', async (transport, most) => {
  const backend = await album(SIZE)
  // Whoever only reads has nothing out, and asks for a sign of life no sooner than it is told to.
  const socket: Socket<Photos> = backend.connect({
    transport,
    heartbeat: { idle: 1_000, timeout: 500 },
    connectTimeout: 1_000,
  })
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
