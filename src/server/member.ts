import type { Contract } from '../contract.ts'
import { LOST, NORMAL, UNAUTHORIZED } from '../kernel/close-codes.ts'
import { createEmitter } from '../kernel/emitter.ts'
import type { ServerSession } from './contract.ts'
import type { EndReason, Peer } from './session.ts'
import { createHandleStream } from './streams.ts'

/** The public face of a peer, and the way to tell it of its end. */
export interface Member<C extends Contract, Identity> {
  readonly session: ServerSession<C, Identity>
  end(reason: EndReason): void
}

export const createMember = <C extends Contract, Identity>(
  peer: Peer<Identity>,
  directory: { join(room: string): void; leave(room: string): void },
): Member<C, Identity> => {
  const { talk } = peer
  const rooms = new Set<string>()
  const listeners = createEmitter((error) => talk.thrown(error, 'An end listener'))
  let ended: EndReason | undefined
  const session: ServerSession = {
    ...peer.events,
    ...peer.requests,
    handleStream: createHandleStream(peer),
    get identity() {
      return peer.identity
    },
    get transport() {
      return peer.carrier?.transport ?? null
    },
    rooms,
    get bufferedAmount() {
      return talk.session.outbox.bytes
    },
    flush: talk.session.flush,
    join(room) {
      if (ended) return
      rooms.add(room)
      directory.join(room)
    },
    leave(room) {
      rooms.delete(room)
      directory.leave(room)
    },
    onEnd(listener) {
      listeners.once('end', listener)
      if (ended) listeners.emit('end', ended)
    },
    reauthenticate: (reason = 'The credentials ran out') => peer.drop({ code: UNAUTHORIZED, reason }),
    close({ retry, code = retry ? LOST : NORMAL, reason = 'The server closed the session' } = {}) {
      peer.end('closed', { code, reason, got: talk.session.got, ...(retry && { retry }) })
    },
  }
  return {
    session: session as unknown as ServerSession<C, Identity>,
    end(reason) {
      ended = reason
      for (const room of rooms) directory.leave(room)
      rooms.clear()
      listeners.emit('end', reason)
    },
  }
}
