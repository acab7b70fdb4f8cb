import { describe, expect, test } from 'vitest'
import { createAnswerReader } from '../../src/transports/answer.ts'

describe('an answer', () => {
  test('has its head in its first line or not at all, wherever its parts begin', () => {
    const told: unknown[] = []
    const answer = createAnswerReader((packet) => told.push(packet)).begin()
    answer.text('<!DOCTYPE html>\n')
    answer.text('{"push":1,"from":1}\n["said"]\n')
    expect([answer.isOurs(), told]).toEqual([false, []])
  })

  test('with a long line takes time in proportion to it, however small its parts', () => {
    const told: number[] = []
    const answer = createAnswerReader((packet) => told.push(packet.length)).begin()
    answer.text('{"push":1,"from":1}\n')
    const startedAt = performance.now()
    for (let i = 0; i < 8_000; i++) answer.text(Buffer.alloc(2_000, 'x').toString())
    answer.text('\n')
    expect(told).toEqual([16_000_000])
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})
