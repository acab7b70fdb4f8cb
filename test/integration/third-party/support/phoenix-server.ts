/**
 * As much of a Phoenix server as its client can tell: channels that are joined, answered and broadcast to, in the second
 * version of its serializer. https://hexdocs.pm/phoenix/writing_a_channels_client.html
 */
import type { WebSocket, WebSocketServer } from 'ws'
import { Seen } from '../../support/seen.ts'

type Frame = readonly [joinRef: string | null, ref: string | null, topic: string, event: string, payload: object]

export class PhoenixServer {
  /** Every join, with the parameters that came with it. */
  readonly joins = new Seen<object>()
  /** Every `say`. */
  readonly said = new Seen<object>()
  readonly #members = new Map<WebSocket, string>()

  attach(websockets: WebSocketServer): void {
    websockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => this.#hear(socket, JSON.parse(data.toString()) as Frame))
      socket.on('close', () => this.#members.delete(socket))
    })
  }

  /** To each member. */
  broadcast(topic: string, event: string, payload: object): void {
    const frame: Frame = [null, null, topic, event, payload]
    for (const [socket, joined] of this.#members) if (joined === topic) socket.send(JSON.stringify(frame))
  }

  #hear(socket: WebSocket, [joinRef, ref, topic, event, payload]: Frame): void {
    const reply = (status: 'ok' | 'error', response: object): void =>
      socket.send(JSON.stringify([joinRef, ref, topic, 'phx_reply', { status, response }] satisfies Frame))
    if (topic === 'phoenix') return reply('ok', {})
    if (event === 'phx_join') {
      this.#members.set(socket, topic)
      this.joins.add(payload)
    } else if (event === 'phx_leave') this.#members.delete(socket)
    else if (this.#members.get(socket) !== topic) return reply('error', { reason: 'unmatched topic' })
    else if (event === 'ignore') return
    else this.said.add(payload)
    reply('ok', {})
  }
}
