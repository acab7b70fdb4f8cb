import { describe, expect, test } from 'vitest'
import type { HoldfastError } from 'holdfast'
import { type Tab, type World, world } from 'holdfast/testing'

interface Life {
  readonly here: World
  readonly tab: Tab
  /** What the server heard. */
  readonly heard: unknown[]
}
const live = async (): Promise<Life> => {
  const heard: unknown[] = []
  const here = world({
    serve: (core) => void core.on('session', (session) => void session.on('say', (data) => heard.push(data))),
  })
  await here.clock.advance(500)
  return { here, tab: here.tabs[0]!, heard }
}
/** The network is away for `duration`, from after whatever is under way. */
const outage = async ({ here }: Life, duration: number, during: () => void): Promise<void> => {
  here.network.fate('refuse')
  here.network.cut()
  await here.clock.advance(100)
  during()
  await here.clock.advance(duration)
  here.network.fate('open')
  await here.clock.advance(60_000)
}

describe('send()', () => {
  test('delivers exactly once and in order, whatever the connection does', async () => {
    const life = await live()
    const { here, tab, heard } = life
    for (let number = 0; number < 200; number++) {
      tab.socket.send('say', number)
      await here.clock.advance(number % 7)
      if (number % 20 === 0) here.network.cut()
      if (number % 50 === 0) tab.socket.reconnect()
    }
    await here.clock.advance(60_000)
    expect(heard).toEqual(Array.from({ length: 200 }, (_, number) => number))
  })

  test('what was sent while it was dying is not lost: the line looks open and is dead', async () => {
    const { here, tab, heard } = await live()
    for (const link of here.network.links) link.halfOpen()
    tab.socket.send('say', 'into the void')
    expect(tab.socket.status.get().state).toBe('open')
    await here.clock.advance(60_000)
    expect(heard).toEqual(['into the void'])
  })

  test('what is sent from inside a status listener doesn’t overtake what waits', async () => {
    const life = await live()
    const { tab, heard } = life
    await outage(life, 1_000, () => {
      for (const number of [1, 2, 3]) tab.socket.send('say', number)
      const off = tab.socket.status.subscribe(({ state }) => {
        if (state === 'open') {
          off()
          tab.socket.send('say', 'opened')
        }
      })
    })
    expect(heard).toEqual([1, 2, 3, 'opened'])
  })

  test('what cannot be sent throws at the call, and nothing else is harmed', async () => {
    const { here, tab, heard } = await live()
    tab.socket.send('say', 1)
    expect(() => tab.socket.send('say', 2n)).toThrow(expect.objectContaining({ code: 'unserializable' }))
    tab.socket.send('say', 3)
    await here.clock.advance(1_000)
    expect(heard).toEqual([1, 3])
  })

  test('is free to change its data afterwards', async () => {
    const { here, tab, heard } = await live()
    const data = { n: 1 }
    tab.socket.send('say', data)
    data.n = 2
    await here.clock.advance(1_000)
    expect(heard).toEqual([{ n: 1 }])
  })

  test('names of a prototype’s members are names like any other', async () => {
    const here = world({
      serve: (core) =>
        void core.on('session', (session) => {
          for (const name of ['__proto__', 'constructor', 'toString', ''])
            session.on(name, (data) => session.send(name, data))
        }),
    })
    const heard: unknown[] = []
    for (const name of ['__proto__', 'constructor', 'toString', '']) {
      here.tabs[0]!.socket.on(name, (data) => heard.push(`${name} ${String(data)}`))
      here.tabs[0]!.socket.send(name, 1)
    }
    await here.clock.advance(1_000)
    expect(heard).toEqual(['__proto__ 1', 'constructor 1', 'toString 1', ' 1'])
  })
})

describe('volatile', () => {
  test('goes out while the connection is open, and not at all otherwise', async () => {
    const life = await live()
    const { here, tab, heard } = life
    tab.socket.send('say', 'heard', { volatile: true })
    await here.clock.advance(100)
    await outage(life, 1_000, () => tab.socket.send('say', 'missed', { volatile: true }))
    expect(heard).toEqual(['heard'])
    expect(tab.socket.status.get()).toMatchObject({ queued: 0, unacknowledged: 0 })
  })

  test('is dropped where more than 64 KiB have not even left', async () => {
    const { here, tab, heard } = await live()
    here.network.stall('up')
    tab.socket.send('say', 'x'.repeat(200_000))
    await here.clock.advance(10)
    tab.socket.send('say', 'missed', { volatile: true })
    await here.clock.advance(1_000)
    here.network.heal()
    await here.clock.advance(1_000)
    tab.socket.send('say', 'heard', { volatile: true })
    await here.clock.advance(1_000)
    expect(heard.slice(1)).toEqual(['heard'])
  })

  test('cannot be binary, and says what can', () => {
    const { tabs } = world()
    expect(() => tabs[0]!.socket.send('say', new Uint8Array(1), { volatile: true })).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining('`latest`') as unknown }),
    )
  })

  test('a listener that throws on one is reported like any other', async () => {
    const { here, tab } = await live()
    const error = new Error('mine')
    tab.socket.on('tick', () => {
      throw error
    })
    for (const session of here.server.core.sessions) session.send('tick', 1, { volatile: true })
    await here.clock.advance(100)
    expect(tab.reported).toEqual([error])
  })
})

