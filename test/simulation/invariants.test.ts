/** The books themselves: what they must notice, and what they must let pass. */
import { describe, expect, test } from 'vitest'
import { createLane, createQuestions, type Lane, type Questions } from './invariants.ts'

const laneOf = (...terms: Parameters<Lane['accept']>): { lane: Lane; reported: string[] } => {
  const reported: string[] = []
  const lane = createLane('up', (_, what) => reported.push(what))
  for (let count = 0; count < 3; count++) lane.accept(...terms)
  return { lane, reported }
}

describe('a lane', () => {
  test('is content when all arrives once and in order', () => {
    const { lane, reported } = laneOf()
    expect(lane.isComplete()).toBe(false)
    for (const number of [1, 2, 3]) lane.arrive(number)
    lane.close()
    expect([reported, lane.isComplete(), lane.accepted]).toEqual([[], true, 3])
  })

  test.each([
    ['lost in the middle', [1, 3], 'up: 3 arrived and 2 is missing before it'],
    ['lost at the end', [1, 2], 'up: 3 of 3 never arrived'],
    ['doubled', [1, 1, 2, 3], 'up: 1 arrived twice'],
    ['reordered', [2, 1, 3], 'up: 2 arrived and 1 is missing before it'],
    ['invented', [1, 2, 3, 4], 'up: 4 arrived but was never sent'],
  ])('notices what was %s', (_, arrivals, expected) => {
    const { lane, reported } = laneOf()
    for (const number of arrivals) lane.arrive(number)
    lane.close()
    expect(reported[0]).toBe(expected)
  })

  test('lets optional messages be missing, but not come twice or late', () => {
    const { lane, reported } = laneOf({ optional: true })
    lane.arrive(2)
    lane.close()
    expect(reported).toEqual([])
    lane.arrive(1)
    lane.arrive(2)
    lane.settle()
    expect(reported).toEqual(['up: 1 arrived after 2', 'up: 2 arrived twice'])
  })

  test('lets a keyed message give way to a newer one, and the newest to nobody', () => {
    const { lane, reported } = laneOf({ key: 'a' })
    lane.accept()
    lane.arrive(4)
    expect(reported).toEqual(['up: 4 arrived and 3 is missing before it'])
  })

  test('lets messages without Blobs overtake those with, and nothing else', () => {
    const mixed = (): { lane: Lane; reported: string[] } => {
      const { lane, reported } = laneOf({ laden: true })
      lane.accept()
      lane.accept()
      lane.accept({ laden: true })
      return { lane, reported }
    }
    const { lane, reported } = mixed()
    for (const number of [4, 1, 5, 2, 3, 6]) lane.arrive(number)
    lane.close()
    expect(reported).toEqual([])

    const other = mixed()
    for (const number of [5, 2, 1, 3]) other.lane.arrive(number)
    other.lane.arrive(6)
    expect(other.reported).toEqual([
      'up: 5 arrived and 4 is missing before it',
      'up: 2 arrived and 1 is missing before it',
      'up: 1 arrived after 2',
      'up: 6 arrived and 4 is missing before it',
    ])
  })

  test('what was refused must not arrive; what was excused may', () => {
    const { lane, reported } = laneOf()
    lane.refuse(1)
    lane.excuse(2)
    lane.arrive(3)
    expect(reported).toEqual([])
    lane.arrive(1)
    expect(reported).toEqual(['up: 1 arrived though it was refused'])
  })

  test('what is in doubt may arrive once more, with all that follows', () => {
    const { lane, reported } = laneOf()
    for (const number of [1, 2]) lane.arrive(number)
    lane.doubt(2, true)
    for (const number of [2, 3]) lane.arrive(number)
    lane.settle()
    expect(reported).toEqual([])
    lane.arrive(2)
    lane.settle()
    expect(reported).toEqual(['up: 2 arrived twice'])
  })

  test('what arrives twice may be told to be in doubt until the books are settled, and not come a third time', () => {
    const { lane, reported } = laneOf()
    for (const number of [1, 2, 1, 2]) lane.arrive(number)
    lane.doubt(1, true)
    lane.doubt(2, false)
    lane.settle()
    expect(reported).toEqual([])
    for (const number of [1, 1]) lane.arrive(number)
    lane.doubt(1, true)
    lane.settle()
    expect(reported).toEqual(['up: 1 arrived three times'])
  })

  test('what was said to be unsent must not have arrived', () => {
    const { lane, reported } = laneOf()
    lane.arrive(1)
    lane.unsent(1)
    lane.unsent(2)
    lane.excuse(3)
    lane.close()
    expect(reported).toEqual(['up: 1 arrived though it was said never to have been sent'])
  })
})

describe('questions', () => {
  const open = (): { questions: Questions; reported: string[] } => {
    const reported: string[] = []
    return { questions: createQuestions((_, what) => reported.push(what)), reported }
  }

  test('are content with one handling and one outcome', () => {
    const { questions, reported } = open()
    const question = questions.ask('one', false)
    question.handled()
    question.settled('answer', true)
    questions.inspectHandlers()
    questions.close()
    expect([reported, questions.open]).toEqual([[], 0])
  })

  test('notice a second handling, a second outcome, an answer from nowhere, and none', () => {
    const { questions, reported } = open()
    const twice = questions.ask('twice', false)
    twice.handled()
    twice.handled()
    twice.settled('answer', true)
    twice.settled('timeout', false)
    questions.ask('unhandled', false).settled('answer', true)
    questions.ask('forgotten', false)
    questions.close()
    expect(reported).toEqual([
      'twice was handled twice',
      'twice has two outcomes: answer, then timeout',
      'unhandled was answered and never handled: answer',
      'forgotten has no outcome',
    ])
  })

  test('notice a handler that works on for nobody, unless its process is gone', () => {
    const { questions, reported } = open()
    const controller = new AbortController()
    const question = questions.ask('withdrawn', false)
    question.handled(controller.signal)
    question.settled('aborted', false)
    questions.inspectHandlers()
    expect(reported).toEqual(['withdrawn ended (aborted), and its handler was never told'])
    controller.abort()
    questions.inspectHandlers()
    const gone = questions.ask('gone', false)
    gone.handled(new AbortController().signal)
    gone.forgetHandlers()
    gone.forget()
    questions.inspectHandlers()
    expect(reported).toHaveLength(1)
  })
})
