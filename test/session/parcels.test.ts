import { describe, expect, test } from 'vitest'
import type { ConnectOptions, HoldfastError, Lost, Progress, Receipt } from 'holdfast'
import type { ServerSession } from 'holdfast/server'
import { type Tab, type World, world, type WorldOptions } from 'holdfast/testing'
import { RequestError } from 'holdfast'

/** Bytes that are nowhere alike. */
const bytesOf = (length: number, seed = 1): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(length)
  for (let at = 0, state = seed; at < length; at++) bytes[at] = (state = (state * 1_103_515_245 + 12_345) >>> 0) >>> 24
  return bytes
}
const blobOf = (length: number, seed?: number): Blob => new Blob([bytesOf(length, seed)], { type: 'image/png' })

const contentOf = async (blob: unknown): Promise<Uint8Array> => new Uint8Array(await (blob as Blob).arrayBuffer())

interface Life {
  readonly here: World
  readonly tab: Tab
  /** What came to the server, oldest first; names of events with their data. */
  readonly came: [name: string, data: unknown][]
  readonly session: () => ServerSession
}
const live = async (options: WorldOptions = {}, client: ConnectOptions = {}): Promise<Life> => {
  const came: [string, unknown][] = []
  const sessions: ServerSession[] = []
  const here = world({
    serve: (core) =>
      void core.on('session', (session) => {
        sessions.push(session)
        for (const name of ['photo', 'say']) session.on(name, (data) => came.push([name, data]))
        session.handle('upload', async (input) => (await contentOf(input)).length)
        session.handle('download', (input) => ({ copy: blobOf(input as number), note: 'x' }))
        session.handle('refuse', () => {
          throw new RequestError('no', 'No.')
        })
      }),
    client: () => client,
    ...options,
  })
  await here.clock.advance(500)
  return { here, tab: here.tabs[0]!, came, session: () => sessions.at(-1)! }
}
/** Blobs are read in real time, of which the virtual clock knows nothing: it goes on in steps until then. */
const until = async ({ here }: Life, isDone: () => boolean, limit = 60_000): Promise<void> => {
  for (let time = 0; time < limit && !isDone(); time += 5) {
    await here.clock.advance(5)
    await new Promise(setImmediate)
  }
  if (!isDone()) throw new Error(`Nothing came of it within ${limit} ms.`)
}
const outcome = (receipt: Receipt): { what?: unknown } => {
  const found: { what?: unknown } = {}
  receipt.delivered.then(
    () => (found.what = 'delivered'),
    (error: unknown) => (found.what = (error as HoldfastError).code),
  )
  return found
}
const settled = async <T>(life: Life, promise: Promise<T>, limit?: number): Promise<T> => {
  let isDone = false
  const done = (): void => void (isDone = true)
  promise.then(done, done)
  await until(life, () => isDone, limit)
  return promise
}
describe('a message with Blobs', () => {
  test('arrives as it was sent, with its Blobs in their places, and once', async () => {
    const life = await live()
    const { tab, came } = life
    const file = new File([bytesOf(40_000)], 'cat.png', { type: 'image/png', lastModified: 1 })
    const data = { room: 1, file, more: [blobOf(3, 2), { deep: blobOf(100_000, 3) }], empty: new Blob([]), none: {} }
    const sent = outcome(tab.socket.send('photo', data))
    await until(life, () => sent.what !== undefined)
    expect([sent.what, came.length]).toEqual(['delivered', 1])
    const got = came[0]![1] as typeof data
    expect({ ...got, file: 0, more: 0, empty: 0 }).toEqual({ room: 1, file: 0, more: 0, empty: 0, none: {} })
    expect(got.file).toBeInstanceOf(File)
    expect([got.file.name, got.file.type, got.empty.size]).toEqual(['cat.png', 'image/png', 0])
    expect(await contentOf(got.file)).toEqual(bytesOf(40_000))
    const [small, { deep }] = got.more as [Blob, { deep: Blob }]
    expect([small.type, deep.type, small instanceof File]).toEqual(['image/png', 'image/png', false])
    expect([await contentOf(small), await contentOf(deep)]).toEqual([bytesOf(3, 2), bytesOf(100_000, 3)])
    expect([life.here.server.core.errors, tab.socket.errors]).toEqual([{}, {}])
  })

  test('may be a Blob as a whole, also one of several pieces of what is read at a time', async () => {
    const life = await live()
    const size = 3_000_001
    expect(await settled(life, life.tab.socket.request('upload', blobOf(size)))).toBe(size)
    life.tab.socket.send('photo', blobOf(size, 7))
    await until(life, () => life.came.length > 0)
    expect(await contentOf(life.came[0]![1])).toEqual(bytesOf(size, 7))
  })

  test('goes the other way, too: as an event, a question and an answer, whose progress is told', async () => {
    const life = await live()
    const { tab } = life
    const heard: Progress[] = []
    const answer = tab.socket.request('download', 500_000, { onDownloadProgress: (progress) => heard.push(progress) })
    const { copy, note } = (await settled(life, answer)) as { copy: Blob; note: string }
    expect([await contentOf(copy), note]).toEqual([bytesOf(500_000), 'x'])
    expect(heard.at(-1)).toEqual({ loaded: 500_000, total: 500_000 })
    expect(heard.map(({ loaded }) => loaded)).toEqual(heard.map((_, i) => Math.min(500_000, (i + 1) * 16_384)))
    const events: unknown[] = []
    tab.socket.on('picture', (data) => events.push(data))
    tab.socket.handle('measure', (input) => (input as Blob).size)
    life.session().send('picture', [blobOf(20_000)])
    expect(await settled(life, life.session().request('measure', blobOf(70_000)))).toBe(70_000)
    expect(await contentOf((events[0] as Blob[])[0])).toEqual(bytesOf(20_000))
  })

  test('is overtaken by messages without Blobs, and not by another one with them', async () => {
    const life = await live()
    const { tab, came } = life
    tab.socket.send('photo', { first: blobOf(200_000) })
    tab.socket.send('photo', { second: blobOf(10) })
    tab.socket.send('say', 'third')
    await until(life, () => came.length === 3)
    expect(came.map(([, data]) => (typeof data === 'string' ? data : Object.keys(data as object)[0]))).toEqual([
      'third',
      'first',
      'second',
    ])
  })

  test('tells how much has arrived', async () => {
    const life = await live()
    const heard: Progress[] = []
    const sent = outcome(
      life.tab.socket.send('photo', blobOf(50_000), { onUploadProgress: (progress) => heard.push(progress) }),
    )
    await until(life, () => sent.what !== undefined)
    expect(heard).toEqual([16_384, 32_768, 49_152, 50_000].map((loaded) => ({ loaded, total: 50_000 })))
  })

  test('and what hears of that may throw', async () => {
    const life = await live()
    const sent = outcome(
      life.tab.socket.send('photo', blobOf(20_000), {
        onUploadProgress: () => {
          throw new Error('mine')
        },
      }),
    )
    await until(life, () => sent.what !== undefined)
    expect([sent.what, life.tab.socket.errors]).toEqual(['delivered', { 'handler-failed': 2 }])
  })

  test('is waited for by flush(), and by close()', async () => {
    const life = await live()
    const { tab, came } = life
    tab.socket.send('photo', blobOf(100_000))
    await settled(life, tab.socket.flush())
    expect(came).toHaveLength(1)
    tab.socket.send('photo', blobOf(100_000))
    await settled(life, tab.socket.close())
    expect([came.length, tab.view.pending]).toEqual([2, 0])
  })

  test.each(['event', 'request'] as const)(
    'is not waited for if it is withdrawn, but those before it are: %s',
    async (kind) => {
      const life = await live({ conditions: { bandwidth: 200_000 } })
      const { tab, came } = life
      const controller = new AbortController()
      const { signal } = controller
      tab.socket.send('photo', blobOf(100_000))
      const withdrawn =
        kind === 'request'
          ? tab.socket.request('upload', blobOf(100_000), { signal })
          : tab.socket.send('photo', blobOf(100_000), { signal }).delivered
      const flushed = settled(life, tab.socket.flush())
      controller.abort()
      await expect(withdrawn).rejects.toThrow()
      await flushed
      expect(came).toHaveLength(1)
    },
  )

  test('goes to all in a room', async () => {
    const life = await live({ clients: 2 })
    const { here } = life
    const got: unknown[] = []
    for (const { socket } of here.tabs) socket.on('picture', (data) => got.push(data))
    for (const session of here.server.core.sessions) session.join('all')
    here.server.core.to('all').send('picture', blobOf(30_000))
    await until(life, () => got.length === 2)
    for (const blob of got) expect(await contentOf(blob)).toEqual(bytesOf(30_000))
  })
})

