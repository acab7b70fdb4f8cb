import { type HoldfastError, RequestError } from '../kernel/errors.ts'
import type { ServerCore } from '../server/core.ts'
import { systemRandom } from '../platform/random.ts'
import type { Control, Welcome } from '../protocol/frames.ts'
import type { Post } from '../transports/post.ts'
import type { Carrier, Packet, Transport } from '../transports/transport.ts'
import { expectEqual, fail } from './trial.ts'

/** What the suite needs of the world around a server, on which the application runs that docs/testing.md#servers prescribes. */
export interface ServerHarness {
  /** Opens WebSockets: the platform's, for instance. */
  readonly transport: Transport
  /** Posts. Absent: the server has no HTTP carriers, and their cases have nothing to do. */
  readonly post?: Post
  /** Where the server listens. All cases may have the same server. */
  readonly url: string
  /** Waits until `condition` holds; rejects when it doesn't within what is reasonable here, which is at least 3 s. */
  until(condition: () => boolean): Promise<void>
  /** Waits until all that could still happen, if somebody got something wrong, would have happened. */
  settle(): Promise<void>
}

/** What the application of the suite says and hears. docs/testing.md#servers */
export interface TrialContract {
  toServer: { say: unknown; leave: undefined; ask: unknown }
  toClient: { said: unknown; withdrawn: undefined; answered: unknown }
  requests: { echo(input: unknown): unknown; refuse(): never; fail(): never; hang(): never }
  serverRequests: { name(input: unknown): unknown }
  streams: { count(to: number): number }
}

/** That application, for servers of `holdfast/server`. */
export const trialApplication = {
  /** Whoever says `stranger` is refused; everybody else is who they say. */
  authenticate: ({ auth }: { auth: unknown }): { readonly name: unknown } | null =>
    auth === 'stranger' ? null : { name: auth ?? null },
  serve(server: Pick<ServerCore<TrialContract>, 'on'>): void {
    server.on('session', (session) => {
      session.on('say', (data) => session.send('said', data))
      session.on('leave', () => session.close({ code: 4499, reason: 'So long' }))
      session.on('ask', (data) => {
        const answered = (answer: unknown): unknown => session.send('answered', answer)
        session
          .request('name', data)
          .catch((error: unknown) => ({ reason: (error as RequestError).reason }))
          .then(answered)
          .catch(() => {})
      })
      session.handle('echo', (input) => input)
      session.handle('refuse', () => {
        throw new RequestError('no', 'Not today')
      })
      session.handle('fail', () => {
        throw new Error('a secret')
      })
      /** It may have ended with the session as well. */
      const leave = (signal: AbortSignal): void => {
        if ((signal.reason as HoldfastError | undefined)?.code === 'aborted') session.send('withdrawn')
      }
      session.handle('hang', (_, { signal }) => {
        signal.addEventListener('abort', () => leave(signal))
        return new Promise(() => {})
      })
      session.handleStream('count', function* (to, { signal }) {
        try {
          for (let number = 1; number <= to; number++) yield number
        } finally {
          leave(signal)
        }
      })
    })
  },
}

/** A binary packet: the frame, and its bytes. */
type Laden = readonly [frame: unknown, bytes: readonly number[]]

/** A client without manners of its own: it says what a case has it say. */
export interface Peer {
  readonly session: string
  /** The counted frames that came, in order; of binary packets, frame and bytes. */
  readonly frames: (unknown[] | Laden)[]
  /** The control frames that came. */
  readonly controls: Control[]
  /** The code with which the carrier closed; absent while it is open. */
  readonly closed: number | undefined
  /** Says a packet of lines: texts as they are, all else as JSON. */
  send(...lines: readonly unknown[]): void
  /** Says a frame with bytes. */
  sendBytes(frame: unknown, bytes: readonly number[]): void
  /** Drops the connection without a word. */
  drop(): void
  /** Waits until `condition` holds. */
  until(what: string, condition: () => boolean): Promise<void>
  /** The first control frame with this key. */
  said<K extends keyof Control>(key: K): Promise<NonNullable<Control[K]>>
  /** Waits for so many counted frames, and a while for more; they must be these. */
  expect(...frames: readonly unknown[]): Promise<void>
  /** Waits for a bye with this code, and for the end of the connection. Returns the bye. */
  expectBye(code: number): Promise<NonNullable<Control['bye']>>
  /** Asks whether all came so far. Returns how many frames the server has. */
  sync(): Promise<number>
}

