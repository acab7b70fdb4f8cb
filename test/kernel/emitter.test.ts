import { describe, expect, test } from 'vitest'
import { type Emitter, createEmitter } from '../../src/kernel/emitter.ts'

const create = (): {
  emitter: Emitter
  thrown: unknown[]
  heard: string[]
  hear(name: string): (data: never) => void
} => {
  const thrown: unknown[] = []
  const heard: string[] = []
  return {
    emitter: createEmitter((error, name) => thrown.push([name, error])),
    thrown,
    heard,
    hear: (name) => (data) => void heard.push(`${name} ${String(data)}`),
  }
}

test('listeners hear what they listen to, in the order in which they came', () => {
  const { emitter, heard, hear } = create()
  emitter.on('a', hear('first'))
  emitter.on('a', hear('second'))
  emitter.on('b', hear('other'))
  expect([emitter.emit('a', 1), emitter.emit('c', 2)]).toEqual([true, false])
  expect(heard).toEqual(['first 1', 'second 1'])
})

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])('%o is a name like any other', (name) => {
  const { emitter, heard, hear } = create()
  expect(emitter.emit(name, 0)).toBe(false)
  const off = emitter.on(name, hear('it'))
  expect(emitter.emit(name, 1)).toBe(true)
  off()
  expect(emitter.emit(name, 2)).toBe(false)
  expect(heard).toEqual(['it 1'])
})

test('unsubscribing twice takes nobody else along, not even the same function registered again', () => {
  const { emitter, heard, hear } = create()
  const listener = hear('it')
  const off = emitter.on('a', listener)
  emitter.on('a', listener)
  off()
  off()
  emitter.emit('a', 1)
  expect(heard).toEqual(['it 1'])
})

test('a throwing listener harms nobody, and is told', () => {
  const { emitter, thrown, heard, hear } = create()
  const error = new Error('mine')
  emitter.on('a', () => {
    throw error
  })
  emitter.on('a', hear('second'))
  expect(emitter.emit('a', 1)).toBe(true)
  expect(heard).toEqual(['second 1'])
  expect(thrown).toEqual([['a', error]])
})

describe('while an event is delivered', () => {
  test('a listener that is removed hears it no more', () => {
    const { emitter, heard, hear } = create()
    emitter.on('a', () => off())
    const off = emitter.on('a', hear('removed'))
    emitter.on('a', hear('third'))
    emitter.emit('a', 1)
    expect(heard).toEqual(['third 1'])
  })

  test('a listener that removes itself silences nobody', () => {
    const { emitter, heard, hear } = create()
    const off = emitter.on('a', () => off())
    emitter.on('a', hear('second'))
    emitter.emit('a', 1)
    emitter.emit('a', 2)
    expect(heard).toEqual(['second 1', 'second 2'])
  })

  test('a listener that is added hears the next one', () => {
    const { emitter, heard, hear } = create()
    emitter.once('a', () => void emitter.on('a', hear('added')))
    emitter.emit('a', 1)
    emitter.emit('a', 2)
    expect(heard).toEqual(['added 2'])
  })
})

describe('once', () => {
  test('hears one, even where hearing it causes another', () => {
    const { emitter, heard, hear } = create()
    emitter.once('a', (data) => {
      hear('once')(data)
      emitter.emit('a', 2)
    })
    emitter.emit('a', 1)
    expect(heard).toEqual(['once 1'])
  })

  test('can be taken back, and counts as heard though it throws', () => {
    const { emitter, thrown, heard, hear } = create()
    emitter.once('a', hear('never'))()
    emitter.once('a', () => {
      throw new Error('mine')
    })
    expect([emitter.emit('a', 1), emitter.emit('a', 2)]).toEqual([true, false])
    expect(heard).toEqual([])
    expect(thrown).toHaveLength(1)
  })
})
