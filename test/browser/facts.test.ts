/** What browsers do. The library relies on it, so a browser that stops doing it should fail here first. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RemoteScenario, openScenario } from './remote.ts'

let scenario: RemoteScenario
beforeEach(async () => {
  scenario = await openScenario()
})
afterEach(async () => {
  await scenario.close()
})

interface Seen {
  readonly socket: WebSocket
  readonly events: string[]
  readonly messages: unknown[]
}

function watch(path: string): Seen {
  const socket = new WebSocket(`ws://${scenario.host}${path}`)
  const seen: Seen = { socket, events: [], messages: [] }
  socket.addEventListener('open', () => seen.events.push('open'))
  socket.addEventListener('error', () => seen.events.push('error'))
  socket.addEventListener('close', ({ code }) => seen.events.push(`close ${code}`))
  socket.addEventListener('message', ({ data }) => seen.messages.push(data))
  return seen
}

async function opened(): Promise<Seen> {
  const seen = watch('/echo')
  await expect.poll(() => seen.events).toEqual(['open'])
  return seen
}

test('a socket talks through the proxy, and closing it says so', async () => {
  const { socket, events, messages } = await opened()
  socket.send('hello')
  await expect.poll(() => messages).toEqual(['hello'])
  socket.close(4000)
  await expect.poll(() => events).toEqual(['open', 'close 4000'])
  expect(await scenario.traffic()).toMatchObject({ accepted: 1 })
})

test('a refused upgrade is an error, then a close with 1006', async () => {
  const { events } = watch('/refused')
  await expect.poll(() => events).toEqual(['error', 'close 1006'])
})

test('a refused connection is an error, then a close with 1006', async () => {
  await scenario.refuse(true)
  const { events } = watch('/echo')
  await expect.poll(() => events, { timeout: 10_000 }).toEqual(['error', 'close 1006'])
})

test('a reset after the handshake is a close with 1006', async () => {
  const { events } = await opened()
  expect(await scenario.cut()).toBe(1)
  await expect.poll(() => events.at(-1)).toBe('close 1006')
})

test('half a frame is no message', async () => {
  const { socket, events, messages } = await opened()
  await scenario.cutAfterBytes('down', 40)
  socket.send('x'.repeat(100))
  await expect.poll(() => events.at(-1)).toBe('close 1006')
  expect(messages).toEqual([])
})

test('a server that dies resets its sockets, and is reached again when it is back', async () => {
  const { events } = await opened()
  await scenario.killServer()
  await expect.poll(() => events.at(-1)).toBe('close 1006')
  await scenario.startServer()
  await opened()
})

test('close waits for a peer that is silent', async () => {
  const { socket, events } = await opened()
  await scenario.blackHole('both', true)
  socket.close()
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(events).toEqual(['open'])
  expect(socket.readyState).toBe(WebSocket.CLOSING)
})

test.each([0, 999, 1001, 1006, 2999, 5000])('close(%i) throws', async (code) => {
  const { socket } = watch('/echo')
  expect(() => socket.close(code)).toThrow(DOMException)
  socket.close()
})

test('a reason over 123 bytes of UTF-8 throws', () => {
  const { socket } = watch('/echo')
  expect(() => socket.close(1000, 'é'.repeat(62))).toThrow(DOMException)
  socket.close(1000, 'é'.repeat(61))
})

test.each([
  ['document', ['there', 'added']],
  // Chromium's window asks it the next time only. But Chromium tells the document of `freeze` after `pagehide`, and others don't.
  ['window', /Chrome\//.test(navigator.userAgent) ? ['there'] : ['there', 'added']],
] as const)('a listener that is added to the %s while the window captures comes after the others', (name, order) => {
  const heard: string[] = []
  const target = globalThis[name]
  const add = (): void => target.addEventListener('fact', () => heard.push('added'), { once: true })
  addEventListener('fact', add, { capture: true, once: true })
  target.addEventListener('fact', () => heard.push('there'), { once: true })
  target.dispatchEvent(new Event('fact'))
  expect(heard).toEqual(order)
})
