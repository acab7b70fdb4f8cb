/** `holdfast/wire` over the browser's own WebSocket. */
import { connect, plain } from 'holdfast/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RemoteScenario, openScenario } from './remote.ts'

let scenario: RemoteScenario
beforeAll(async () => {
  scenario = await openScenario()
})
afterAll(async () => {
  await scenario.close()
})

test('asks, is answered, and connects again', async () => {
  const opened: number[] = []
  const socket = connect(`ws://${scenario.host}/echo`, {
    wire: plain({ data: 'data' }),
    onOpen: ({ request }) => request('hello').then(() => void opened.push(1)),
  })
  expect(await socket.request('one', { a: 'ü' })).toEqual({ a: 'ü' })
  socket.reconnect()
  expect(await socket.request('two', [2])).toEqual([2])
  expect([opened.length, socket.status.get().state, socket.errors]).toEqual([2, 'open', {}])
  await socket.close()
  expect(socket.status.get().state).toBe('closed')
})

test('offers its subprotocols, of which the server must choose one', async () => {
  const chosen = connect(`ws://${scenario.host}/chat`, { wire: plain({ protocols: ['talk', 'chat'], data: 'data' }) })
  expect(await chosen.request('one', 1)).toBe(1)
  await chosen.close()
  const refused = connect(`ws://${scenario.host}/echo`, { wire: plain({ protocols: 'talk' }) })
  await new Promise<void>((resolve) => {
    refused.status.subscribe(({ state }) => state === 'waiting' && resolve())
  })
  expect(refused.status.get().cause).toMatchObject({ code: 'unreachable' })
  await refused.close({ timeout: 0 })
})

test('closes for good after a code that says so', async () => {
  const socket = connect(`ws://${scenario.host}/echo`, {
    wire: plain({ stringify: String, compose: ({ name }) => name }),
  })
  socket.send('close 4403')
  await new Promise<void>((resolve) => {
    socket.status.subscribe(({ state }) => state === 'closed' && resolve())
  })
  expect(socket.status.get().cause?.message).toContain('as you like')
})