describe('small messages', () => {
  test('do not wait long behind a large one, on a slow line, and the line is used', async () => {
    const life = await live({ conditions: { bandwidth: 200_000, latency: 10 } })
    const { here, tab, came } = life
    const startedAt = here.clock.now()
    tab.socket.send('photo', blobOf(2_000_000))
    const delays: number[] = []
    await until(life, () => here.clock.now() > startedAt + 2_000)
    for (let count = 0; count < 20; count++) {
      const sentAt = here.clock.now()
      const before = came.length
      tab.socket.send('say', count)
      await until(life, () => came.length > before)
      delays.push(here.clock.now() - sentAt)
    }
    expect(Math.max(...delays)).toBeLessThan(400)
    await until(life, () => came.some(([name]) => name === 'photo'))
    expect(here.clock.now() - startedAt).toBeLessThan(14_000)
  })
})

describe('a carrier that dies midway', () => {
  test.each([['websocket'], ['http']] as const)('of %s costs no more than what was under way', async (transport) => {
    const life = await live({ conditions: { bandwidth: 500_000, latency: 10 } }, { transport })
    const { here, tab, came } = life
    const heard: number[] = []
    const sent = outcome(
      tab.socket.send('photo', blobOf(1_500_000), { onUploadProgress: ({ loaded }) => heard.push(loaded) }),
    )
    for (let cuts = 0; cuts < 3; cuts++) {
      const before = heard.length
      await until(life, () => heard.length > before + 10)
      here.network.cut()
    }
    await until(life, () => sent.what !== undefined)
    expect([sent.what, came.length]).toEqual(['delivered', 1])
    expect(await contentOf(came[0]![1])).toEqual(bytesOf(1_500_000))
    // Never back to the beginning: each byte is told once.
    expect(heard).toEqual([...new Set(heard)].toSorted((a, b) => a - b))
    expect(here.server.core.errors).toEqual({})
  })
})

