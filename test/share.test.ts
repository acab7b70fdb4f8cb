import { afterEach, describe, expect, test, vi } from 'vitest'
import { HoldfastError, type Socket } from 'holdfast'
import { type World, world } from 'holdfast/testing'
import { type ShareOptions, createShared, shareBy } from '../src/share.ts'

interface Chat {
  toServer: { say: string }
  toClient: { said: string }
  requests: { double: (number: number) => number; never: () => void }
  streams: { count: (to: number) => number }
  serverRequests: { name: () => string }
}

interface Life {
  readonly here: World<Chat>
  /** What everybody uses. */
  readonly socket: Socket<Chat>
  /** The sockets that were opened for it, oldest first. */
  readonly opened: Socket<Chat>[]
  /** What the server was told, session by session. */
  readonly heard: string[]
  readonly held: Set<object>
  readonly reported: unknown[]
}

const live = (options: ShareOptions = {}): Life => {
  const heard: string[] = []
  const here: World<Chat> = world<Chat>({
    clients: 0,
    serve: (core) =>
      void core.on('session', (session) => {
        session.on('say', (text) => void heard.push(text))
        session.onEnd(() => void heard.push('(gone)'))
        session.handle('double', (number) => 2 * number)
        session.handle('never', () => new Promise(() => {}))
        session.handleStream('count', function* (to) {
          for (let number = 1; number <= to; number++) yield number
        })
      }),
  })
  const opened: Socket<Chat>[] = []
  const held = new Set<object>()
  const reported: unknown[] = []
  const open = (): Socket<Chat> => {
    const { socket } = here.open(`page ${opened.length}`)
    opened.push(socket)
    return socket
  }
  const report = (error: unknown): void => void reported.push(error)
  const socket = createShared(open, options, { clock: here.clock, report, held })
  return { here, socket, opened, heard, held, reported }
}

const nothing = (): void => {}
const state = ({ socket }: Pick<Life, 'socket'>): string => socket.status.get().state
/** The server says it to all sessions. */
const say = ({ here }: Life, text: string): void => {
  for (const session of here.server.core.sessions) session.send('said', text)
}

