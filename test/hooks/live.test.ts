import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLive } from '../../src/hooks/live.ts'
import { type Source, keyOf, watchSession } from '../../src/hooks/source.ts'
import { createCell } from '../../src/kernel/cell.ts'
import { createEmitter } from '../../src/kernel/emitter.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const stage = () => {
  let value = 1
  let change = (): void => {}
  const read = vi.fn(() => value)
  const end = vi.fn()
  const run = vi.fn((changed: () => void) => {
    change = changed
    return end
  })
  const set = (next: number): void => {
    value = next
    change()
  }
  return { cell: createLive(0, read, run), read, run, end, set }
}

test('a live cell runs from its first watcher to its last, and each counts once', () => {
  const { cell, run, end } = stage()
  const offs = [cell.subscribe(() => {}), cell.subscribe(() => {})] as const
  offs[0]()
  offs[0]()
  expect([run.mock.calls.length, end.mock.calls.length]).toEqual([1, 0])
  offs[1]()
  offs[1]()
  expect([run.mock.calls.length, end.mock.calls.length]).toEqual([1, 1])
  cell.subscribe(() => {})()
  expect([run.mock.calls.length, end.mock.calls.length]).toEqual([2, 2])
})

test('it is read whenever it is asked while nobody watches, and then changes in frames alone', () => {
  const { cell, set } = stage()
  set(2)
  expect([cell.initial, cell.get()]).toEqual([0, 2])
  set(3)
  const told: number[] = []
  const off = cell.subscribe((value) => void told.push(value))
  expect(told).toEqual([3])
  set(4)
  set(5)
  expect(cell.get()).toBe(3)
  vi.advanceTimersByTime(100)
  expect([told, cell.get()]).toEqual([[3, 5], 5])
  off()
})

test('it is not read in a frame for which nobody watches any more', () => {
  const { cell, read, set } = stage()
  const off = cell.subscribe(() => {})
  set(2)
  off()
  read.mockClear()
  vi.advanceTimersByTime(100)
  expect(read).not.toHaveBeenCalled()
})

test.each<[string, boolean]>([
  ['open', false],
  ['connecting', true],
])('of a socket that is %s, the next session is another one: %s', (state, isTold) => {
  const first = { state, resumed: false } as ReturnType<Source['status']['get']>
  const status = createCell(
    first,
    createEmitter((error) => expect.unreachable(String(error))),
  )
  const again = vi.fn()
  const off = watchSession({ status } as Pick<Source, 'status'> as Source, again)
  expect(again).not.toHaveBeenCalled()
  status.set({ state: 'open', resumed: false })
  expect(again).toHaveBeenCalledTimes(isTold ? 1 : 0)
  off()
})

test.each<[unknown, unknown, boolean]>([
  [{ a: [1] }, { a: [1] }, true],
  [{ a: 1 }, { a: 2 }, false],
  [undefined, undefined, true],
  [undefined, null, false],
  [{ a: 1n }, { a: 1n }, true],
  [{ a: 1n }, { a: 2n }, false],
])('%o and %o are the same question: %s', (one, other, isSame) => {
  expect(keyOf(one) === keyOf(other)).toBe(isSame)
})