describe('a message with Blobs that is given up', () => {
  test.each(['before', 'midway'])('%s is forgotten by both sides, and the next one goes', async (when) => {
    const life = await live({ conditions: { bandwidth: 200_000 } })
    const { here, tab, came } = life
    const controller = new AbortController()
    const heard: Progress[] = []
    const options = { signal: controller.signal, onUploadProgress: (progress: Progress) => heard.push(progress) }
    const sent = outcome(tab.socket.send('photo', blobOf(1_000_000), options))
    const next = outcome(tab.socket.send('photo', { next: blobOf(20_000) }))
    if (when === 'midway') await until(life, () => heard.length > 5)
    controller.abort()
    await until(life, () => next.what !== undefined)
    expect([sent.what, next.what]).toEqual(['aborted', 'delivered'])
    expect(came.map(([, data]) => Object.keys(data as object))).toEqual([['next']])
    expect(here.server.core.errors).toEqual({})
    expect(tab.socket.bufferedAmount).toBe(0)
  })

  test('frees what the other side has of it', async () => {
    const life = await live()
    const controller = new AbortController()
    let loaded = 0
    const options = { signal: controller.signal, onUploadProgress: (progress: Progress) => (loaded = progress.loaded) }
    const asked = life.tab.socket.request('upload', blobOf(4_000_000), options).catch((error: unknown) => error)
    await until(life, () => loaded > 100_000)
    controller.abort('enough')
    expect(await asked).toBe('enough')
    await life.here.clock.advance(3_000)
    expect(life.tab.socket.bufferedAmount).toBe(0)
    // An answer that nobody waits for any more is given up by who gives it.
    const other = new AbortController()
    let came = 0
    const wanted = life.tab.socket
      .request('download', 4_000_000, {
        signal: other.signal,
        onDownloadProgress: (progress) => (came = progress.loaded),
      })
      .catch((error: unknown) => error)
    await until(life, () => came > 100_000)
    other.abort('enough')
    expect(await wanted).toBe('enough')
    await until(life, () => life.session().bufferedAmount === 0)
    expect(came).toBeLessThan(4_000_000)
    expect([life.tab.socket.errors, life.here.server.core.errors]).toEqual([{}, {}])
  })

  test('because it cannot be read says so, and those behind it go', async () => {
    const life = await live()
    class Broken extends Blob {
      override slice(): Blob {
        return Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error('the file is gone')) })
      }
    }
    const { Blob: Original } = globalThis
    const told: string[] = []
    life.tab.socket.onError(({ code, message }) => told.push(`${code}: ${message}`))
    globalThis.Blob = class extends Original {
      constructor(parts?: BlobPart[], options?: BlobPropertyBag) {
        super(parts, options)
        if (parts?.[0] instanceof Broken) return new Broken(parts, options)
      }
    }
    try {
      const sent = outcome(life.tab.socket.send('photo', new Broken(['x'])))
      const next = outcome(life.tab.socket.send('say', blobOf(5)))
      await until(life, () => next.what !== undefined)
      expect([sent.what, next.what, told]).toEqual([
        'unserializable',
        'delivered',
        ['unserializable: A Blob cannot be read: the file is gone.'],
      ])
    } finally {
      globalThis.Blob = Original
    }
  })
})

