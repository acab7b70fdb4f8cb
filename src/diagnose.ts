import { type Attempt, type Diagnosis, conclude } from './diagnosis.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { pageLifecycle } from './platform/lifecycle.ts'
import { type Random, systemRandom } from './platform/random.ts'
import { fetchPost } from './transports/fetch.ts'
import { createHttpTransport } from './transports/http.ts'
import type { Post } from './transports/post.ts'
import type { Carrier, Transport } from './transports/transport.ts'
import { addressOf } from './transports/url.ts'
import { webSocketTransport } from './transports/websocket.ts'

/** What {@link diagnose} can be told. */
export interface DiagnoseOptions {
  /** What `connect` would be given for `auth`, as a value. Without it, nothing is said about credentials. */
  auth?: unknown
  /** Milliseconds that each layer may take. Default: 5000. */
  timeout?: number
  /** As in `connect`. */
  credentials?: 'same-origin' | 'include'
}

/** The world in which a diagnosis is made. */
export interface DiagnosePlatform {
  readonly clock: Clock
  readonly random: Random
  readonly transport: Transport
  readonly post: Post
  /** Rejects if no answer of any kind comes from there. */
  readonly reach: (url: string) => Promise<unknown>
  readonly online: () => boolean
}

const PING = '{"ping":0}'

/** Opens a carrier and says one thing on it, until something of use is heard, or it closes, or the time is over. */
const attempt = (
  clock: Clock,
  transport: Transport,
  url: string,
  line: string,
  timeout: number,
  isEnough: (line: string, carrier: Carrier) => boolean,
): Promise<Attempt> =>
  new Promise((resolve) => {
    const startedAt = clock.now()
    let opened = false
    const tell = (heard?: string, closed?: string): void => {
      disarm()
      // What was begun for the trial ends with it.
      if (line !== PING) carrier.send('{"bye":{"code":1000}}')
      carrier.close()
      resolve({ opened, heard, closed, took: Math.round(clock.now() - startedAt) })
    }
    const disarm = clock.after(timeout, tell)
    const carrier = transport(url, {
      open() {
        opened = true
        carrier.send(line)
      },
      message: (packet) => isEnough(String(packet), carrier) && tell(String(packet)),
      close: (code, reason) => tell(undefined, reason || `code ${code}`),
    })
  })

/** Whether a WebSocket opens that does not say what it speaks: no server of ours takes one. */
const takesBare = (clock: Clock, transport: Transport, url: string, timeout: number): Promise<boolean> =>
  new Promise((resolve) => {
    const tell = (isTaken: boolean): void => {
      disarm()
      carrier.close()
      resolve(isTaken)
    }
    const disarm = clock.after(timeout, () => tell(false))
    const events = { open: () => tell(true), message: () => {}, close: () => tell(false) }
    const carrier = transport(url, events, [])
  })

/** {@link diagnose} in a world of one's own. */
export const createDiagnosis = async (
  url: string,
  { auth, timeout = 5_000 }: DiagnoseOptions,
  { clock, random, transport, post, reach, online }: DiagnosePlatform,
): Promise<Diagnosis> => {
  const target = addressOf(url)
  const http = createHttpTransport({ post, clock, random })
  const isLine = (line: string): boolean => line !== ''
  const reaching = async (): Promise<number | undefined> => {
    const startedAt = clock.now()
    const arrived = await new Promise<boolean>((resolve) => {
      const disarm = clock.after(timeout, () => resolve(false))
      reach(target.href.replace(/^ws/, 'http')).then(
        () => (disarm(), resolve(true)),
        () => (disarm(), resolve(false)),
      )
    })
    return arrived ? Math.round(clock.now() - startedAt) : undefined
  }
  const [reached, socket, polling] = await Promise.all([
    reaching(),
    attempt(clock, transport, target.href, PING, timeout, isLine),
    attempt(clock, http, target.href, PING, timeout, isLine),
  ])
  const isPolled = polling.heard !== undefined
  const way = socket.heard === undefined ? http : transport
  const hello = { session: random.id(), attempt: 1, nonce: random.id(), from: 1, got: 0, auth }
  const isOther = !socket.opened && !isPolled
  const [streaming, greeting, bare] = await Promise.all([
    isPolled && attempt(clock, http, target.href, PING, timeout, (_, { transport: name }) => name === 'http-stream'),
    // `{}` says that the server is thinking.
    auth !== undefined &&
      (isPolled || way !== http) &&
      attempt(clock, way, target.href, JSON.stringify({ hello }), timeout, (line) => isLine(line) && line !== '{}'),
    isOther && takesBare(clock, transport, target.href, timeout),
  ])
  return conclude({
    host: target.host,
    isOnline: online(),
    timeout,
    reached,
    socket,
    polling,
    streaming,
    greeting,
    bare,
  })
}

/**
 * Says in words what works between this page and a server and what does not, from the network up to the credentials, and what a
 * socket to `url` will do about it. Takes up to twice the `timeout`; leaves nothing open. Throws a `TypeError` for what is no URL.
 */
export const diagnose = (url: string, options: DiagnoseOptions = {}): Promise<Diagnosis> =>
  createDiagnosis(url, options, {
    clock: systemClock(),
    random: systemRandom,
    transport: webSocketTransport,
    post: fetchPost(options.credentials ?? 'same-origin'),
    // Whatever the answer, it came: `no-cors` lets it be anybody's.
    reach: (target) => fetch(target, { mode: 'no-cors', cache: 'no-store', credentials: 'omit' }),
    online: pageLifecycle.online,
  })
