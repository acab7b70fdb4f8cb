import { describe, expect, test } from 'vitest'
import { from as observable, map, take, takeUntil, timer } from 'rxjs'
import { type HoldfastError, type Socket, from } from 'holdfast'
import { type World, world } from 'holdfast/testing'
import { createShared } from '../src/share.ts'
import { stage } from './wire/stage.ts'

interface Chat {
  toServer: { close: undefined }
  toClient: { said: string; counted: number }
}

interface Life {
  readonly here: World<Chat>
  readonly socket: Socket<Chat>
}

const live = async (): Promise<Life> => {
  const here: World<Chat> = world<Chat>({
    serve: (core) =>
      void core.on('session', (session) => {
        session.on('close', () => session.close({ code: 4403, reason: 'no' }))
      }),
  })
  await here.clock.advance(500)
  return { here, socket: here.tabs[0]!.socket }
}

/** The server says it, and it arrives. */
const say = async ({ here }: Pick<Life, 'here'>, ...texts: readonly string[]): Promise<void> => {
  for (const session of here.server.core.sessions) for (const text of texts) session.send('said', text)
  await here.clock.advance(100)
}
const close = async ({ here, socket }: Life): Promise<void> => {
  await Promise.all([socket.close(), here.clock.advance(1_000)])
}
/** The server closes it for good. */
const expel = async ({ here, socket }: Life): Promise<void> => {
  socket.send('close')
  await here.clock.advance(1_000)
}

/** An observer, and what it was told. */
const observing = () => {
  const told: string[] = []
  return {
    told,
    next: (text: string): void => void told.push(text),
    error: (error: unknown): void => void told.push((error as HoldfastError).code),
    complete: (): void => void told.push('(complete)'),
  }
}

/** Reads to the end, and how that was. */
const readAll = async (items: AsyncIterable<unknown>): Promise<unknown[]> => {
  const all: unknown[] = []
  try {
    for await (const item of items) all.push(item)
    all.push('(complete)')
  } catch (error) {
    all.push((error as HoldfastError).code)
  }
  return all
}

describe('events as an Observable', () => {
  test('are told as they come, from then on, to each observer', async () => {
    const life = await live()
    const said = from(life.socket, 'said')
    await say(life, 'before')
    const [first, second] = [observing(), observing()]
    said.subscribe(first)
    await say(life, 'one')
    const { unsubscribe } = said.subscribe(second.next)
    await say(life, 'two')
    unsubscribe()
    unsubscribe()
    await say(life, 'three')
    expect([first.told, second.told]).toEqual([['one', 'two', 'three'], ['two']])
  })

  test('are complete when the socket is closed, once', async () => {
    const life = await live()
    const [early, late] = [observing(), observing()]
    from(life.socket, 'said').subscribe(early)
    await close(life)
    from(life.socket, 'said').subscribe(late)
    await close(life)
    expect([early.told, late.told]).toEqual([['(complete)'], ['(complete)']])
  })

  test('fail with what closed the socket where nobody here did', async () => {
    const life = await live()
    const [early, late] = [observing(), observing()]
    from(life.socket, 'said').subscribe(early)
    await expel(life)
    from(life.socket, 'said').subscribe(late)
    const { state, cause } = life.socket.status.get()
    expect([state, early.told, late.told]).toEqual(['closed', [cause!.code], [cause!.code]])
  })

  test('go on through reconnects', async () => {
    const life = await live()
    const observer = observing()
    from(life.socket, 'said').subscribe(observer)
    life.here.network.offline()
    await say(life, 'one')
    life.here.network.online()
    await life.here.clock.advance(5_000)
    life.here.restart()
    await life.here.clock.advance(20_000)
    await say(life, 'two')
    expect(observer.told).toEqual(['one', 'two'])
  })

  test('need an observer for nothing but what it wants to know', async () => {
    const life = await live()
    from(life.socket, 'said').subscribe({})
    await say(life, 'one')
    await expel(life)
    expect(life.here.tabs[0]!.reported).toEqual([])
  })

  test('reach the others where an observer throws', async () => {
    const life = await live()
    const bug = new Error('bug')
    const thrower = (): void => {
      throw bug
    }
    const other = observing()
    from(life.socket, 'said').subscribe({ next: thrower, complete: thrower })
    from(life.socket, 'said').subscribe(other)
    await say(life, 'one')
    await close(life)
    expect([other.told, life.here.tabs[0]!.reported]).toEqual([
      ['one', '(complete)'],
      [bug, bug],
    ])
  })
})