describe('a shared socket', () => {
  test('does nothing before somebody uses it, and can be read', async () => {
    const life = live()
    const { socket, here, opened } = life
    socket.onError(nothing)
    socket.onLost(nothing)
    socket.reconnect()
    await Promise.all([socket.flush(), socket.close(), here.clock.advance(5_000)])
    expect([opened.length, state(life), socket.bufferedAmount, socket.errors]).toEqual([0, 'idle', 0, {}])
  })

  test.each<[string, (socket: Socket<Chat>) => unknown]>([
    ['listens', (socket) => socket.on('said', nothing)],
    ['listens once', (socket) => socket.once('said', nothing)],
    ['watches the status', (socket) => socket.status.subscribe(nothing)],
    ['handles requests', (socket) => socket.handle('name', () => 'me')],
    ['sends', (socket) => socket.send('say', 'hello')],
    ['asks', (socket) => socket.request('double', 2)],
    ['iterates', (socket) => socket.stream('count', 2).next()],
  ])('is opened when the first one %s', async (_, use) => {
    const life = live()
    void use(life.socket)
    expect([life.opened.length, state(life), life.held.size]).toEqual([1, 'connecting', 1])
    await life.here.clock.advance(500)
    expect([life.opened.length, state(life)]).toEqual([1, 'open'])
  })

  test('is one for all, and is closed a second after the last one let go', async () => {
    const life = live()
    const { socket, here, opened, heard, held } = life
    const offs = [socket.on('said', nothing), socket.on('said', nothing), socket.status.subscribe(nothing)]
    await here.clock.advance(500)
    for (const off of offs) off()
    await here.clock.advance(990)
    expect([state(life), held.size]).toEqual(['open', 1])
    await here.clock.advance(200)
    expect([state(life), held.size, opened.length]).toEqual(['idle', 0, 1])
    expect([heard, opened[0]!.status.get()]).toMatchObject([['(gone)'], { state: 'closed', cause: null }])
    expect(here.tabs[0]!.view.pending).toBe(0)
  })

  test('stays where one comes while it lingers, as after StrictMode’s first mount or a change of route', async () => {
    const { socket, here, opened } = live()
    for (let mount = 0; mount < 5; mount++) {
      const off = socket.on('said', nothing)
      await here.clock.advance(300)
      off()
      await here.clock.advance(900)
    }
    expect([opened.length, socket.status.get().state]).toEqual([1, 'open'])
  })

  test('counts each one once, however often it lets go', async () => {
    const life = live()
    const off = life.socket.on('said', nothing)
    life.socket.on('said', nothing)
    off()
    off()
    await life.here.clock.advance(5_000)
    expect(state(life)).toBe('open')
  })

  test('lingers as long as it is told', async () => {
    const life = live({ linger: 5_000 })
    life.socket.on('said', nothing)()
    await life.here.clock.advance(4_900)
    expect(state(life)).toBe('open')
    await life.here.clock.advance(300)
    expect(state(life)).toBe('idle')
  })

  test('is opened anew for those who come later', async () => {
    const life = live()
    const { socket, here, opened } = life
    const heard: string[] = []
    socket.on('said', nothing)()
    await here.clock.advance(2_000)
    socket.on('said', (text) => heard.push(text))
    await here.clock.advance(500)
    say(life, 'hello')
    await here.clock.advance(500)
    expect([opened.length, state(life), heard]).toEqual([2, 'open', ['hello']])
  })

  test('is opened anew at once where it was closed for good, for those who come when nobody uses it', async () => {
    const life = live()
    const { socket, here, opened } = life
    const off = [socket.on('said', nothing), socket.on('said', nothing)]
    await here.clock.advance(500)
    for (const session of here.server.core.sessions) session.close()
    await here.clock.advance(100)
    off[0]!()
    socket.on('said', nothing)()
    expect([opened.length, state(life)]).toEqual([1, 'closed'])
    off[1]!()
    socket.on('said', nothing)
    await here.clock.advance(5_000)
    expect([opened.length, state(life)]).toEqual([2, 'open'])
  })

  test('is left only when what was said has arrived, however long that takes', async () => {
    const life = live()
    const { socket, here, heard } = life
    socket.on('said', nothing)()
    await here.clock.advance(500)
    here.network.offline()
    socket.send('say', 'at last')
    await here.clock.advance(60_000)
    expect([state(life), heard]).toEqual(['paused', []])
    here.network.online()
    await here.clock.advance(5_000)
    expect([state(life), heard]).toEqual(['idle', ['at last', '(gone)']])
  })

  test('is not left by those who came while it waited for that', async () => {
    const life = live()
    const { socket, here, opened } = life
    socket.send('say', 'hello')
    here.network.offline()
    await here.clock.advance(2_000)
    const off = socket.on('said', nothing)
    off()
    here.network.online()
    // The flush of before ends now; the one who came has only just let go.
    await here.clock.runUntil(() => socket.bufferedAmount === 0)
    await here.clock.advance(100)
    expect([state(life), opened.length]).toEqual(['open', 1])
    await here.clock.advance(2_000)
    expect(state(life)).toBe('idle')
  })

  test('answers questions and streams, and is used for as long', async () => {
    const life = live()
    const { socket, here } = life
    const items: number[] = []
    const read = async (): Promise<void> => {
      for await (const item of socket.stream('count', 3)) items.push(item)
    }
    const [answer] = await Promise.all([socket.request('double', 21), read(), here.clock.advance(1_000)])
    expect([answer, items, state(life)]).toEqual([42, [1, 2, 3], 'open'])
    await here.clock.advance(1_500)
    expect(state(life)).toBe('idle')
    const waiting = socket.request('never', undefined, { timeout: 8_000 }).catch((error: unknown) => error)
    await here.clock.advance(7_900)
    expect(state(life)).toBe('open')
    const [why] = await Promise.all([waiting, here.clock.advance(2_000)])
    expect([why, state(life)]).toMatchObject([{ code: 'timeout' }, 'idle'])
  })

  test('is not used by a stream that nobody reads, or that was left', async () => {
    const life = live()
    const { socket, here, opened } = life
    const unread = socket.stream('count', 3)
    expect(await unread.return!()).toEqual({ done: true, value: undefined })
    expect(await unread.next()).toEqual({ done: true, value: undefined })
    expect(opened).toEqual([])
    const left = socket.stream('count', 3)
    const [first] = await Promise.all([left.next(), here.clock.advance(500)])
    await left.return!()
    await here.clock.advance(2_000)
    expect([first.value, state(life)]).toEqual([1, 'idle'])
  })

  test('tells of errors and of what was lost without being used by whoever wants to know', async () => {
    const life = live()
    const { socket, here } = life
    const told: unknown[] = []
    socket.onError(({ code }) => told.push(code))
    socket.onLost(({ inDoubt, unsent }) => told.push([...inDoubt, ...unsent].map(({ data }) => data)))
    const off = socket.on('said', () => {
      throw new Error('in a listener')
    })
    await here.clock.advance(500)
    say(life, 'hello')
    await here.clock.advance(500)
    here.network.offline()
    socket.send('say', 'never')
    off()
    await Promise.all([socket.close({ timeout: 100 }), here.clock.advance(2_500)])
    expect([told, state(life)]).toEqual([['handler-failed', ['never']], 'idle'])
  })

  test('stays closed once it was closed, until it is told to connect, or all have let go', async () => {
    const life = live()
    const { socket, here, opened } = life
    const heard: string[] = []
    const off = socket.on('said', (text) => heard.push(text))
    await Promise.all([socket.close(), here.clock.advance(5_000)])
    expect([state(life), opened.length]).toEqual(['closed', 1])
    expect(() => socket.send('say', 'hello')).toThrow(HoldfastError)
    socket.reconnect()
    await here.clock.advance(500)
    say(life, 'again')
    await here.clock.advance(500)
    expect([state(life), opened.length, heard]).toEqual(['open', 2, ['again']])
    await Promise.all([socket.close(), here.clock.advance(500)])
    off()
    await here.clock.advance(2_000)
    expect(state(life)).toBe('idle')
  })

  test('hears an event once where it is to, also of the next socket', async () => {
    const life = live()
    const heard: string[] = []
    life.socket.once('said', (text) => heard.push(text))
    await Promise.all([life.socket.close(), life.here.clock.advance(1_000)])
    life.socket.reconnect()
    await life.here.clock.advance(500)
    say(life, 'one')
    say(life, 'two')
    await life.here.clock.advance(500)
    expect(heard).toEqual(['one'])
  })

  test('asks its users nothing that they did not allow: one handler for a name, and what was refused uses nothing', async () => {
    const life = live()
    const off = life.socket.handle('name', () => 'me')
    expect(() => life.socket.handle('name', () => 'you')).toThrow('"name" has a handler')
    expect(() => life.socket.status.subscribe(() => { throw new Error('mine') })).toThrow('mine') // prettier-ignore
    off()
    await life.here.clock.advance(2_000)
    expect(state(life)).toBe('idle')
  })

  test('gives whoever uses it what `open` throws, and can be tried again', () => {
    let isBroken = true
    const { socket: works } = live()
    const open = (): Socket<Chat> => {
      if (isBroken) throw new HoldfastError('invalid-option', 'There is no option.')
      return works
    }
    const world = { clock: { after: () => nothing }, report: nothing, held: new Set<object>() }
    const socket = createShared(open, {}, world)
    expect(() => socket.on('said', nothing)).toThrow('There is no option')
    expect(() => socket.send('say', 'x')).toThrow('There is no option')
    isBroken = false
    socket.on('said', nothing)
    expect(socket.status.get().state).toBe('connecting')
  })

  test.each([
    [{ linger: -1 }, '`linger` must be a number, not negative.'],
    [{ linger: 'long' }, '`linger` must be a number, not negative.'],
    [{ lingers: 1 }, 'There is no option `lingers`. Did you mean `linger`?'],
  ])('refuses %j', (options, complaint) => {
    expect(() => live(options as ShareOptions)).toThrow(complaint)
  })
})