export const newId = (): string => systemRandom.id()

/** A hello of a new session, with what is to be different. */
export const helloOf = (
  change: Readonly<Record<string, unknown>> = {},
  session: string = newId(),
  nonce: string = newId(),
): { hello: Record<string, unknown> } => ({ hello: { session, attempt: 1, nonce, from: 1, got: 0, ...change } })

const linesIn = (packet: Packet): (unknown[] | Control | Laden)[] => {
  if (typeof packet !== 'string') {
    const end = packet.indexOf(10)
    return [[JSON.parse(new TextDecoder().decode(packet.subarray(0, end))), [...packet.subarray(end + 1)]]]
  }
  return packet
    .split('\n')
    .filter((line) => line)
    .map((line) => JSON.parse(line) as unknown[] | Control)
}

const told = (value: unknown): string => JSON.stringify(value) ?? 'nothing'

/** Dials, and says nothing yet. */
export const dialServer = async (harness: ServerHarness, session = ''): Promise<Peer> => {
  const frames: (unknown[] | Laden)[] = []
  const controls: Control[] = []
  let isOpen = false
  let closed: number | undefined
  let pings = 0
  const carrier: Carrier = harness.transport(harness.url, {
    open: () => (isOpen = true),
    message: (packet) => {
      for (const line of linesIn(packet))
        if (Array.isArray(line)) frames.push(line)
        else controls.push(line as Control)
    },
    close: (code) => (closed = code),
  })
  const peer: Peer = {
    session,
    frames,
    controls,
    get closed() {
      return closed
    },
    send: (...lines) =>
      carrier.send(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')),
    sendBytes: (frame, bytes) =>
      carrier.send(new Uint8Array([...new TextEncoder().encode(`${JSON.stringify(frame)}\n`), ...bytes])),
    drop: () => carrier.close(),
    until: async (what, condition) => {
      try {
        await harness.until(condition)
      } catch {
        const end = closed === undefined ? '' : `; then it closed with ${closed}`
        fail(`${what} did not come. What came: ${told(controls)}, ${told(frames.slice(0, 20))}${end}`)
      }
    },
    said: async (key) => {
      const find = (): Control | undefined => controls.find((control) => control[key] !== undefined)
      await peer.until(`"${key}"`, () => !!find())
      return find()![key]!
    },
    expect: async (...expected) => {
      await peer.until(`${expected.length} frames`, () => frames.length >= expected.length)
      await harness.settle()
      expectEqual(frames, expected, 'what came')
    },
    expectBye: async (code) => {
      const bye = await peer.said('bye')
      expectEqual(bye.code, code, 'the code of the bye')
      await peer.until('the end of the connection', () => closed !== undefined)
      if (code >= 3_000) expectEqual(closed, code, 'the code of the close')
      return bye
    },
    sync: async () => {
      const ping = 1_000_000 + ++pings
      peer.send({ ping })
      await peer.until(`{"pong":${ping}}`, () => controls.some(({ pong }) => pong === ping))
      return Math.max(0, ...controls.map(({ ack, welcome }) => ack ?? welcome?.got ?? 0))
    },
  }
  await peer.until('the opening', () => isOpen || closed !== undefined)
  if (!isOpen) fail(`the connection closed with ${closed} instead of opening`)
  return peer
}

/** Dials, and says hello, and what else there is to say, in one packet. */
export const sayHello = async (
  harness: ServerHarness,
  change: Readonly<Record<string, unknown>> = {},
  ...lines: readonly unknown[]
): Promise<Peer> => {
  const { hello } = helloOf(change)
  const peer = await dialServer(harness, hello['session'] as string)
  peer.send({ hello }, ...lines)
  return peer
}

/** The same, and is welcomed. */
export const enter = async (
  harness: ServerHarness,
  change: Readonly<Record<string, unknown>> = {},
  ...lines: readonly unknown[]
): Promise<Peer & { readonly welcome: Welcome }> => {
  const peer = await sayHello(harness, change, ...lines)
  return Object.assign(peer, { welcome: await peer.said('welcome') })
}
