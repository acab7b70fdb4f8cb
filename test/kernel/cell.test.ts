import { describe, expect, test } from 'vitest'
import { type WritableCell, createCell } from '../../src/kernel/cell.ts'
import { createEmitter } from '../../src/kernel/emitter.ts'

const create = <T>(value: T): { cell: WritableCell<T>; thrown: unknown[] } => {
  const thrown: unknown[] = []
  return {
    cell: createCell(
      value,
      createEmitter((error) => thrown.push(error)),
    ),
    thrown,
  }
}

test('its value keeps its identity until it is set', () => {
  const [first, second] = [{ n: 1 }, { n: 2 }]
  const { cell } = create(first)
  expect(cell.get()).toBe(first)
  expect(cell.get()).toBe(first)
  cell.set(second)
  expect(cell.get()).toBe(second)
})

test('a subscriber is told at once, then of every change, until it unsubscribes', () => {
  const { cell } = create(1)
  const told: number[] = []
  const off = cell.subscribe((value) => told.push(value))
  cell.set(2)
  cell.set(2)
  cell.set(3)
  off()
  off()
  cell.set(4)
  expect(told).toEqual([1, 2, 3])
})

test('one function subscribed twice is two subscriptions', () => {
  const { cell } = create(1)
  const told: number[] = []
  const listener = (value: number): void => void told.push(value)
  const off = cell.subscribe(listener)
  cell.subscribe(listener)
  off()
  off()
  cell.set(2)
  expect(told).toEqual([1, 1, 2])
})

test('a throwing listener silences nobody', () => {
  const { cell, thrown } = create(1)
  const told: number[] = []
  const error = new Error('mine')
  cell.subscribe((value) => {
    if (value === 2) throw error
  })
  cell.subscribe((value) => told.push(value))
  cell.set(2)
  cell.set(3)
  expect(told).toEqual([1, 2, 3])
  expect(thrown).toEqual([error])
})

test('what a listener throws when it is subscribed is the subscriber’s own', () => {
  const { cell, thrown } = create(1)
  const subscribe = (): unknown =>
    cell.subscribe(() => {
      throw new Error('mine')
    })
  expect(subscribe).toThrow('mine')
  expect(thrown).toEqual([])
})

describe('a listener that sets it', () => {
  test('does not overtake the others: all hear both values in order', () => {
    const { cell } = create(0)
    const told: string[] = []
    const subscribe = (name: string): unknown =>
      cell.subscribe((value) => {
        if (value > 0) told.push(`${name}${value}`)
      })
    subscribe('a')
    cell.subscribe((value) => {
      if (value === 1) cell.set(2)
    })
    subscribe('c')
    cell.set(1)
    expect(told).toEqual(['a1', 'c1', 'a2', 'c2'])
  })

  test('leaves nobody with a stale value, however often it does', () => {
    const { cell } = create(0)
    const last: number[] = []
    for (let index = 0; index < 3; index++)
      cell.subscribe((value) => {
        last[index] = value
        if (value > 0 && value < 10) cell.set(value + 1)
      })
    cell.set(1)
    expect(cell.get()).toBe(10)
    expect(last).toEqual([10, 10, 10])
  })

  test('back to what it was tells no round of nothing', () => {
    const { cell } = create(0)
    const told: number[] = []
    cell.subscribe((value) => {
      if (value === 1) cell.set(1)
      told.push(value)
    })
    cell.set(1)
    expect(told).toEqual([0, 1])
  })
})
