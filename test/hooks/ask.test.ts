import { HoldfastError } from 'holdfast'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Answered, requestCell, streamCell } from '../../src/hooks/ask.ts'
import type { LiveCell } from '../../src/hooks/live.ts'
import type { Source } from '../../src/hooks/source.ts'
import { createCell } from '../../src/kernel/cell.ts'
import { createEmitter } from '../../src/kernel/emitter.ts'
import { iterate } from '../../src/session/iterate.ts'
import type { Answer } from '../../src/session/ports.ts'

interface Question {
  readonly answer: Answer
  readonly options: { readonly signal: AbortSignal }
}

/** A socket whose answers are given by hand. */
const stage = () => {
  const questions: Question[] = []
  const status = createCell<ReturnType<Source['status']['get']>>(
    { state: 'open' },
    createEmitter((error) => expect.unreachable(String(error))),
  )
  const pose = (name: string, options: object): AsyncIterableIterator<unknown> =>
    iterate(name, (answer) => {
      const { signal } = options as Question['options']
      questions.push({ answer, options: { ...options, signal } })
      signal.addEventListener('abort', () => answer('fail', signal.reason))
      return () => answer('fail', 'left')
    })
  const socket: Source = {
    status,
    on: () => () => {},
    async request(name, _, options) {
      const { value } = (await pose(name, options).next()) as { readonly value: unknown }
      return value
    },
    stream: (name, _, options) => pose(name, options),
  }
  return { socket, questions, status }
}

/** Whatever waits for promises alone has run, and a frame was painted. */
const frame = (): Promise<unknown> => vi.advanceTimersByTimeAsync(100)
/** What it shows, without `refetch`. */
const shows = (cell: LiveCell<Answered<unknown>>): unknown => JSON.parse(JSON.stringify(cell.get()))
const nothing = (): void => {}
const lost = (): HoldfastError => new HoldfastError('session-lost', 'The server knows nothing of it.')

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

describe('a question', () => {
  test('is asked when somebody watches, once, and withdrawn when nobody does any more', async () => {
    const { socket, questions } = stage()
    const cell = requestCell(socket, 'name', 1, { timeout: 5 })
    await frame()
    expect([questions.length, shows(cell)]).toEqual([0, { pending: true, done: false }])
    const listener = vi.fn()
    const offs = [cell.subscribe(listener), cell.subscribe(nothing)]
    await frame()
    // It is pending already.
    expect(listener).toHaveBeenCalledOnce()
    expect(questions.map(({ options }) => options)).toMatchObject([{ idempotent: true, timeout: 5 }])
    offs[0]!()
    offs[0]!()
    expect(questions[0]!.options.signal.aborted).toBe(false)
    offs[1]!()
    expect(questions[0]!.options.signal.aborted).toBe(true)
    await frame()
    expect(shows(cell)).toEqual({ pending: true, done: false })
  })

  test('is asked again by those who come back', async () => {
    const { socket, questions } = stage()
    const cell = requestCell(socket, 'name', 1)
    cell.subscribe(nothing)()
    cell.subscribe(nothing)()
    const off = cell.subscribe(nothing)
    await frame()
    expect(questions.length).toBe(1)
    questions[0]!.answer('item', 'first')
    await frame()
    off()
    cell.subscribe(nothing)
    await frame()
    expect([questions.length, shows(cell)]).toEqual([2, { data: 'first', pending: true, done: false }])
  })

  test('shows nothing of an answer that came as it was asked anew', async () => {
    const { socket, questions } = stage()
    const cell = requestCell(socket, 'name', 1)
    cell.subscribe(nothing)
    await frame()
    questions[0]!.answer('item', 'former')
    void cell.get().refetch()
    await frame()
    expect([questions.length, shows(cell)]).toEqual([2, { pending: true, done: false }])
    questions[1]!.answer('item', 'latter')
    await frame()
    expect(shows(cell)).toEqual({ data: 'latter', pending: false, done: true })
  })

  test('is asked anew where its session was lost, and the failure is not shown', async () => {
    const { socket, questions } = stage()
    const cell = requestCell(socket, 'name', 1)
    cell.subscribe(nothing)
    await frame()
    questions[0]!.answer('fail', lost())
    await frame()
    expect([questions.length, shows(cell)]).toEqual([2, { pending: true, done: false }])
  })

  test('is asked again in a new session if it was through, and not beside one that is not', async () => {
    const { socket, questions, status } = stage()
    const open = (resumed: boolean): void => {
      status.set({ state: 'connecting' })
      status.set({ state: 'open', resumed })
    }
    const cell = requestCell(socket, 'name', 1)
    cell.subscribe(nothing)
    await frame()
    open(false)
    await frame()
    expect(questions.length).toBe(1)
    questions[0]!.answer('fail', new Error('no'))
    await frame()
    open(true)
    await frame()
    expect(questions.length).toBe(1)
    open(false)
    await frame()
    expect(questions.length).toBe(2)
  })

  test('that was never wanted is asked by `refetch` alone, while somebody watches', async () => {
    const { socket, questions, status } = stage()
    const cell = requestCell(socket, 'name', 1, { enabled: false })
    await cell.get().refetch()
    const off = cell.subscribe(nothing)
    status.set({ state: 'connecting' })
    status.set({ state: 'open', resumed: false })
    await frame()
    expect([questions.length, shows(cell)]).toEqual([0, { pending: false, done: false }])
    void cell.get().refetch()
    await frame()
    expect([questions.length, shows(cell)]).toEqual([1, { pending: true, done: false }])
    // From then on it is wanted.
    questions[0]!.answer('item', 1)
    await frame()
    status.set({ state: 'connecting' })
    status.set({ state: 'open', resumed: false })
    await frame()
    expect(questions.length).toBe(2)
    off()
    await cell.get().refetch()
    expect(questions.length).toBe(2)
  })

  test('resolves `refetch` in any case', async () => {
    const { socket, questions } = stage()
    const cell = requestCell(socket, 'name', 1)
    const off = cell.subscribe(nothing)
    const all = [cell.get().refetch(), cell.get().refetch()]
    await frame()
    questions[0]!.answer('fail', new Error('no'))
    await Promise.all(all)
    const withdrawn = cell.get().refetch()
    await frame()
    off()
    await withdrawn
    expect(questions.length).toBe(2)
  })
})

