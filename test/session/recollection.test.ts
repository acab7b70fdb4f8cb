import { describe, expect, test } from 'vitest'
import { recall, store } from '../../src/session/recollection.ts'
import { virtualMemory } from '../../src/testing/memory.ts'

const NOTHING = { httpUntil: 0, roundTrip: -1 }
const now = 5_000_000

const recallFrom = (value: string) => recall(virtualMemory(['holdfast:host', value]), 'host', now)

test('what was stored of a server is recalled, and of no other', () => {
  const memory = virtualMemory()
  store(memory, 'host:8443', { httpUntil: now + 600_000, roundTrip: 40 })
  expect(recall(memory, 'host:8443', now)).toEqual({ httpUntil: now + 600_000, roundTrip: 40 })
  expect(recall(memory, 'host', now)).toEqual(NOTHING)
  expect([...memory.kept.keys()]).toEqual(['holdfast:host:8443'])
})

describe('whatever stands there, nothing is thrown, and nothing believed that cannot be', () => {
  test.each(['', 'nonsense', 'null', '7', '"text"', '[]', '{}', '{"httpUntil":"x","roundTrip":null}', '{"httpUntil":'])(
    '%o says nothing',
    (value) => {
      expect(recallFrom(value)).toEqual(NOTHING)
    },
  )

  test('HTTP for longer than it is ever remembered: another clock wrote that', () => {
    expect(recallFrom(`{"httpUntil":${now + 600_001},"roundTrip":40}`)).toEqual({ httpUntil: 0, roundTrip: 40 })
    expect(recallFrom('{"httpUntil":1e999,"roundTrip":40}').httpUntil).toBe(0)
  })
})
