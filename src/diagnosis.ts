import { NOT_OURS } from './kernel/errors.ts'

/** What `diagnose` looks at, from the bottom up. */
export type Layer = 'network' | 'upgrade' | 'frames' | 'polling' | 'streaming' | 'auth'

/** What was found out about one layer. */
export interface Finding {
  readonly layer: Layer
  /** Null where it could not be found out, because what it stands on fails. */
  readonly works: boolean | null
  /** Milliseconds that it took to find out. */
  readonly took: number
  /** What that means, in a sentence or two for people. */
  readonly words: string
}

/** What is wrong between this page and a server, if anything. */
export interface Diagnosis {
  readonly findings: readonly Finding[]
  /** What a socket will do about it, in a sentence. */
  readonly summary: string
}

/** How one carrier fared. */
export interface Attempt {
  readonly opened: boolean
  /** What came back that was of use. */
  readonly heard: string | undefined
  /** Why it closed, if it did. */
  readonly closed: string | undefined
  /** Milliseconds. */
  readonly took: number
}

/** All that was observed. */
export interface Evidence {
  readonly host: string
  readonly isOnline: boolean
  /** Milliseconds that each observation could take. */
  readonly timeout: number
  /** Milliseconds until some answer came from the host. */
  readonly reached: number | undefined
  readonly socket: Attempt
  readonly polling: Attempt
  /** False where it could not be tried. */
  readonly streaming: Attempt | false
  readonly greeting: Attempt | false
  /** The server takes WebSockets that do not say what they speak. */
  readonly bare: boolean
}

const network = ({ host, isOnline, reached, socket, polling, bare, timeout }: Evidence): Finding => {
  const isThere = reached !== undefined || socket.opened || bare || polling.heard !== undefined
  const words = isThere
    ? `${host} answers: its name, TCP and TLS are all right.`
    : isOnline
      ? `Nothing comes from ${host}. Its name may not resolve, the server may be down, a firewall may drop it, its certificate may ` +
        'not be trusted, or the page may be forbidden to connect there (Content-Security-Policy, connect-src). Browsers do not tell which.'
      : 'The browser says that there is no network.'
  return { layer: 'network', works: isThere, took: reached ?? (isThere ? polling.took : timeout), words }
}

const upgrade = ({ socket, timeout, bare }: Evidence, isThere: boolean): Finding => {
  const words = socket.opened
    ? 'The WebSocket Upgrade is accepted.'
    : bare
      ? NOT_OURS
      : socket.closed === undefined
        ? `The WebSocket Upgrade is not answered within ${timeout} ms: something on the way swallows it.`
        : `The WebSocket Upgrade is refused (${socket.closed}): by a proxy that does not let WebSockets through, or by a server that ` +
          'does not speak holdfast.v1 on this path.'
  return {
    layer: 'upgrade',
    works: isThere ? socket.opened : null,
    took: socket.took,
    words: isThere ? words : UNKNOWN,
  }
}

const UNKNOWN = 'Cannot be told: what it stands on does not work.'

const frames = ({ socket, timeout }: Evidence): Finding => {
  const works = socket.opened ? socket.heard !== undefined : null
  const words = works
    ? 'WebSocket frames come through both ways.'
    : `The Upgrade was accepted, and then nothing came back (${socket.closed ?? `within ${timeout} ms`}): something on the way swallows frames, or ` +
      'speaks for the server.'
  return { layer: 'frames', works, took: socket.took, words: works === null ? UNKNOWN : words }
}

const polls = ({ polling, timeout }: Evidence, isThere: boolean): Finding => {
  const works = isThere ? polling.heard !== undefined : null
  const words = works
    ? 'HTTP requests are answered by the server.'
    : `HTTP requests do not get an answer of ours (${polling.closed ?? `none within ${timeout} ms`}): the server may not answer POSTs on this ` +
      'path (`attach` does both), or not take this origin, or something on the way answers for it.'
  return { layer: 'polling', works, took: polling.took, words: works === null ? UNKNOWN : words }
}

const streams = ({ streaming }: Evidence): Finding => {
  const works = streaming ? streaming.heard !== undefined : null
  const words = works
    ? 'Answers come as they are written, so HTTP can stream.'
    : 'Something on the way gathers answers until they end (a buffering proxy, an antivirus): HTTP polls instead.'
  return { layer: 'streaming', works, took: streaming ? streaming.took : 0, words: works === null ? UNKNOWN : words }
}

const credentials = ({ greeting, timeout }: Evidence): Finding => {
  if (!greeting)
    return {
      layer: 'auth',
      works: null,
      took: 0,
      words: 'No credentials were given, or there was no way to send them.',
    }
  const { heard, took } = greeting
  const works = heard?.startsWith('{"welcome"') === true
  const words = works
    ? 'The server accepts the credentials.'
    : heard === undefined
      ? `The server does not answer to the credentials within ${timeout} ms.`
      : `The server refuses: ${heard.split('\n', 1)[0]}`
  return { layer: 'auth', works, took, words }
}

/** What follows from what was observed. */
export const conclude = (evidence: Evidence): Diagnosis => {
  const below = network(evidence)
  const isThere = below.works === true
  const findings = [
    below,
    upgrade(evidence, isThere),
    frames(evidence),
    polls(evidence, isThere),
    streams(evidence),
    credentials(evidence),
  ]
  const works = (layer: Layer): boolean => findings.some((finding) => finding.layer === layer && finding.works)
  const refused = findings.at(-1)!.works === false
  const summary = refused
    ? 'A connection is possible, and the server refuses these credentials.'
    : works('frames')
      ? 'A socket will use WebSocket.'
      : works('streaming')
        ? 'WebSocket does not work here. A socket will use HTTP, with streaming.'
        : works('polling')
          ? 'WebSocket does not work here. A socket will use long polling.'
          : evidence.bare
            ? 'The server is of another kind. A socket will close.'
            : 'Nothing works here. A socket will go on trying.'
  return { findings, summary }
}