describe('RxJS', () => {
  test('takes them, its operators, and their end', async () => {
    const life = await live()
    const [all, one] = [observing(), observing()]
    const shouts = observable(from(life.socket, 'said')).pipe(map((text) => text.toUpperCase()))
    shouts.subscribe(all)
    shouts.pipe(take(1)).subscribe(one)
    await say(life, 'one', 'two')
    await close(life)
    expect([all.told, one.told]).toEqual([
      ['ONE', 'TWO', '(complete)'],
      ['ONE', '(complete)'],
    ])
  })

  test('is told why they failed', async () => {
    const life = await live()
    const observer = observing()
    observable(from(life.socket, 'said')).subscribe(observer)
    await expel(life)
    expect(observer.told).toEqual([life.socket.status.get().cause!.code])
  })

  test('lets go when it has unsubscribed', async () => {
    const life = await live()
    const observer = observing()
    const subscription = observable(from(life.socket, 'said')).subscribe(observer)
    subscription.unsubscribe()
    await say(life, 'one')
    await close(life)
    expect(observer.told).toEqual([])
    expect(life.socket.errors).toEqual({ 'unknown-event': 1 })
  })

  test('may tell it when to end', async () => {
    const life = await live()
    const observer = observing()
    const until = observable(from(life.socket, 'counted'))
    observable(from(life.socket, 'said'))
      .pipe(takeUntil(until), takeUntil(timer(60_000)))
      .subscribe(observer)
    await say(life, 'one')
    for (const session of life.here.server.core.sessions) session.send('counted', 1)
    await say(life, 'two')
    expect(observer.told).toEqual(['one', '(complete)'])
  })
})

describe('events as an AsyncIterable', () => {
  test('come one by one, from the first that is asked for, until the socket is closed', async () => {
    const life = await live()
    const said = from(life.socket, 'said')
    await say(life, 'before')
    const reading = readAll(said)
    await say(life, 'one', 'two')
    await say(life, 'three')
    await close(life)
    expect(await reading).toEqual(['one', 'two', 'three', '(complete)'])
    expect(await readAll(said)).toEqual(['(complete)'])
  })

  test('end with what closed the socket, after all that came', async () => {
    const life = await live()
    const items = from(life.socket, 'said')[Symbol.asyncIterator]()
    const first = items.next()
    await say(life, 'one', 'two')
    await expel(life)
    expect([await first, await items.next()].map(({ value }) => value as unknown)).toEqual(['one', 'two'])
    await expect(items.next()).rejects.toBe(life.socket.status.get().cause)
    expect(await items.next()).toEqual({ done: true, value: undefined })
    expect(await readAll(from(life.socket, 'said'))).toEqual([life.socket.status.get().cause!.code])
  })

  test('are heard no more after a break', async () => {
    const life = await live()
    const read = async (): Promise<string> => {
      for await (const text of from(life.socket, 'said')) return text
      return '(complete)'
    }
    const reading = read()
    await say(life, 'one')
    expect(await reading).toBe('one')
    await say(life, 'two')
    expect(life.socket.errors).toEqual({ 'unknown-event': 1 })
  })

  test('can be left while the next is waited for', async () => {
    const life = await live()
    const items = from(life.socket, 'said')[Symbol.asyncIterator]()
    const next = items.next()
    expect(await items.return!()).toEqual({ done: true, value: undefined })
    expect([await next, await items.next()]).toEqual(
      Array.from({ length: 2 }, () => ({ done: true, value: undefined })),
    )
    await say(life, 'one')
    expect(life.socket.errors).toEqual({ 'unknown-event': 1 })
  })

  test('are heard by nobody where nothing was asked for', async () => {
    const life = await live()
    const items = from(life.socket, 'said')[Symbol.asyncIterator]()
    await say(life, 'one')
    expect(await items.return!()).toEqual({ done: true, value: undefined })
    expect(await items.next()).toEqual({ done: true, value: undefined })
    expect(life.socket.errors).toEqual({ 'unknown-event': 1 })
  })

  test('are no buffer without bounds: a reader that falls behind is told, after what there was', async () => {
    const listeners: ((data: number) => void)[] = []
    let isHeard = true
    const source = {
      status: { get: () => ({ state: 'open' }), subscribe: () => () => {} },
      on: (_: string, listener: (data: number) => void) => {
        listeners.push(listener)
        return () => (isHeard = false)
      },
    }
    const items = from<Chat, 'counted'>(source as object, 'counted')[Symbol.asyncIterator]()
    const first = items.next()
    for (let count = 0; count < 65_536; count++) listeners[0]!(count)
    expect(isHeard).toBe(true)
    listeners[0]!(65_536)
    expect([await first, isHeard]).toEqual([{ done: false, value: 0 }, false])
    const rest = await readAll({ [Symbol.asyncIterator]: () => items })
    expect([rest.length, rest.at(-2), rest.at(-1)]).toEqual([65_537, 65_536, 'overflow'])
  })
})

