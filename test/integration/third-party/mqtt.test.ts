/** mqtt.js with the broker Aedes: what QoS 1 promises holds over connections that break. */
import { Aedes } from 'aedes'
import { connect } from 'mqtt'
import { expect, onTestFinished, test } from 'vitest'
import { createWebSocketStream } from 'ws'
import { Seen } from '../support/seen.ts'
import { OneConnection, serve } from './support/backend.ts'

const ROUNDS = 4
const EACH = 50

test('with QoS 1, none of the messages is lost, whoever’s connection breaks', async () => {
  const broker = await Aedes.createBroker()
  const { proxy, url } = await serve((websockets) =>
    websockets.on('connection', (socket, request) => broker.handle(createWebSocketStream(socket), request)),
  )
  const open = (clientId: string) => {
    const client = connect(url, {
      clientId,
      // In Node.js, mqtt.js expects the class of `ws` unless told so.
      forceNativeWebSocket: true,
      createWebsocket: (to, protocols) => new OneConnection(to, protocols),
      // The broker keeps what is meant for whoever is away.
      clean: false,
      reconnectPeriod: 10,
    })
    // That a connection broke. It goes on by itself.
    client.on('error', () => {})
    const connections = new Seen<unknown>()
    client.on('connect', connections.add)
    onTestFinished(() => client.endAsync(true))
    return { client, connections }
  }
  onTestFinished(() => new Promise((resolve) => broker.close(resolve)))

  const heard = new Seen<number>()
  const listener = open('listener')
  listener.client.on('message', (_topic, payload) => heard.add(Number(payload)))
  await listener.client.subscribeAsync('numbers', { qos: 1 })
  const speaker = open('speaker')
  const haveConnected = (times: number): Promise<unknown> =>
    Promise.all([listener, speaker].map(({ connections }) => connections.first(times)))

  const published: Promise<unknown>[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    await haveConnected(round)
    const cut = proxy.cutAfterBytes('up', 150 * round + round)
    for (let count = 0; count < EACH; count++)
      published.push(speaker.client.publishAsync('numbers', `${published.length}`, { qos: 1 }))
    await cut
    // And whatever that has left.
    proxy.cut()
    await Promise.all(published)
  }
  const sent = published.map((_, number) => number)
  await Promise.all(sent.map((number) => heard.find((other) => other === number)))
  expect([...new Set(heard.all)].toSorted((left, right) => left - right)).toEqual(sent)
  await haveConnected(ROUNDS + 1)
  await expect.poll(() => proxy.open).toBe(2)
})
