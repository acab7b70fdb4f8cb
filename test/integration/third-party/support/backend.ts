/** A server of `ws` behind a fault proxy, for libraries that bring what is said over it. */
import { HoldfastWebSocket } from 'holdfast/websocket'
import { onTestFinished } from 'vitest'
import { type ServerOptions, WebSocketServer } from 'ws'
import { FaultProxy } from '../../../tools/fault-proxy.ts'
import { startHttpServer } from '../../../tools/http-server.ts'

export interface Backend {
  readonly proxy: FaultProxy
  /** Through the proxy. */
  readonly url: string
}

/** `attach` gets the server before anybody connects. All of it is gone when the test is over. */
export async function serve(
  attach: (websockets: WebSocketServer) => void,
  options: ServerOptions = {},
): Promise<Backend> {
  const http = await startHttpServer((server) => attach(new WebSocketServer({ ...options, server })))
  const proxy = await FaultProxy.start({ target: http })
  onTestFinished(async () => {
    await proxy.close()
    await http.kill()
  })
  return { proxy, url: `ws://${proxy.host}` }
}

/** For libraries that connect again by themselves: one connection, and its end is told. docs/websocket.md#libraries */
export class OneConnection extends HoldfastWebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { maxRetries: 0 })
  }
}
