import { describe, expect, test } from 'vitest'
import type { ConnectOptions, ProviderContext } from 'holdfast'
import { seededRandom, type Tab, virtualLifecycle, type World, world } from 'holdfast/testing'
import { createSocket } from '../../src/connect.ts'
import { provide } from '../../src/session/provider.ts'

const context: ProviderContext = { attempt: 1, lastClose: null, signal: new AbortController().signal }

/** What applications do, and every promise that was rejected with nothing. */
// oxlint-disable-next-line typescript/prefer-promise-reject-errors
const rejection = (): Promise<never> => Promise.reject(undefined)

describe('provide()', () => {
  const ask = (provider: unknown): unknown[] => {
    const told: unknown[] = []
    provide(
      provider,
      context,
      (value) => told.push(['value', value]),
      (error) => told.push(['error', error]),
    )
    return told
  }

  test.each([[undefined], [null], [0], ['token'], [{}]])('gives the constant %o within this task', (value) => {
    expect(ask(value)).toEqual([['value', value]])
  })

  test('gives what a function gives within this task, and tells it about the try', () => {
    expect(ask((given: ProviderContext) => given)).toEqual([['value', context]])
  })

  test('waits for what has to be waited for, whether promised by a function or not', async () => {
    const told = [ask(Promise.resolve(1)), ask(() => Promise.resolve(2))]
    for (let turn = 0; turn < 4; turn++) await Promise.resolve()
    expect(told).toEqual([[['value', 1]], [['value', 2]]])
  })

  test('tells of a function that throws, within this task, and of a rejection, whatever the reason', async () => {
    const error = new Error('mine')
    const thrown = ask(() => {
      throw error
    })
    expect(thrown).toEqual([['error', error]])
    const rejected = [ask(() => Promise.reject(error)), ask(rejection)]
    for (let turn = 0; turn < 4; turn++) await Promise.resolve()
    expect(rejected).toEqual([[['error', error]], [['error', undefined]]])
  })
})

interface Life {
  readonly world: World
  readonly tab: Pick<Tab, 'socket' | 'network'>
  /** What `authenticate` was given, or which other server was dialled. */
  readonly seen: unknown[]
}
const live = (options: ConnectOptions, accept: (auth: unknown) => unknown = () => true): Life => {
  const seen: unknown[] = []
  const server = {
    authenticate: ({ auth }: { auth: unknown }) => {
      seen.push(auth)
      return accept(auth)
    },
  }
  const here = world({ clients: 0, server })
  return { world: here, tab: here.open('a', options), seen }
}
const stateOf = ({ tab }: Life) => tab.socket.status.get().state

/** A provider of which the test decides what comes of it. */
const pending = <T>() => {
  const asked: (ProviderContext & {
    readonly resolve: (value: T) => void
    readonly reject: (e?: unknown) => void
  })[] = []
  const provider = (context: ProviderContext): Promise<T> =>
    new Promise((resolve, reject) => void asked.push({ ...context, resolve, reject }))
  return { asked, provider }
}

describe('`auth`', () => {
  test.each([[undefined], [null], [false], [0], [''], ['token'], [{ a: [1] }]])('%o arrives as it is', async (auth) => {
    const life = live(auth === undefined ? {} : { auth })
    await life.world.clock.advance(500)
    expect([stateOf(life), life.seen]).toEqual(['open', [auth]])
  })

  test('is asked anew for each try, and told which it is and how the last one ended', async () => {
    const asked: Omit<ProviderContext, 'signal'>[] = []
    const life = live({
      auth: ({ attempt, lastClose }) => {
        asked.push({ attempt, lastClose })
        return asked.length
      },
    })
    await life.world.clock.advance(500)
    life.world.network.cut()
    await life.world.clock.advance(5_000)
    expect(asked).toEqual([
      { attempt: 1, lastClose: null },
      { attempt: 2, lastClose: { code: 1006, reason: expect.stringContaining('broke') as unknown } },
    ])
    expect(life.seen).toEqual([1, 2])
  })

  test('is told of a refused Upgrade as what it is: 1006, and no clean close', async () => {
    const closes: unknown[] = []
    const life = live({ transport: 'websocket', auth: ({ lastClose }) => closes.push(lastClose?.code) })
    await life.world.clock.advance(500)
    life.world.network.block('websocket')
    life.world.network.cut()
    await life.world.clock.advance(5_000)
    expect(closes.slice(0, 3)).toEqual([undefined, 1006, 1006])
  })

  test('takes its time beside the connection, not before it', async () => {
    const { asked, provider } = pending<unknown>()
    const life = live({ auth: provider })
    await life.world.clock.advance(60)
    asked[0]!.resolve('late')
    // Two round trips were over by then, one more brings the welcome.
    await life.world.clock.advance(90)
    expect([stateOf(life), life.seen]).toEqual(['open', ['late']])
  })

  test('that is refused is asked once more, at once; twice is the end, and says what the server said', async () => {
    let token = 0
    const life = live({ auth: () => ++token }, () => false)
    await life.world.clock.advance(1_000)
    expect([stateOf(life), life.seen]).toEqual(['closed', [1, 2]])
    expect(life.tab.socket.status.get().cause).toMatchObject({ code: 'unauthorized' })
    await life.world.clock.advance(600_000)
    expect(life.tab.network.dials).toBe(2)
  })

  test('that is refused once and renewed goes on', async () => {
    let token = 0
    const life = live({ auth: () => ++token }, (auth) => auth === 2)
    await life.world.clock.advance(1_000)
    expect([stateOf(life), life.seen]).toEqual(['open', [1, 2]])
  })

  test.each<[string, () => unknown]>([
    ['a bigint', () => 1n],
    ['a cycle', () => Object.assign([], { 0: {} }).map((item, _, all) => Object.assign(item, { all }))],
  ])('that gives %s fails the try, and says so', async (_, auth) => {
    const life = live({ auth })
    await life.world.clock.advance(500)
    const { state, cause } = life.tab.socket.status.get()
    expect([state, cause?.code]).toEqual(['waiting', 'provider-failed'])
    expect(cause?.message).toContain('`auth`')
  })
})

