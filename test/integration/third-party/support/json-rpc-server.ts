/**
 * A server of json-rpc-2.0: single calls, batches and notifications, and the same towards each client.
 * - `echo` answers with its params, `add` with the sum of its two
 * - `fail` answers with the error that its params are
 * - `hang` never answers
 * - `note` is a notification
 */
import { JSONRPCClient, JSONRPCErrorException, JSONRPCServer, JSONRPCServerAndClient } from 'json-rpc-2.0'
import type { WebSocketServer } from 'ws'
import { Seen } from '../../support/seen.ts'

export class JsonRpcServer {
  /** One for each connection: `request` and `notify` talk to its client. */
  readonly peers = new Seen<JSONRPCServerAndClient>()
  /** Every message, as it came. */
  readonly heard = new Seen<string>()
  /** The params of each `note`. */
  readonly notes = new Seen<unknown>()

  attach(websockets: WebSocketServer): void {
    websockets.on('connection', (socket) => {
      const peer = new JSONRPCServerAndClient(
        // An error is what a client asked for.
        new JSONRPCServer({ errorListener: () => {} }),
        new JSONRPCClient((payload) => socket.send(JSON.stringify(payload))),
      )
      peer.addMethod('echo', (params: unknown) => params)
      peer.addMethod('add', ([left, right]: readonly [number, number]) => left + right)
      peer.addMethod('fail', ({ message, code, data }: JSONRPCErrorException) => {
        throw new JSONRPCErrorException(message, code, data)
      })
      peer.addMethod('hang', () => new Promise(() => {}))
      peer.addMethod('note', this.notes.add)
      socket.on('message', (data: Buffer) => {
        this.heard.add(data.toString())
        void peer.receiveAndSend(JSON.parse(data.toString()))
      })
      socket.on('close', () => peer.rejectAllPendingRequests('The connection is closed'))
      this.peers.add(peer)
    })
  }
}
