import type { Socket } from 'node:net'

/**
 * Ends a connection with a TCP reset. Where Node.js can't, it is destroyed: a socket whose shutdown is under way refuses
 * the reset and would then never close, and one that is still connecting would put it off.
 */
export function reset(socket: Socket): void {
  const shuttingDown = socket.writableEnded && !socket.writableFinished
  if (shuttingDown || socket.connecting) socket.destroy()
  else socket.resetAndDestroy()
}
