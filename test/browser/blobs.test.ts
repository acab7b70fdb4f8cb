/// <reference types="vite/client" />
/** A photo goes up and down, and the page stays alive meanwhile. */
import { expect, onTestFinished, test } from 'vitest'
import { noise, sumOf } from '../tools/noise.ts'
import { openScenario } from './remote.ts'
import { join } from './support.ts'

/** `BLOB_MEGABYTES=100` is for measuring. */
const size = Number(import.meta.env['BLOB_MEGABYTES'] || 8) * 1_000_000

/** Turns of the page's event loop, one behind the other; answers with the longest pauses (ms) between two of them. */
const watchTurns = (): (() => number[]) => {
  const pauses: number[] = []
  const { port1, port2 } = new MessageChannel()
  let last = performance.now()
  port1.onmessage = () => {
    const now = performance.now()
    pauses.push(now - last)
    last = now
    // A turn of its own for each would leave no room for anything else.
    setTimeout(() => port2.postMessage(null), 4)
  }
  port2.postMessage(null)
  return () => {
    port1.close()
    return pauses.toSorted((a, b) => b - a).slice(0, 5)
  }
}

/** The longest tasks, as the browser itself has them; only Chromium does. */
const watchTasks = (): (() => number[]) => {
  const tasks: number[] = []
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)))
  if (PerformanceObserver.supportedEntryTypes.includes('longtask')) observer.observe({ entryTypes: ['longtask'] })
  return () => {
    observer.disconnect()
    return tasks.toSorted((a, b) => b - a).slice(0, 5)
  }
}

test.for(['websocket', 'http'] as const)('by %s', async (transport, { annotate }) => {
  const scenario = await openScenario()
  onTestFinished(scenario.close)
  const { socket } = join(scenario, { transport })
  await socket.request('add', [1, 1])
  const photo = noise(size)
  const sum = await sumOf(photo)

  const measure = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    // What the test itself has done is over.
    await new Promise((resolve) => setTimeout(resolve, 200))
    const [turns, tasks] = [watchTurns(), watchTasks()]
    const startedAt = performance.now()
    const result = await run()
    const took = performance.now() - startedAt
    const pauses = turns()
    const shown = (times: number[]): string => times.map((time) => time.toFixed()).join(' ')
    await annotate(
      `${what} by ${transport}: ${took.toFixed()} ms; pauses ${shown(pauses)}; long tasks ${shown(tasks())}`,
    )
    // A machine that does much else may take the processor away for longer than the page itself needs it.
    expect(pauses[2]).toBeLessThan(250)
    return result
  }
  const loaded: number[] = []
  const hear = (progress: { loaded: number }): void => void loaded.push(progress.loaded)
  expect(await measure('up', () => socket.request('upload', photo, { onUploadProgress: hear }))).toBe(sum)
  expect(loaded.at(-1)).toBe(size)
  const down = await measure('down', () => socket.request('download', size))
  expect(await sumOf(down.photo)).toBe(down.sum)
  expect(socket.errors).toEqual({})
  await socket.close()
})
