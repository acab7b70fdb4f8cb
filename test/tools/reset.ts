import type { Socket } from 'node:net'

/** How long a shutdown may take to be over. It takes long only if the peer has stopped reading. */
const patience = 100

/**
 * Ends a connection with a TCP reset, now or, where Node.js can't, soon: a socket whose shutdown is under way refuses
 * the reset and would then never close, and one that is still connecting has nobody to reset.
 */
export function reset(socket: Socket): void {
  if (socket.connecting) {
    socket.destroy()
  } else if (socket.writableEnded && !socket.writableFinished) {
    const giveUp = setTimeout(() => socket.destroy(), patience)
    socket.once('close', () => clearTimeout(giveUp))
    socket.once('finish', () => socket.resetAndDestroy())
  } else {
    socket.resetAndDestroy()
  }
}
