/** json-rpc-2.0, which leaves the connection to its user: here the class connects again, and says again who is there. */
import {
  JSONRPCClient,
  JSONRPCServer,
  JSONRPCServerAndClient,
  createJSONRPCNotification,
  createJSONRPCRequest,
} from 'json-rpc-2.0'
import { HoldfastWebSocket } from 'holdfast/websocket'
import { expect, onTestFinished, test } from 'vitest'
import { rejection } from '../support/backend.ts'
import { serve } from './support/backend.ts'
import { JsonRpcServer } from './support/json-rpc-server.ts'

const ROUNDS = 4
/** What a round says to the server: hello, a sum, its answer to a question, a batch, and what is never answered. */
const EACH = 5

test('each connection begins with who is there, what was asked meanwhile is answered, what was under way is told as lost', async () => {
  const server = new JsonRpcServer()
  const { proxy, url } = await serve((websockets) => server.attach(websockets))
  const hello = JSON.stringify(createJSONRPCNotification('note', { token: 'open sesame' }))
  const socket = new HoldfastWebSocket(url, [], {
    minReconnectionDelay: 20,
    handshake: (connection) => connection.send(hello),
  })
  onTestFinished(() => socket.close())
  const rpc = new JSONRPCServerAndClient(
    new JSONRPCServer(),
    new JSONRPCClient((payload) => socket.send(JSON.stringify(payload))),
  )
  rpc.addMethod('confirm', (question: unknown) => `yes, ${String(question)}`)
  socket.addEventListener('message', ({ data }) => void rpc.receiveAndSend(JSON.parse(data as string)))
  socket.addEventListener('close', () => rpc.rejectAllPendingRequests('It may have been done, or not'))

  for (let round = 1; round <= ROUNDS; round++) {
    const sum = rpc.request('add', [round, 1])
    const peer = (await server.peers.first(round)).at(-1)!
    expect(await sum).toBe(round + 1)
    // The sum was asked for while there was no connection, and came after the handshake nevertheless.
    expect(server.heard.all.slice((round - 1) * EACH)).toEqual([hello, expect.stringContaining('"add"')])
    expect(await peer.request('confirm', 'really')).toBe('yes, really')
    const batch = await rpc.requestAdvanced([
      createJSONRPCRequest('one', 'echo', { round }),
      createJSONRPCRequest('two', 'fail', { message: 'no', code: 7, data: round }),
    ])
    expect(batch).toEqual([
      { jsonrpc: '2.0', id: 'one', result: { round } },
      { jsonrpc: '2.0', id: 'two', error: { message: 'no', code: 7, data: round } },
    ])
    const lost = rejection(Promise.resolve(rpc.request('hang', null)))
    const heard = await server.heard.first(round * EACH)
    expect(heard.at(-1)).toContain('"hang"')
    proxy.cut()
    expect(await lost).toMatchObject({ message: 'It may have been done, or not' })
  }
  await server.notes.first(ROUNDS + 1)
  expect(server.notes.all).toEqual(Array.from({ length: ROUNDS + 1 }, () => ({ token: 'open sesame' })))
  expect(proxy.accepted).toBe(ROUNDS + 1)
})
