/** Data that is nested deeper than any stack, from a server: whatever recurses over it fails, and nothing else does. */
import { describe, expect, test } from 'vitest'
import { type World, world, type WorldOptions } from 'holdfast/testing'
import { rawServer, type RawConnection, welcome } from '../tools/raw.ts'

const DEEP = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
const recurse = (value: unknown): unknown => (Array.isArray(value) ? value.map(recurse) : value)

const met = async (options: WorldOptions['client'] = () => ({})): Promise<{ here: World; server: RawConnection }> => {
  const here = world({ client: options })
  const servers = rawServer(here.network, (connection) => connection.say(welcome()))
  await here.clock.advance(1_000)
  return { here, server: servers[0]! }
}

describe('what is nested too deep', () => {
  test.each<[what: string, code: string, options: WorldOptions['client']]>([
    ['a listener', 'handler-failed', () => ({})],
    ['a codec', 'invalid-payload', () => ({ codec: { encode: (value: unknown) => value, decode: recurse } })],
    [
      'a schema',
      'invalid-payload',
      () => ({ schema: { deep: { '~standard': { validate: (value: unknown) => ({ value: recurse(value) }) } } } }),
    ],
  ])('fails in %s, is counted, and the next message arrives', async (_, code, options) => {
    const { here, server } = await met(options)
    const { socket } = here.tabs[0]!
    const heard: unknown[] = []
    socket.on('deep', (data) => recurse(data))
    socket.on('flat', (data) => heard.push(data))
    server.say(`["deep",${DEEP}]`, `{"volatile":["deep",${DEEP}]}`, ['flat', 1])
    await here.clock.advance(1_000)
    expect([socket.errors, heard, socket.status.get().state]).toEqual([{ [code]: 2 }, [1], 'open'])
  })

  test('cannot be echoed: the call says so', async () => {
    const { here, server } = await met()
    const { socket } = here.tabs[0]!
    const thrown: unknown[] = []
    socket.on('deep', (data) => {
      try {
        socket.send('echo', data)
      } catch (error) {
        thrown.push((error as { code: string }).code)
      }
    })
    socket.handle('deep', (data) => data)
    server.say(`["deep",${DEEP}]`, `["deep",${DEEP},1]`)
    await here.clock.advance(1_000)
    expect([thrown, socket.status.get().state]).toEqual([['unserializable'], 'open'])
    expect(server.lines).toContainEqual([1, null, expect.objectContaining({ code: 'handler-failed' })])
  })

  test('answers a request, and whoever awaits it may recurse into its own failure', async () => {
    const { here, server } = await met()
    const { socket } = here.tabs[0]!
    const asked = socket
      .request('deep')
      .then(recurse)
      .catch((error: unknown) => error)
    await here.clock.advance(100)
    server.say(`[1,${DEEP}]`)
    await here.clock.advance(1_000)
    expect(await asked).toBeInstanceOf(RangeError)
    expect([socket.errors, socket.status.get().state]).toEqual([{}, 'open'])
  })
})
