/** Those who have not shown who they are: how many there may be, what they may send ahead, and what they cannot do. */
import { describe, expect, test } from 'vitest'
import { type World, world } from 'holdfast/testing'
import { hello, rawClient, type RawConnection } from '../tools/raw.ts'

const byes = ({ lines }: RawConnection): unknown[] => lines.flatMap((line) => (line as { bye?: unknown }).bye ?? [])
const connect = async (here: World, name?: string): Promise<RawConnection> => {
  const client = rawClient(here.network, name)
  await here.clock.advance(100)
  return client
}
/** An `authenticate` that nobody hears of again. */
const hang = (): Promise<unknown> => new Promise(() => {})
const LATER = { after: 1_000, spread: 5_000 }

describe('more connections than `limits.connecting`', () => {
  test('cost the one that has been silent for longest its place: an attacker cannot keep others out by waiting', async () => {
    const here = world({ clients: 0, server: { limits: { connecting: 10 } } })
    const idle: RawConnection[] = []
    for (let count = 0; count < 30; count++) idle.push(await connect(here, `idle-${count}`))
    expect(idle.map(({ closed }) => closed)).toEqual(idle.map((_, index) => (index < 20 ? 4429 : undefined)))
    const reason = 'More than 10 connections that did not say who they are'
    expect(byes(idle[0]!)).toEqual([{ code: 4429, reason, retry: LATER }])
    const client = await connect(here, 'good')
    client.say(hello())
    await here.clock.advance(100)
    expect(client.lines).toMatchObject([{ welcome: {} }])
    expect(here.server.core.errors).toEqual({ overflow: 21 })
  })

  test('are turned away while all the others are being asked who they are', async () => {
    const here = world({ clients: 0, server: { limits: { connecting: 3 }, authenticate: hang } })
    const asked: RawConnection[] = []
    for (let count = 0; count < 3; count++) {
      const client = await connect(here, `asked-${count}`)
      client.say(hello({ session: `the-session-number-${count}` }))
      asked.push(client)
    }
    await here.clock.advance(100)
    const late = await connect(here, 'late')
    expect([late.closed, ...asked.map(({ closed }) => closed)]).toEqual([4429, undefined, undefined, undefined])
    asked[0]!.close()
    await here.clock.advance(100)
    expect((await connect(here, 'later')).closed).toBeUndefined()
  })

  test('are not those that have a session, or have gone', async () => {
    const here = world({ clients: 0, server: { limits: { connecting: 2 } } })
    for (let count = 0; count < 10; count++) {
      const client = await connect(here, `client-${count}`)
      client.say(hello({ session: `the-session-number-${count}` }))
      await here.clock.advance(100)
      const other = await connect(here, `other-${count}`)
      other.close()
      await here.clock.advance(100)
      expect([client.closed, here.server.core.sessions.size]).toEqual([undefined, count + 1])
    }
    expect(here.server.core.errors).toEqual({})
  })
})

test('what all strangers send ahead is bounded: who sent most has to come again', async () => {
  // An eighth of it is theirs.
  const limits = { totalBytes: 800_000, bufferedBytes: 800_000, messageBytes: 65_536 }
  const here = world({ clients: 0, server: { limits, authenticate: hang } })
  const strangers: RawConnection[] = []
  for (let count = 0; count < 10; count++) {
    const client = await connect(here, `stranger-${count}`)
    client.say(hello({ session: `the-session-number-${count}` }))
    strangers.push(client)
  }
  strangers[3]!.say(['say', 'x'.repeat(30_000)])
  await here.clock.advance(100)
  for (const client of strangers) client.say(['say', 'x'.repeat(7_500)])
  await here.clock.advance(100)
  expect(strangers.map(({ closed }) => closed)).toEqual(strangers.map((_, index) => (index === 3 ? 4429 : undefined)))
  expect(byes(strangers[3]!)).toEqual([
    { code: 4429, reason: 'Too much was sent ahead by all who connect', retry: LATER },
  ])
})