describe('shared sockets by key', () => {
  afterEach(() => void vi.unstubAllGlobals())

  /** The engine collects what nobody holds when the test says so, and tells of it when it says so. */
  const rooms = () => {
    const collected = new Set<unknown>()
    const refs: unknown[] = []
    let tell: (key: string) => void = nothing
    vi.stubGlobal(
      'WeakRef',
      class {
        readonly target: unknown
        constructor(target: unknown) {
          this.target = target
        }
        deref(): unknown {
          refs.push(this.target)
          return collected.has(this.target) ? undefined : this.target
        }
      },
    )
    vi.stubGlobal(
      'FinalizationRegistry',
      class {
        register(): void {}
        constructor(forget: (key: string) => void) {
          tell = forget
        }
      },
    )
    const open = vi.fn<(key: string) => Socket<Chat>>(() => live().socket)
    return { roomOf: shareBy(open, { linger: 1e6 }), open, collected, refs, tell: (key: string) => tell(key) }
  }

  test('are the same object for the same key, and opened for it by their first user', () => {
    const { roomOf, open } = rooms()
    const one = roomOf('one')
    expect([roomOf('one') === one, roomOf('other') === one, open.mock.calls]).toEqual([true, false, []])
    one.on('said', nothing)
    roomOf('one').on('said', nothing)
    expect(open.mock.calls).toEqual([['one']])
  })

  test('are made anew once nobody holds them, whenever the engine tells of that', () => {
    const { roomOf, collected, tell } = rooms()
    const former = roomOf('one')
    collected.add(former)
    const latter = roomOf('one')
    expect(latter).not.toBe(former)
    // It was told late: what has the key now stays.
    tell('one')
    expect(roomOf('one')).toBe(latter)
  })

  test('leave nothing behind', () => {
    const { roomOf, collected, refs, tell } = rooms()
    const former = roomOf('one')
    collected.add(former)
    tell('one')
    refs.length = 0
    roomOf('one')
    expect(refs).toEqual([])
  })

  test('are refused where their options are none', () => {
    expect(() => shareBy(() => live().socket, { linger: -1 })('one')).toThrow('`linger` must be a number')
  })
})
