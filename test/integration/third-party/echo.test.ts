/** A server that knows nothing but WebSocket: what the class keeps by itself, and what no WebSocket can. */
import { HoldfastWebSocket } from 'holdfast/websocket'
import { expect, onTestFinished, test } from 'vitest'
import { Seen } from '../support/seen.ts'
import { serve } from './support/backend.ts'

const ROUNDS = 5
/** Of each round's messages, half are sent over a connection that breaks meanwhile, and half while there is none. */
const HALF = 100

const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index)

test('a thousand messages keep their order, none comes twice, and only what was on its way at a cut is lost', async () => {
  const arrived: number[] = []
  const { proxy, url } = await serve((websockets) =>
    websockets.on('connection', (peer) =>
      peer.on('message', (data: Buffer) => {
        arrived.push(Number(data))
        peer.send(data.toString())
      }),
    ),
  )
  const [opened, closed, echoes] = [new Seen<Event>(), new Seen<CloseEvent>(), new Seen<number>()]
  const socket = new HoldfastWebSocket(url, [], { minReconnectionDelay: 20 })
  onTestFinished(() => socket.close())
  socket.addEventListener('open', opened.add)
  socket.addEventListener('close', closed.add)
  socket.addEventListener('message', ({ data }) => echoes.add(Number(data)))

  const kept: number[] = []
  let next = 0
  const say = (): number[] => {
    const said = numbers(next, HALF)
    next += HALF
    for (const number of said) socket.send(`${number}`)
    return said
  }
  for (let round = 1; round <= ROUNDS; round++) {
    await opened.first(round)
    // Somewhere within the first half, between two frames or inside one.
    const cut = proxy.cutAfterBytes('up', 100 * round + round)
    const risked = say()
    await cut
    await closed.first(round)
    expect(socket.readyState).toBe(socket.CONNECTING)
    kept.push(...say())
    await opened.first(round + 1)
    await echoes.find((number) => number === next - 1)
    // What the cut connection was told in time is the beginning of what it was told.
    const through = risked.filter((number) => arrived.includes(number))
    expect(through).toEqual(risked.slice(0, through.length))
    expect(through.length).toBeLessThan(HALF)
  }
  expect(next).toBe(1_000)
  expect(kept.filter((number) => !arrived.includes(number))).toEqual([])
  expect(arrived).toEqual([...new Set(arrived)].toSorted((left, right) => left - right))
  expect(echoes.all).toEqual([...new Set(echoes.all)].toSorted((left, right) => left - right))
  expect(closed.all.map(({ code, wasClean }) => [code, wasClean])).toEqual(
    Array.from({ length: ROUNDS }, () => [1006, false]),
  )
  expect(proxy.accepted).toBe(ROUNDS + 1)
})

test('close() while Node.js connects to a server that does not answer has one end, at once', async () => {
  const { proxy, url } = await serve(() => {})
  proxy.hold('both', true)
  const ends = new Seen<number>()
  const socket = new HoldfastWebSocket(url)
  socket.addEventListener('close', () => ends.add(socket.readyState))
  await expect.poll(() => proxy.accepted).toBe(1)
  socket.close()
  expect(await ends.first(1)).toEqual([socket.CLOSED])
})
