import { describe, expect, test } from 'vitest'
import type { OutboxStore } from 'holdfast'
import { type World, world } from 'holdfast/testing'

interface Chat {
  toServer: { say: string }
  toClient: { said: string }
  requests: { shout(input: string): string }
}

/** A server that tells everybody what anybody says. */
const chat = (seed = 1): { readonly world: World<Chat, string>; readonly heard: string[] } => {
  const heard: string[] = []
  const chat = world<Chat, string>({
    seed,
    clients: 2,
    server: { authenticate: ({ auth }) => String(auth) },
    client: (name) => ({ auth: name }),
    serve: (core) =>
      void core.on('session', (session) => {
        session.join('all')
        session.on('say', (text) => core.to('all').send('said', `${session.identity}: ${text}`))
        session.handle('shout', (text) => text.toUpperCase())
      }),
  })
  for (const { name, socket } of chat.tabs) socket.on('said', (text) => heard.push(`${name} hears ${text}`))
  return { world: chat, heard }
}

describe('a world', () => {
  test('tabs talk through the server, in virtual time', async () => {
    const { world, heard } = chat()
    const [a, b] = world.tabs
    await world.clock.advance(1_000)
    a?.socket.send('say', 'hello')
    const shouted = b?.socket.request('shout', 'quiet')
    await world.clock.advance(1_000)
    expect(heard.sort()).toEqual(['a hears a: hello', 'b hears a: hello'])
    await expect(shouted).resolves.toBe('QUIET')
    expect([...world.server.core.sessions].map((session) => session.identity).sort()).toEqual(['a', 'b'])
    expect(world.tabs.map((tab) => tab.network.held)).toEqual([1, 1])
  })

  test('what is said while the network is away arrives when it is back', async () => {
    const { world, heard } = chat()
    await world.clock.advance(1_000)
    world.network.fate('refuse')
    world.network.cut()
    await world.clock.advance(10_000)
    world.tabs[0]?.socket.send('say', 'anybody?')
    await world.clock.advance(10_000)
    expect(heard).toEqual([])
    world.network.fate('open')
    await world.clock.advance(60_000)
    expect(heard.sort()).toEqual(['a hears a: anybody?', 'b hears a: anybody?'])
  })

  test('a server that is restarted knows nothing, and the tabs are told', async () => {
    const { world } = chat()
    await world.clock.advance(1_000)
    const causes: string[] = []
    for (const { socket } of world.tabs) socket.onLost(({ cause }) => causes.push(cause.code))
    const former = world.server
    world.restart()
    await world.clock.advance(10_000)
    expect(causes).toEqual(['session-lost', 'session-lost'])
    expect(world.server.core.sessions.size).toBe(2)
    expect([former.alive, former.view.pending, former.reported]).toEqual([false, 0, []])
    former.kill()
    expect(world.network.links).toHaveLength(2)
  })

  test('the server answers HTTP, too, and knows origins there', async () => {
    const { world } = chat()
    const carrier = 'a-carrier-made-of-posts'
    const hello = { session: carrier, nonce: carrier, attempt: 1, from: 1, got: 0 }
    const body = `${JSON.stringify({ carrier, got: 0, push: 1, poll: 1_000 })}\n${JSON.stringify({ hello, auth: 'ann' })}`
    const ask = async (origin: string, of: string): Promise<string> => {
      let answer = ''
      world.network.client(of, { origin }).post('https://server.test/live', body.replaceAll('posts', of), false, {
        text: (part) => (answer += part),
        done: (status) => (answer += status),
      })
      await world.clock.advance(500)
      return answer
    }
    expect(await ask('https://server.test', 'friend')).toMatch(/^\{"push":1,"from":1\}\n\{"welcome":.*\n200$/)
    expect(await ask('https://evil.test', 'enemy')).toMatch(/^\{"push":1,"from":1\}\n\{"bye":\{"code":4403.*\n200$/)
    expect(world.server.core.sessions.size).toBe(3)
  })

  test('a tab that closes leaves nothing behind', async () => {
    const { world } = chat()
    await world.clock.advance(1_000)
    const [a] = world.tabs
    await Promise.all([a?.socket.close(), world.clock.advance(1_000)])
    expect([a?.view.pending, a?.network.held, a?.reported]).toEqual([0, 0, []])
    expect(world.server.core.sessions.size).toBe(1)
  })

  test('where WebSockets are blocked, tabs talk over HTTP, and leave nothing behind either', async () => {
    const { world, heard } = chat()
    world.network.block('websocket')
    world.network.cut()
    await world.clock.advance(5_000)
    for (const { name, socket } of world.tabs) socket.send('say', `hello from ${name}`)
    const shouted = world.tabs[0]?.socket.request('shout', 'quiet')
    await world.clock.advance(1_000)
    expect(heard.toSorted()).toEqual([
      'a hears a: hello from a',
      'a hears b: hello from b',
      'b hears a: hello from a',
      'b hears b: hello from b',
    ])
    await expect(shouted).resolves.toBe('QUIET')
    expect(world.tabs.map(({ socket }) => socket.status.get().transport)).toEqual(['http-stream', 'http-stream'])
    await Promise.all([...world.tabs.map(({ socket }) => socket.close()), world.clock.advance(1_000)])
    expect(world.tabs.map(({ view, network }) => [view.pending, network.held])).toEqual([
      [0, 0],
      [0, 0],
    ])
    await world.clock.advance(60_000)
    expect([world.server.core.sessions.size, world.server.view.pending, world.network.links]).toEqual([0, 0, []])
  })

  test('a page remembers what its predecessor found out, and knows a round trip if it is told one', async () => {
    const { world } = chat()
    const opened = async (name: string): Promise<unknown> => {
      const { network } = world.open(name)
      await world.clock.advance(5_000)
      const link = world.network.links.find(({ client }) => client === name)
      return [network.posts > 0, link?.protocol]
    }
    world.network.block('websocket')
    expect(await opened('page')).toEqual([true, 'http'])
    world.network.unblock()
    expect(world.tabs.at(-1)?.memory.get('holdfast:server.test')).toContain('httpUntil')
    expect(await opened('page')).toEqual([true, 'http'])
    expect(await opened('stranger')).toEqual([false, 'websocket'])
  })

  test('pages whose network is gone wait for it', async () => {
    const { world } = chat()
    await world.clock.advance(1_000)
    world.network.offline()
    await world.clock.advance(60_000)
    expect(world.tabs.map(({ socket }) => socket.status.get().state)).toEqual(['paused', 'paused'])
    world.network.online()
    await world.clock.advance(1_000)
    expect(world.tabs.map(({ socket }) => socket.status.get().state)).toEqual(['open', 'open'])
  })

  test('another tab may be opened at any time', async () => {
    const { world, heard } = chat()
    await world.clock.advance(1_000)
    const late = world.open('late', { auth: 'somebody' })
    late.socket.send('say', 'hi')
    await world.clock.advance(1_000)
    expect(heard).toEqual(['a hears somebody: hi', 'b hears somebody: hi'])
  })

  test('the same seed gives the same trace, another seed another', async () => {
    const live = async (seed: number): Promise<string> => {
      const { world } = chat(seed)
      world.tabs[0]?.socket.send('say', 'hello')
      await world.clock.advance(500)
      world.network.cut()
      await world.clock.advance(60_000)
      return world.trace.format()
    }
    expect(await live(7)).toBe(await live(7))
    expect(await live(7)).not.toBe(await live(8))
  })

  test('a page that is killed is silent, and its connection broken; the next page goes on with links of its own', async () => {
    const { world, heard } = chat()
    const [a, b] = world.tabs
    await world.clock.advance(1_000)
    a!.kill()
    const mark = world.trace.events.length
    a!.socket.send('say', 'into the void')
    b!.socket.send('say', 'hello')
    await world.clock.advance(1_000)
    expect(heard).toEqual(['b hears b: hello'])
    expect(world.trace.events.slice(mark).filter(([, who, what]) => who === 'a#1' && what === 'client sends')).toEqual(
      [],
    )
    const again = world.open('a')
    again.socket.send('say', 'again')
    await world.clock.advance(1_000)
    expect(heard).toContain('b hears a: again')
    const dialled = world.trace.events.filter(([, , what]) => what === 'client dials').map(([, id]) => id)
    expect(dialled).toEqual(['a#1', 'b#1', 'a#2'])
  })

  test('what a page says on leaving outlives it, and what it just asked does not', async () => {
    const heard: string[] = []
    const w = world<Chat>({
      client: () => ({ transport: 'long-polling' }),
      serve: (core) => void core.on('session', (session) => void session.on('say', (text) => heard.push(text))),
    })
    const [tab] = w.tabs
    await w.clock.advance(1_000)
    for (const text of ['one', 'two']) {
      tab!.socket.send('say', text)
      await w.clock.advance(1)
    }
    tab!.lifecycle.happen('leave')
    tab!.kill()
    await w.clock.advance(1_000)
    expect(heard).toEqual(['one', 'two'])
    const polled = w.trace.events.findLast(
      ([, , what, body]) => what === 'client posts' && !String(body).includes('push'),
    )
    const closed = w.trace.events.filter(([, id, what]) => id === polled?.[1] && what === 'client closes')
    expect(closed).toHaveLength(1)
  })

  test('pages of a tab share a place in the store', async () => {
    const stores: OutboxStore[] = []
    const w = world({
      client: (_, store) => {
        stores.push(store)
        return {}
      },
    })
    const claim = async (store: OutboxStore) => {
      const claimed = store.claim()
      await w.clock.advance(100)
      return claimed
    }
    const place = await claim(stores[0]!)
    void place!.write({ state: 'kept', put: [], drop: [] })
    await w.clock.advance(100)
    w.tabs[0]!.kill()
    w.open('a')
    expect((await claim(stores[1]!))?.kept?.state).toBe('kept')
    expect(w.store.places.map(({ holder }) => holder)).toEqual(['a'])
  })
})
