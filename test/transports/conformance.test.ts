/** The transports of the house against the suite that every transport has to pass, over real sockets. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket as Client, WebSocketServer, type WebSocket as ServerSocket } from 'ws'
import { type FarEnd, type Packet, type TransportHarness, transportCases } from 'holdfast/testing'
import { webSocketTransport } from '../../src/transports/websocket.ts'

/** Reasonable here: both ends are in this process. */
const LONGEST_WAIT = 5_000

let server: WebSocketServer
let silent: Server
let refusing: string
let accepted: FarEnd[] = []
const held = new Set<Socket>()

const farEnd = (socket: ServerSocket): FarEnd => {
  const received: Packet[] = []
  let closed: number | undefined
  socket.on('close', (code) => (closed = code))
  socket.on('message', (data: Buffer, isBinary) => received.push(isBinary ? new Uint8Array(data) : data.toString()))
  return {
    received,
    get closed() {
      return closed
    },
    send: (packet) => socket.send(packet),
    close: (code, reason) => socket.close(code, reason),
    drop: () => socket.terminate(),
  }
}

const addressOf = (of: Server | WebSocketServer): string => `ws://127.0.0.1:${(of.address() as AddressInfo).port}/`

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket, { url }) => {
    if (url === '/echo') socket.on('message', (data: Buffer) => socket.send(data))
    else accepted.push(farEnd(socket))
  })
  silent = createServer((socket) => {
    held.add(socket)
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  // A port that was ours and is free again refuses.
  const gone = createServer().listen(0, '127.0.0.1')
  await Promise.all([once(server, 'listening'), once(silent, 'listening'), once(gone, 'listening')])
  refusing = addressOf(gone)
  gone.close()
})
afterAll(() => {
  for (const socket of [...server.clients]) socket.terminate()
  for (const socket of held) socket.destroy()
  server.close()
  silent.close()
})
beforeEach(() => void (accepted = []))

/**
 * All that could still happen has happened once connections that began later have come, talked and gone: both ends are in
 * this process, and loopback overtakes nobody.
 */
const settle = async (): Promise<void> => {
  for (let round = 0; round < 3; round++) {
    const client = new Client(`${addressOf(server)}echo`)
    await once(client, 'open')
    client.send('echo')
    await once(client, 'message')
    client.close()
    await once(client, 'close')
  }
}

const until = async (condition: () => boolean): Promise<void> => {
  const deadline = performance.now() + LONGEST_WAIT
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`it did not happen within ${LONGEST_WAIT} ms`)
    await new Promise(setImmediate)
  }
}

const harness = (): TransportHarness => ({
  transport: webSocketTransport,
  url: addressOf(server),
  refusingUrl: refusing,
  hangingUrl: addressOf(silent),
  get accepted() {
    return accepted
  },
  until,
  settle,
})

describe('the platform’s WebSocket is a conforming transport', () => {
  test.each(transportCases)('$name', async ({ run }) => {
    await expect(run(harness())).resolves.toBeUndefined()
  })
})
