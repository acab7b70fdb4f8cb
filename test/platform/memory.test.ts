import { afterEach, describe, expect, test, vi } from 'vitest'
import { localMemory, tabMemory } from '../../src/platform/memory.ts'

afterEach(() => void vi.unstubAllGlobals())

const refuse = (): never => {
  throw new DOMException('The quota has been exceeded.', 'QuotaExceededError')
}

test.each([
  ['localStorage', localMemory],
  ['sessionStorage', tabMemory],
])('is kept in %s', (storage, memory) => {
  const kept = new Map<string, string>()
  vi.stubGlobal(storage, {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  })
  expect(memory.get('holdfast:host')).toBe(null)
  memory.set('holdfast:host', 'value')
  expect([memory.get('holdfast:host'), [...kept]]).toEqual(['value', [['holdfast:host', 'value']]])
})

describe('is nothing, and no error', () => {
  test('where there is no localStorage', () => {
    vi.stubGlobal('localStorage', undefined)
    localMemory.set('key', 'value')
    expect(localMemory.get('key')).toBe(null)
  })

  test('where it is full, or blocked for this page', () => {
    vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse })
    localMemory.set('key', 'value')
    expect(localMemory.get('key')).toBe(null)
  })

  test('where even to look at it throws', () => {
    Object.defineProperty(globalThis, 'localStorage', { configurable: true, get: refuse })
    try {
      localMemory.set('key', 'value')
      expect(localMemory.get('key')).toBe(null)
    } finally {
      delete (globalThis as { localStorage?: unknown }).localStorage
    }
  })
})
