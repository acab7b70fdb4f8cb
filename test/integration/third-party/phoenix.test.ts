/** Phoenix's client, with what it takes for a Phoenix server: channels are joined again on each connection. */
import { Socket } from 'phoenix'
import { expect, onTestFinished, test } from 'vitest'
import { Seen } from '../support/seen.ts'
import { OneConnection, serve } from './support/backend.ts'
import { PhoenixServer } from './support/phoenix-server.ts'

test('a channel is joined again after each cut, and what was pushed meanwhile goes out then, once', async () => {
  const server = new PhoenixServer()
  const { proxy, url } = await serve((websockets) => server.attach(websockets))
  const socket = new Socket(`${url}/socket`, {
    transport: OneConnection,
    params: { token: 'open sesame' },
    reconnectAfterMs: () => 10,
    rejoinAfterMs: () => 10,
  })
  onTestFinished(() => socket.disconnect())
  const closed = new Seen<CloseEvent>()
  socket.onClose(closed.add)
  socket.connect()
  const channel = socket.channel('room:1', { name: 'ann' })
  const [heard, answered] = [new Seen<number>(), new Seen<number>()]
  channel.on('news', ({ number }: { number: number }) => heard.add(number))
  channel.join()
  const say = (number: number): void => {
    channel.push('say', { number }).receive('ok', () => answered.add(number))
  }

  const ROUNDS = 4
  for (let round = 1; round <= ROUNDS; round++) {
    await server.joins.first(round)
    server.broadcast('room:1', 'news', { number: round })
    await heard.first(round)
    say(2 * round - 1)
    await answered.first(2 * round - 1)
    await new Promise((resolve) => socket.ping(resolve))
    const lost = new Promise((resolve) => channel.push('ignore', {}, 50).receive('timeout', resolve))
    proxy.cut()
    await closed.first(round)
    expect(channel.state).toBe('errored')
    say(2 * round)
    await answered.first(2 * round)
    await lost
  }
  const numbers = Array.from({ length: 2 * ROUNDS }, (_, index) => index + 1)
  expect(answered.all).toEqual(numbers)
  expect(server.said.all).toEqual(numbers.map((number) => ({ number })))
  expect(server.joins.all).toEqual(Array.from({ length: ROUNDS + 1 }, () => ({ name: 'ann' })))
  expect(proxy.accepted).toBe(ROUNDS + 1)
  await expect.poll(() => proxy.open).toBe(1)
})