describe.each(['auth', 'url'] as const)('a function for `%s`', (what) => {
  const open = (provider: (context: ProviderContext) => unknown): Life => {
    const here = world({ clients: 0 })
    const seen: unknown[] = []
    here.network.listen('other.test', (carrier) => {
      seen.push('other')
      carrier.close()
      return { message: () => {}, close: () => {} }
    })
    const view = here.clock.view()
    const network = here.network.client('a', { view })
    const { transport } = network
    const platform = {
      clock: view,
      random: seededRandom(1),
      lifecycle: virtualLifecycle(),
      memory: { get: () => null, set: () => {} },
      network: { roundTrip: () => -1 },
      transport,
      post: undefined,
      report: () => {},
    }
    const socket =
      what === 'auth'
        ? createSocket('wss://server.test/live', { auth: provider }, platform)
        : createSocket(provider as () => string, {}, platform)
    return { world: here, tab: { socket, network }, seen }
  }
  const good = what === 'auth' ? 'token' : 'wss://server.test/live'

  test('that throws, or rejects with whatever, is asked again after the backoff', async () => {
    const answers = [
      () => {
        throw new Error('at once')
      },
      () => Promise.reject(new Error('later')),
      rejection,
      () => good,
    ]
    const causes: unknown[] = []
    const life = open(() => answers.shift()!())
    life.tab.socket.status.subscribe(({ state, cause }) => {
      if (state === 'waiting') causes.push(cause?.message)
    })
    await life.world.clock.advance(60_000)
    expect(stateOf(life)).toBe('open')
    expect(causes).toEqual(['at once', 'later', 'undefined'].map((why) => `The \`${what}\` function failed: ${why}`))
    expect(life.tab.socket.errors).toEqual({})
  })

  test('that throws at once costs no connection', async () => {
    const life = open(() => {
      throw new Error('not signed in')
    })
    await life.world.clock.advance(60_000)
    expect(life.tab.network.dials).toBe(0)
  })

  test('that never answers is given up after connectTimeout, told so, and asked again', async () => {
    const { asked, provider } = pending<unknown>()
    const life = open(provider)
    await life.world.clock.advance(10_000)
    expect(life.tab.socket.status.get()).toMatchObject({ state: 'waiting', cause: { code: 'timeout' } })
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true])
    await life.world.clock.advance(5_000)
    asked[1]!.resolve(good)
    await life.world.clock.advance(1_000)
    expect(stateOf(life)).toBe('open')
  })

  test('that answers late, after reconnect(), is not listened to', async () => {
    const { asked, provider } = pending<unknown>()
    const life = open(provider)
    life.tab.socket.reconnect()
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false])
    asked[0]!.resolve('wss://other.test/')
    await life.world.clock.advance(1_000)
    expect([life.seen, stateOf(life)]).toEqual([[], 'connecting'])
    asked[1]!.resolve(good)
    await life.world.clock.advance(1_000)
    expect([life.seen, stateOf(life)]).toEqual([[], 'open'])
  })

  test('that rejects late, after reconnect(), harms nobody, and is not how a try ended', async () => {
    const { asked, provider } = pending<unknown>()
    const life = open(provider)
    life.tab.socket.reconnect()
    asked[0]!.reject(new Error('too late'))
    await life.world.clock.advance(100)
    life.tab.socket.reconnect()
    asked[2]!.resolve(good)
    await life.world.clock.advance(1_000)
    expect([stateOf(life), asked[2]!.lastClose]).toEqual(['open', null])
  })

  test('is not listened to after close(), and told', async () => {
    const { asked, provider } = pending<unknown>()
    const life = open(provider)
    await life.world.clock.advance(100)
    const { dials } = life.tab.network
    void life.tab.socket.close()
    asked[0]!.resolve(good)
    await life.world.clock.advance(60_000)
    expect([asked.length, asked[0]!.signal.aborted, life.tab.network.dials, stateOf(life)]).toEqual([
      1,
      true,
      dials,
      'closed',
    ])
  })
})
