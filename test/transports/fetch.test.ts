import { afterEach, describe, expect, test, vi } from 'vitest'
import { fetchPost } from '../../src/transports/fetch.ts'
import type { PostEvents } from '../../src/transports/post.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const encoder = new TextEncoder()

/** A body that the test writes, and can break. */
const written = () => {
  let controller: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) })
  return {
    body,
    write: (...bytes: number[]) => controller.enqueue(new Uint8Array(bytes)),
    say: (text: string) => controller.enqueue(encoder.encode(text)),
    end: () => controller.close(),
    fail: () => controller.error(new TypeError('network error')),
  }
}

/** Posts with a `fetch` that answers so. */
const post = (
  answer: () => Response | Promise<Response>,
  {
    body = 'body',
    outlive = false,
    credentials = 'same-origin',
    priority,
  }: { body?: string; outlive?: boolean; credentials?: 'same-origin' | 'include'; priority?: 'low' } = {},
) => {
  const fetched: [url: string, init: RequestInit][] = []
  const told: unknown[] = []
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    fetched.push([url, init])
    return new Promise((resolve, reject) => {
      init.signal!.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
      Promise.resolve().then(answer).then(resolve, reject)
    })
  })
  const events: PostEvents = { text: (part) => told.push(part), done: (...how) => told.push(how) }
  const giveUp = fetchPost(credentials)('https://host/live?route=x', body, outlive, events, priority)
  const ended = (): Promise<void> => vi.waitFor(() => expect(told.some((one) => Array.isArray(one))).toBe(true))
  return { fetched, told, giveUp, ended }
}

describe('a request', () => {
  test('is one that browsers send without asking anybody in advance', async () => {
    const { fetched, told, ended } = post(() => new Response('text'))
    expect(told).toEqual([])
    await ended()
    const [[url, { signal, ...init }]] = fetched as [[string, RequestInit]]
    expect([url, signal?.aborted]).toEqual(['https://host/live?route=x', false])
    expect(init).toEqual({
      method: 'POST',
      headers: { accept: 'application/holdfast.v1' },
      body: 'body',
      keepalive: false,
      credentials: 'same-origin',
      priority: 'auto',
    })
  })

  test('goes behind others where connections are few, if it is told to', async () => {
    const { fetched, ended } = post(() => new Response(), { priority: 'low' })
    await ended()
    expect(fetched[0]![1].priority).toBe('low')
  })

  test('takes cookies to other origins only if it is told to', async () => {
    const { fetched, ended } = post(() => new Response(), { credentials: 'include' })
    await ended()
    expect(fetched[0]![1].credentials).toBe('include')
  })

  // 64 KiB are what browsers let outlive a page, and 19,999 characters of three bytes stay below that, with the headers.
  test.each([
    [true, 19_999, true],
    [true, 20_000, false],
    [false, 10, false],
  ])('outlive: %o, %i characters: keepalive is %o', async (outlive, length, keepalive) => {
    const { fetched, ended } = post(() => new Response(), { outlive, body: '水'.repeat(length) })
    await ended()
    expect(fetched[0]![1].keepalive).toBe(keepalive)
  })
})

describe('an answer', () => {
  test('is told as it comes', async () => {
    const { body, say, end } = written()
    const { told, ended } = post(() => new Response(body))
    say('one\n')
    await vi.waitFor(() => expect(told).toEqual(['one\n']))
    say('two\n')
    await vi.waitFor(() => expect(told).toEqual(['one\n', 'two\n']))
    end()
    await ended()
    expect(told.at(-1)).toEqual([200, '', undefined])
  })

  test('that is cut within a character is told without it', async () => {
    const { body, write, fail } = written()
    const { told, ended } = post(() => new Response(body))
    // The first two of three bytes.
    write(0x61, 0xe6, 0xb0)
    await vi.waitFor(() => expect(told).toEqual(['a']))
    fail()
    await ended()
    expect(told).toEqual(['a', [0, '']])
  })

  test('that is split within a character is told as it was', async () => {
    const { body, write, end } = written()
    const { told, ended } = post(() => new Response(body))
    write(0x61, 0xe6, 0xb0)
    write(0xb4, 0x0a)
    end()
    await ended()
    expect(told).toEqual(['a', '水\n', [200, '', undefined]])
  })

  test('that never came, or broke off before it began', async () => {
    const { told, ended } = post(() => Promise.reject(new TypeError('Failed to fetch')))
    await ended()
    expect(told).toEqual([[0, '']])
  })

  test('with another status is told as a whole', async () => {
    const { told, ended } = post(() => new Response('{"code":4409}\n', { status: 410 }))
    await ended()
    expect(told).toEqual([[410, '{"code":4409}\n', undefined]])
  })

  test.each([
    ['7', 7_000],
    ['0', undefined],
    ['', undefined],
    ['soon', undefined],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 2_000],
    ['Wed, 21 Oct 2015 07:27:50 GMT', undefined],
  ])('asks for patience: %o is %o ms', async (header, patience) => {
    vi.spyOn(Date, 'now').mockReturnValue(Date.UTC(2015, 9, 21, 7, 27, 58))
    const { told, ended } = post(() => new Response('', { status: 503, headers: { 'retry-after': header } }))
    await ended()
    expect(told).toEqual([[503, '', patience]])
  })
})

describe('given up', () => {
  test('before it is answered: nothing is told', async () => {
    const { fetched, told, giveUp } = post(() => new Promise(() => {}))
    giveUp()
    await new Promise(setImmediate)
    expect([fetched[0]![1].signal?.aborted, told]).toEqual([true, []])
  })

  test('amid the answer: nothing more is told', async () => {
    const { body, say, end } = written()
    const { told, giveUp } = post(() => new Response(body))
    say('one\n')
    await vi.waitFor(() => expect(told).toEqual(['one\n']))
    giveUp()
    say('two\n')
    end()
    await new Promise(setImmediate)
    expect(told).toEqual(['one\n'])
  })
})
