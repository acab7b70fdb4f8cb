/** The numbers for those who have no sessions: said to whoever is connected, and to nobody where nobody is. */
import { type Lane, PACE } from './contract.ts'
import type { Ledger } from './ledger.ts'

/** A WebSocket as a server has it: its messages are numbers in text. */
interface BareSocket {
  send(text: string): void
}

export interface BareTraffic {
  connected(page: string, lane: Lane, socket: BareSocket): void
  heard(page: string, lane: Lane, text: string): void
  closed(page: string, lane: Lane, socket: BareSocket): void
  end(): void
}

/** Milliseconds for which the server goes on talking to a page that is away. */
const PATIENCE = 120_000

interface Listener {
  socket: BareSocket | undefined
  leftAt: number
  readonly timer: ReturnType<typeof setInterval>
}

export const createBareTraffic = (ledger: Ledger): BareTraffic => {
  const listeners = new Map<string, Listener>()
  const begin = (page: string, lane: Lane): Listener => {
    const key = `${lane} ${page}`
    const listener: Listener = {
      socket: undefined,
      leftAt: 0,
      timer: setInterval(() => {
        const { socket, leftAt } = listener
        if (!socket && Date.now() - leftAt > PATIENCE) {
          clearInterval(listener.timer)
          listeners.delete(key)
          return
        }
        const number = ledger.say(page, lane)
        socket?.send(String(number))
      }, PACE),
    }
    listeners.set(key, listener)
    return listener
  }
  return {
    connected(page, lane, socket) {
      const listener = listeners.get(`${lane} ${page}`) ?? begin(page, lane)
      listener.socket = socket
    },
    heard(page, lane, text) {
      const number = Number(text)
      if (Number.isSafeInteger(number) && number > 0) ledger.hear(page, lane, number)
    },
    closed(page, lane, socket) {
      const listener = listeners.get(`${lane} ${page}`)
      if (listener?.socket !== socket) return
      listener.socket = undefined
      listener.leftAt = Date.now()
    },
    end() {
      for (const { timer } of listeners.values()) clearInterval(timer)
      listeners.clear()
    },
  }
}