describe('a stream', () => {
  test('keeps what it had until there is something new, or an end of nothing', async () => {
    const { socket, questions } = stage()
    const cell = streamCell(socket, 'name', 1, { history: 2 })
    cell.subscribe(nothing)
    await frame()
    for (const item of [1, 2, 3]) questions[0]!.answer('item', item)
    await frame()
    questions[0]!.answer('fail', lost())
    await frame()
    expect(shows(cell)).toEqual({ data: [2, 3], pending: true, done: false })
    questions[1]!.answer('item', 4)
    await frame()
    expect(shows(cell)).toEqual({ data: [4], pending: false, done: false })
    void cell.get().refetch()
    await frame()
    questions[2]!.answer('end', undefined)
    await frame()
    expect(shows(cell)).toEqual({ data: [], pending: false, done: true })
  })

  test('shows nothing of items and an end that came as it began anew', async () => {
    const { socket, questions } = stage()
    const cell = streamCell(socket, 'name', 1)
    cell.subscribe(nothing)
    await frame()
    questions[0]!.answer('item', 'former')
    questions[0]!.answer('end', undefined)
    void cell.get().refetch()
    await frame()
    expect([questions.length, shows(cell)]).toEqual([2, { pending: true, done: false }])
  })

  test('shows why it ended until it begins anew and something comes', async () => {
    const { socket, questions } = stage()
    const cell = streamCell(socket, 'name', 1)
    cell.subscribe(nothing)
    await frame()
    questions[0]!.answer('item', 1)
    questions[0]!.answer('fail', 'why')
    await frame()
    expect(shows(cell)).toEqual({ data: 1, error: 'why', pending: false, done: false })
    void cell.get().refetch()
    await frame()
    expect(shows(cell)).toEqual({ data: 1, error: 'why', pending: true, done: false })
    questions[1]!.answer('item', 2)
    await frame()
    expect(shows(cell)).toEqual({ data: 2, pending: false, done: false })
  })
})