describe('latest', () => {
  test('only the newest of a key is sent, once there is a connection', async () => {
    const life = await live()
    await outage(life, 1_000, () => {
      for (const number of [1, 2, 3]) {
        life.tab.socket.send('say', `x${number}`, { latest: 'x' })
        life.tab.socket.send('say', `y${number}`, { latest: 'y' })
      }
      life.tab.socket.send('say', 'z')
      expect(life.tab.socket.status.get().queued).toBe(3)
    })
    expect(life.heard).toEqual(['x3', 'y3', 'z'])
  })

  test('what was sent already is not taken back', async () => {
    const { here, tab, heard } = await live()
    for (const number of [1, 2, 3]) {
      tab.socket.send('say', number, { latest: 'x' })
      await here.clock.advance(1)
    }
    await here.clock.advance(1_000)
    expect(heard).toEqual([1, 2, 3])
  })
})

describe('ttl', () => {
  test('what expires before it can be sent is dropped, told and counted; what doesn’t is sent', async () => {
    const life = await live()
    const told: HoldfastError[] = []
    life.tab.socket.onError((error) => told.push(error))
    await outage(life, 5_000, () => {
      life.tab.socket.send('say', 'short', { ttl: 100 })
      life.tab.socket.send('say', 'long', { ttl: 600_000 })
    })
    expect(life.heard).toEqual(['long'])
    expect(told.map(({ code, message }) => [code, message])).toEqual([['expired', 'The `ttl` of "say" ran out.']])
    expect(life.tab.socket.errors).toEqual({ expired: 1 })
  })

  test('what was sent in time stays, and is sent again', async () => {
    const life = await live()
    for (const link of life.here.network.links) link.stall('up')
    life.tab.socket.send('say', 'once out', { ttl: 100 })
    await life.here.clock.advance(10)
    await outage(life, 5_000, () => {})
    expect(life.heard).toEqual(['once out'])
  })
})

describe('listeners', () => {
  const tell = async ({ here }: Life, ...data: unknown[]): Promise<void> => {
    for (const session of here.server.core.sessions) for (const each of data) session.send('tick', each)
    await here.clock.advance(100)
  }

  test('hear every message, equal ones and bursts too', async () => {
    const life = await live()
    const heard: unknown[] = []
    life.tab.socket.on('tick', (data) => heard.push(data))
    await tell(life, 1, 1, 1, 2, 1)
    expect(heard).toEqual([1, 1, 1, 2, 1])
  })

  test('end with the function that registering returned, which may be called twice', async () => {
    const life = await live()
    const heard: unknown[] = []
    const off = life.tab.socket.on('tick', (data) => heard.push(`off ${String(data)}`))
    life.tab.socket.on('tick', (data) => heard.push(data))
    await tell(life, 1)
    off()
    off()
    await tell(life, 2)
    expect(heard).toEqual(['off 1', 1, 2])
  })

  test('`once` hears one, though more come in the same packet', async () => {
    const life = await live()
    const heard: unknown[] = []
    life.tab.socket.once('tick', (data) => heard.push(data))
    life.tab.socket.on('tick', () => {})
    await tell(life, 1, 2)
    expect(heard).toEqual([1])
  })

  test('one that throws harms nobody: it is reported, counted, told, and the message is not sent again', async () => {
    const life = await live()
    const { tab } = life
    const error = new Error('mine')
    const told: HoldfastError[] = []
    const heard: unknown[] = []
    tab.socket.onError((each) => told.push(each))
    tab.socket.on('tick', () => {
      throw error
    })
    tab.socket.on('tick', (data) => heard.push(data))
    await tell(life, 1, 2)
    await outage(life, 100, () => {})
    expect(heard).toEqual([1, 2])
    expect(tab.reported).toEqual([error, error])
    expect(told.map(({ code, cause, message }) => [code, cause, message])).toEqual(
      Array.from({ length: 2 }, () => ['handler-failed', error, 'A listener of "tick" threw: mine']),
    )
    expect(tab.socket.errors).toEqual({ 'handler-failed': 2 })
  })

  test('whatever is thrown is reported as it is, even nothing', async () => {
    const life = await live()
    life.tab.socket.on('tick', (data) => {
      throw data === 'nothing' ? undefined : data
    })
    await tell(life, 'text', 'nothing')
    expect(life.tab.reported).toEqual(['text', undefined])
  })

  test('of errors: one that throws is reported, and does not go round in circles', async () => {
    const life = await live()
    const error = new Error('mine')
    life.tab.socket.onError(() => {
      throw error
    })
    await tell(life, 'nobody listens')
    expect(life.tab.reported).toEqual([error])
    expect(life.tab.socket.errors).toEqual({ 'unknown-event': 1 })
  })
})