describe('a session of somebody else', () => {
  const owned = async (): Promise<{ here: World; owner: RawConnection; life: string }> => {
    const here = world({ clients: 0, server: { authenticate: ({ auth }) => auth } })
    const owner = await connect(here, 'owner')
    owner.say(hello({ auth: 'ann' }))
    await here.clock.advance(100)
    const [{ welcome }] = owner.lines as [{ welcome: { life: string } }]
    return { here, owner, life: welcome.life }
  }

  test.each([
    ['the id', {}],
    ['the id and the life', { life: 'its own' }],
    ['the whole hello, said again', { attempt: 1 }],
    ['an attempt that none can exceed', { attempt: 2 ** 53 - 1 }],
  ])('is not had by who knows %s, and its owner notices nothing', async (_, change) => {
    const { here, owner, life } = await owned()
    const thief = await connect(here, 'thief')
    thief.say(hello({ attempt: 2, auth: 'eve', ...change, ...('life' in change && { life }) }), ['say', 'stolen'])
    await here.clock.advance(100)
    expect([thief.closed, owner.closed]).toEqual([4403, undefined])
    const again = await connect(here, 'owner')
    again.say(hello({ auth: 'ann', attempt: 2, life }))
    await here.clock.advance(100)
    expect(again.lines).toMatchObject([{ welcome: { life } }])
  })

  test('is had by who has the id and passes for its owner, for good: both are secrets', async () => {
    const { here, owner, life } = await owned()
    const copy = await connect(here, 'copy')
    copy.say(hello({ auth: 'ann', attempt: 2 ** 53 - 1 }))
    await here.clock.advance(100)
    expect([copy.closed, owner.closed]).toEqual([undefined, 4409])
    const again = await connect(here, 'owner')
    again.say(hello({ auth: 'ann', attempt: 2, life }))
    await here.clock.advance(100)
    expect(again.closed).toBe(4409)
  })

  test('cannot be told from none by who guesses ids', async () => {
    const { here } = await owned()
    const guess = await connect(here, 'guess')
    guess.say(hello({ session: 'a-session-that-nobody-has', auth: 'eve' }))
    await here.clock.advance(100)
    expect([guess.closed, here.server.core.sessions.size]).toEqual([undefined, 2])
  })
})

describe('identities that cannot be compared', () => {
  test.each<[string, () => boolean]>([
    [
      'since `sameIdentity` throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['since it promises', (async () => true) as unknown as () => boolean],
  ])('%s, are not the same, and nothing breaks', async (what, sameIdentity) => {
    const here = world({ clients: 0, server: { authenticate: ({ auth }) => auth, sameIdentity } })
    for (const attempt of [1, 2]) {
      const client = await connect(here, `attempt-${attempt}`)
      client.say(hello({ auth: 'ann', attempt }))
      await here.clock.advance(100)
      const refused = what.includes('throws') ? 4500 : 4403
      expect(client.closed).toBe(attempt === 1 ? undefined : refused)
    }
    expect(here.server.core.sessions.size).toBe(1)
  })
})

test.each(['__defineGetter__', 'propertyIsEnumerable', '__proto____proto__', 'constructor.prototype'])(
  '%s is an id like any other',
  async (session) => {
    const here = world({ clients: 0, server: { authenticate: ({ auth }) => auth } })
    const client = await connect(here)
    client.say(hello({ session, nonce: session, auth: { [session]: session } }))
    await here.clock.advance(100)
    const [{ welcome }] = client.lines as [{ welcome: { life: string } }]
    const next = await connect(here)
    next.say(hello({ session, nonce: session, attempt: 2, life: welcome.life, auth: { [session]: session } }))
    await here.clock.advance(100)
    expect(next.lines).toMatchObject([{ welcome: { life: welcome.life } }])
    expect([here.server.core.sessions.size, here.server.core.errors]).toEqual([1, {}])
  },
)