describe('a lost session', () => {
  test('begins a message anew that was not there yet', async () => {
    const life = await live({ conditions: { bandwidth: 200_000 } })
    const { here, tab, came } = life
    const lost: Lost[] = []
    tab.socket.onLost((what) => lost.push(what))
    let loaded = 0
    const sent = outcome(
      tab.socket.send('photo', blobOf(600_000), { onUploadProgress: (progress) => (loaded = progress.loaded) }),
    )
    await until(life, () => loaded > 100_000)
    here.restart()
    await until(life, () => sent.what !== undefined)
    expect([sent.what, came.length]).toEqual(['delivered', 1])
    expect(await contentOf(came[0]![1])).toEqual(bytesOf(600_000))
    expect(lost).toMatchObject([{ inDoubt: [], unsent: [] }])
  })

  test('tells of one that was there, and not acknowledged, with its Blobs', async () => {
    const life = await live({}, { inDoubt: 'reject' })
    const { here, tab, came } = life
    const lost: Lost[] = []
    tab.socket.onLost((what) => lost.push(what))
    const blob = blobOf(20_000)
    const sent = outcome(tab.socket.send('photo', { room: 1, blob }))
    await until(life, () => came.length > 0)
    here.restart()
    await until(life, () => sent.what !== undefined)
    expect(sent.what).toBe('in-doubt')
    expect(lost).toMatchObject([{ inDoubt: [{ name: 'photo', data: { room: 1 }, resent: false }] }])
    expect((lost[0]!.inDoubt[0]!.data as { blob: Blob }).blob).toBe(blob)
  })

  test('asks again what may be asked again', async () => {
    const life = await live({ conditions: { bandwidth: 200_000 } })
    let loaded = 0
    const onUploadProgress = (progress: Progress): void => void (loaded = progress.loaded)
    const asked = life.tab.socket.request('upload', blobOf(300_000), { idempotent: true, onUploadProgress })
    await until(life, () => loaded > 100_000)
    life.here.restart()
    expect(await settled(life, asked)).toBe(300_000)
  })
})