describe('a shared socket', () => {
  const sharing = () => {
    const here: World<Chat> = world<Chat>({ clients: 0 })
    let opened = 0
    const open = (): Socket<Chat> => here.open(`page ${opened++}`).socket
    const shared = { clock: here.clock, report: () => {}, held: new Set<object>() }
    const socket = createShared(open, {}, shared)
    const state = (): string => socket.status.get().state
    return { here, socket, state }
  }

  test('is used by subscriptions, and by nothing before them', async () => {
    const { here, socket, state } = sharing()
    const said = from(socket, 'said')
    const rx = observable(said)
    await here.clock.advance(2_000)
    expect(state()).toBe('idle')
    const [plain, piped] = [said.subscribe(() => {}), rx.subscribe()]
    await here.clock.advance(500)
    plain.unsubscribe()
    await here.clock.advance(2_000)
    expect(state()).toBe('open')
    piped.unsubscribe()
    await here.clock.advance(2_000)
    expect(state()).toBe('idle')
  })

  test('is used by an iteration, until its break', async () => {
    const { here, socket, state } = sharing()
    const items = from(socket, 'said')[Symbol.asyncIterator]()
    await here.clock.advance(500)
    expect(state()).toBe('idle')
    const next = items.next()
    await here.clock.advance(5_000)
    await say({ here }, 'one')
    expect([(await next).value, state()]).toEqual(['one', 'open'])
    await items.return!()
    await here.clock.advance(2_000)
    expect(state()).toBe('idle')
  })

  test('is let go of by all once it was closed, though they throw', async () => {
    const { here, socket, state } = sharing()
    const bug = new Error('bug')
    const complete = (): void => {
      throw bug
    }
    const hold = socket.on('said', () => {})
    from(socket, 'said').subscribe({ complete })
    await here.clock.advance(500)
    await Promise.all([socket.close(), here.clock.advance(100)])
    expect(() => from(socket, 'said').subscribe({ complete })).toThrow(bug)
    hold()
    expect(state()).toBe('closed')
    await here.clock.advance(2_000)
    expect(state()).toBe('idle')
  })

  test('is not heard any more by those who were told of its end, though that opens it anew', async () => {
    const { here, socket, state } = sharing()
    const observer = observing()
    const complete = (): void => {
      observer.complete()
      socket.reconnect()
    }
    from(socket, 'said').subscribe({ ...observer, complete })
    socket.on('said', () => {})
    await here.clock.advance(500)
    await Promise.all([socket.close(), here.clock.advance(1_000)])
    await say({ here }, 'later')
    await Promise.all([socket.close({ timeout: 10 }), here.clock.advance(100)])
    expect(observer.told).toEqual(['(complete)'])
    from(socket, 'said').subscribe({ ...observer, complete })
    await here.clock.advance(500)
    await say({ here }, 'later')
    expect([observer.told, state()]).toEqual([['(complete)', '(complete)'], 'open'])
  })
})

test('a socket that speaks another server’s protocol has events, too', async () => {
  const self = stage()
  const { socket, pass } = self
  const observer = { told: [] as unknown[], next: (data: unknown) => void observer.told.push(data) }
  from(socket, 'tick').subscribe(observer)
  const reading = readAll(from(socket, 'tick'))
  await pass()
  self.peer.say({ type: 'tick', price: 1 })
  await pass()
  await Promise.all([socket.close(), pass()])
  expect([observer.told, await reading]).toEqual([
    [{ type: 'tick', price: 1 }],
    [{ type: 'tick', price: 1 }, '(complete)'],
  ])
})
