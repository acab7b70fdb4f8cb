/** What scenarios need in a page. */
import { type ConnectOptions, type Socket, type Status, connect } from 'holdfast'
import { expect } from 'vitest'
import type { App } from '../tools/app.ts'
import type { RemoteScenario } from './remote.ts'

/** Tries again soon: scenarios wait for many tries. */
const impatient: ConnectOptions = { backoff: { base: 30, factor: 1.5, max: 200, jitter: 1 } }

/** A client of a scenario's server, and all that was said to it. */
export function join(
  { host }: RemoteScenario,
  options: ConnectOptions = {},
  path = '/live',
): { readonly socket: Socket<App>; readonly said: string[] } {
  const socket = connect<App>(`ws://${host}${path}`, { ...impatient, ...options })
  const said: string[] = []
  socket.on('said', (text) => said.push(text))
  return { socket, said }
}

/** The first status that fits, from now on. */
export function status(socket: Pick<Socket, 'status'>, fits: (status: Status) => boolean): Promise<Status> {
  return new Promise((resolve) => {
    const stop = socket.status.subscribe((now) => {
      if (!fits(now)) return
      resolve(now)
      // Not at once: the first call comes before there is a way to stop.
      queueMicrotask(() => stop())
    })
  })
}

export const isOpen = ({ state }: Status): boolean => state === 'open'
export const isOnWebSocket = ({ transport }: Status): boolean => transport === 'websocket'
export const isOnHttp = ({ transport }: Status): boolean => transport !== null && transport !== 'websocket'

/** As an earlier page would have left it: how patient a socket is with a WebSocket does not depend on how busy this machine is. */
export const rememberRoundTrip = ({ host }: Pick<RemoteScenario, 'host'>, roundTrip: number): void =>
  localStorage.setItem(`holdfast:${host}`, JSON.stringify({ httpUntil: 0, roundTrip }))

/** The browser tells that the network changed. */
export const changeNetwork = (): void => void dispatchEvent(new Event('online'))

/** Waits until exactly this was said. */
export async function expectSaid(said: readonly string[], texts: readonly string[]): Promise<void> {
  await expect.poll(() => said, { timeout: 15_000 }).toEqual(texts)
}