describe('what cannot be', () => {
  test.each([
    ['volatile', { volatile: true }],
    ['of which only the latest counts', { latest: 'photo' }],
  ])('a message with Blobs that is %s', async (_, options) => {
    const { tab } = await live()
    expect(() => tab.socket.send('photo', blobOf(1), options)).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    )
  })

  test('more bytes than the other side takes, as soon as that is known', async () => {
    const life = await live({ server: { limits: { blobBytes: 10_000 } } }, { maxBlobBytes: 20_000 })
    const { tab, here } = life
    expect(() => tab.socket.send('photo', blobOf(10_001))).toThrow(expect.objectContaining({ code: 'too-large' }))
    expect(() => life.session().send('photo', blobOf(20_001))).toThrow(expect.objectContaining({ code: 'too-large' }))
    const early = outcome(here.open('b').socket.send('photo', blobOf(10_001)))
    const fits = outcome(tab.socket.send('photo', blobOf(10_000)))
    await until(life, () => early.what !== undefined && fits.what !== undefined)
    expect([early.what, fits.what, life.came.length]).toEqual(['too-large', 'delivered', 1])
    // Its handler gave more than may be sent.
    const asked = tab.socket.request('download', 20_001).catch((error: unknown) => (error as HoldfastError).code)
    expect(await settled(life, asked)).toBe('handler-failed')
  })

  test('one whose time has run out before its turn', async () => {
    const life = await live({ conditions: { bandwidth: 100_000 } })
    const first = outcome(life.tab.socket.send('photo', blobOf(500_000), { ttl: 100 }))
    const second = outcome(life.tab.socket.send('photo', blobOf(10), { ttl: 1_000 }))
    await until(life, () => second.what !== undefined && first.what !== undefined)
    expect([first.what, second.what]).toEqual(['delivered', 'expired'])
  })

  test('more of them than the outbox takes messages', async () => {
    const { tab } = await live({}, { outbox: { maxMessages: 3 } })
    for (let count = 0; count < 3; count++) tab.socket.send('photo', blobOf(1_000_000))
    expect(() => tab.socket.send('photo', blobOf(1))).toThrow(expect.objectContaining({ code: 'overflow' }))
  })

  test('an item of a stream', async () => {
    const life = await live()
    life.session().handleStream('blobs', () => [blobOf(1)])
    const next = life.tab.socket
      .stream('blobs')
      .next()
      .catch((error: unknown) => (error as HoldfastError).code)
    expect(await settled(life, next)).toBe('handler-failed')
  })
})

test('what moves does not time out', async () => {
  const life = await live({ conditions: { bandwidth: 50_000 } })
  const asked = life.tab.socket.request('upload', blobOf(400_000), { timeout: 2_000 })
  expect(await settled(life, asked)).toBe(400_000)
  const wanted = life.tab.socket.request('download', 400_000, { timeout: 2_000 })
  expect(((await settled(life, wanted)) as { copy: Blob }).copy.size).toBe(400_000)
})

test('a small outbox, and a server that keeps little for a client, are no obstacle', async () => {
  const life = await live(
    { server: { limits: { bufferedBytes: 1_024, rate: 10 } } },
    { outbox: { maxBytes: 2_000, maxMessages: 2 } },
  )
  const { tab } = life
  expect(await settled(life, tab.socket.request('upload', blobOf(600_000)))).toBe(600_000)
  const answer = (await settled(life, tab.socket.request('download', 60_000))) as { copy: Blob }
  expect(await contentOf(answer.copy)).toEqual(bytesOf(60_000))
  expect(life.here.server.core.errors).toEqual({})
})
