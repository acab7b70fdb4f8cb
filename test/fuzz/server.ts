/** A server that does a little of everything, and a peer of it that means well. */
import { isDeepStrictEqual } from 'node:util'
import { HoldfastError } from 'holdfast'
import { type Carrier, type Packet, seededRandom, type Transport, type VirtualClock } from 'holdfast/testing'
import { createCore, type ServerCore } from '../../src/server/core.ts'
import type { ServerOptions } from '../../src/server/options.ts'
import { hello } from '../tools/raw.ts'

/** An end of a carrier: what it was sent, and whether it was closed. */
export interface End {
  readonly carrier: Carrier
  readonly packets: Packet[]
  closed: boolean
}

export const createEnd = (): End => {
  const end: End = {
    packets: [],
    closed: false,
    carrier: {
      transport: 'websocket',
      bufferedAmount: 0,
      send: (packet) => void end.packets.push(packet),
      close: () => void (end.closed = true),
    },
  }
  return end
}

/** Where requests come from. */
export const request = { url: '/live', headers: { host: 'server.test' } }

/** What must not be reported, whatever came: then somebody's code was reached by what it cannot handle. */
const isOurFault = (error: unknown): boolean => !(error instanceof HoldfastError) || error.code === 'handler-failed'

const nobody = (): void => {}

/** A server whose handlers take whatever comes. `faults`: what went wrong inside. */
export const createServer = (
  clock: VirtualClock,
  options: ServerOptions = {},
): { core: ServerCore; faults: unknown[] } => {
  const faults: unknown[] = []
  const core = createCore(options, {
    clock,
    random: seededRandom(1),
    isEqual: isDeepStrictEqual,
    report: (error) => faults.push(error),
  })
  core.on('error', (error) => void (isOurFault(error) && faults.push(error)))
  core.on('session', (session) => {
    session.join('all')
    session.on('say', (data) => session.send('said', data))
    session.handle('add', (data: unknown) => (Array.isArray(data) ? data.length : null))
    session.handle('hang', () => new Promise(nobody))
    session.handleStream('count', function* count() {
      for (let i = 0; i < 3; i++) yield i
    })
    session.request('ask').then(nobody, nobody)
  })
  return { core, faults }
}

/** Speaks with the server as a correct client would, and throws if it does not answer as a correct server would. */
export const createGoodPeer = async (core: ServerCore, clock: VirtualClock, session: string) => {
  const end = createEnd()
  const accepted = core.accept(end.carrier, request)
  /** Its own and the server's counted frames so far. */
  let told = 0
  const settle = (): Promise<void> => clock.advance(0)
  accepted.message(JSON.stringify(hello({ session })))
  await settle()
  if (!String(end.packets[0]).startsWith('{"welcome"')) throw new Error(`No welcome, but ${String(end.packets[0])}`)
  return {
    /** Asks once, and confirms the answer. */
    async talk(): Promise<void> {
      end.packets.length = 0
      accepted.message(`["add",[1,2],${++told}]`)
      await settle()
      if (!end.packets.some((packet) => String(packet).includes(`[${told},2]`)))
        throw new Error('A good peer has no answer')
      // Its answers, and the question that the server began with.
      accepted.message(`{"ack":${told + 1}}`)
    },
    async leave(): Promise<void> {
      accepted.message('{"bye":{"code":1000}}')
      await settle()
      if (!end.closed) throw new Error('A good peer is not let go')
    },
  }
}

/** Dials the server as a WebSocket would that is always well, and takes a millisecond each way. */
export const dialTo =
  (core: ServerCore, clock: VirtualClock): Transport =>
  (_url, events) => {
    let isOver = false
    const inTime = (task: () => void): void => void clock.after(1, () => isOver || task())
    const accepted = core.accept(
      {
        transport: 'websocket',
        bufferedAmount: 0,
        send: (packet) => inTime(() => events.message(packet)),
        close: (code = 1005) =>
          inTime(() => {
            isOver = true
            events.close(code, '')
          }),
      },
      request,
    )
    clock.soon(() => isOver || events.open())
    return {
      transport: 'websocket',
      bufferedAmount: 0,
      send: (packet) => inTime(() => accepted.message(packet)),
      close() {
        isOver = true
        clock.soon(() => accepted.close())
      },
    }
  }
