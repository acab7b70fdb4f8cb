/** Numbers for people. */
import { cpus } from 'node:os'
import { versionOf } from '../peers.ts'
import { type Kind, type Usage, connectRate, kinds } from './contract.ts'
import { BURST, type Measured } from './stage.ts'

export type Results = { [kind in Kind]?: Measured }

interface Row {
  readonly what: string
  readonly of: (measured: Measured) => number | undefined
  readonly unit: (value: number) => string
  /** What Holdfast has to be, in terms of another. */
  readonly target?: { readonly against: Kind; readonly least?: number; readonly most?: number }
  readonly bound?: number
}

const bytes = (value: number): string => `${(value / 1_000).toFixed(1)} kB`
const micros = (value: number): string => `${value < 100 ? value.toFixed(1) : value.toFixed(0)} µs`
const millis = (value: number): string => `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`
const seconds = (value: number): string => `${(value / 1_000).toFixed(1)} s`
const thousands = (value: number): string => `${(value / 1_000).toFixed(0)} k/s`

const memoryRows = (
  of: (measured: Measured) => Pick<Usage, 'heap' | 'rss'> | undefined,
  target?: Row['target'],
): readonly Row[] => [
  { what: 'memory of an idle one, in use', of: (m) => of(m)?.heap, unit: bytes, ...(target && { target }) },
  { what: 'the same, as RSS', of: (m) => of(m)?.rss, unit: bytes },
]

const talkRows = (of: (measured: Measured) => Measured['talk']): readonly Row[] => [
  { what: 'CPU of a message and its echo', of: (m) => of(m)?.cpu, unit: micros },
  { what: 'echo, p50', of: (m) => of(m)?.p50, unit: millis },
  { what: 'echo, p99', of: (m) => of(m)?.p99, unit: millis },
  { what: 'echo, longest', of: (m) => of(m)?.max, unit: millis },
]

const rows: readonly Row[] = [
  ...memoryRows((m) => m.connect, { against: 'ws', most: 1.25 }),
  { what: 'CPU to connect it', of: (m) => m.connect?.cpu, unit: micros },
  ...talkRows((m) => m.talk),
  { what: 'a message to all, until the last has it', of: (m) => m.broadcast?.last, unit: millis },
  { what: 'the same in messages a second', of: (m) => m.broadcast?.rate, unit: thousands },
  { what: 'its CPU for each', of: (m) => m.broadcast?.cpu, unit: micros },
  {
    what: `${BURST} messages to all, in messages a second`,
    of: (m) => m.burst?.rate,
    unit: thousands,
    target: { against: 'socket.io', least: 3 },
  },
  { what: 'its CPU for each', of: (m) => m.burst?.cpu, unit: micros },
  { what: 'all thrown out, until the last is back', of: (m) => m.reconnect?.last, unit: seconds, bound: 10_000 },
  { what: 'its CPU for each', of: (m) => m.reconnect?.cpu, unit: micros },
]

const pollingRows: readonly Row[] = [...memoryRows((m) => m.polling), ...talkRows((m) => m.polling)]

const names: Readonly<Record<Kind, string>> = { ws: '`ws` alone', holdfast: 'Holdfast', 'socket.io': 'Socket.IO' }

const verdictOf = (row: Row, results: Results): string => {
  const ours = row.of(results.holdfast ?? {})
  const { target, bound } = row
  const missed = (isMet: boolean): string => (isMet ? '' : ' (missed)')
  if (ours !== undefined && bound !== undefined) return `≤ ${row.unit(bound)}${missed(ours <= bound)}`
  const theirs = target && row.of(results[target.against] ?? {})
  if (ours === undefined || theirs === undefined) return ''
  const ratio = ours / theirs
  const { least, most } = target!
  const sign = least === undefined ? `≤ ${most}` : `≥ ${least}`
  return `${sign} × ${names[target!.against]}: **${ratio.toFixed(2)}**${missed(ratio >= (least ?? 0) && ratio <= (most ?? Infinity))}`
}

const tableOf = (some: readonly Row[], results: Results, columns: readonly Kind[]): string => {
  const cell = (row: Row, kind: Kind): string => {
    const value = row.of(results[kind] ?? {})
    return value === undefined ? '–' : row.unit(value)
  }
  return [
    ['', ...columns.map((kind) => names[kind]), 'target'],
    ['', ...columns, ''].map(() => '---'),
    ...some
      .filter((row) => columns.some((kind) => row.of(results[kind] ?? {}) !== undefined))
      .map((row) => [row.what, columns.map((kind) => cell(row, kind)), verdictOf(row, results)].flat()),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

export const tables = (results: Results): string => {
  const columns = kinds.filter((kind) => results[kind])
  const polled = results.holdfast?.polling ? `\n\n${tableOf(pollingRows, results, ['holdfast'])}` : ''
  return `${tableOf(rows, results, columns)}${polled}`
}

export const document = (results: Results, clients: number, polling: number): string => {
  const [sockets, polled = ''] = tables(results).split('\n\n')
  const all = clients.toLocaleString('en')
  return `# Ten thousand clients

Written by \`npm run bench:scale -- --write\`. One server process (Node.js ${process.versions.node}) and ${all} clients in another one, over the loopback
of a machine with ${cpus().length} × ${cpus()[0]?.model.split(' ').slice(0, 2).join(' ')}. The clients speak by hand and cost as little as can be; they
still need a core of their own. \`ws\` alone has a listener for messages and nothing else; Socket.IO is ${versionOf('socket.io')} over WebSocket, without
compression, as the others. Messages have 100 bytes.

${sockets}

- **Memory** is what the process has more than before its clients came, after garbage collection, for each. **In use** is V8's heap and
  what belongs to it. **RSS** has also what V8 took while the clients came, and keeps for the next rush: the more happens at once, the
  more it is. What the operating system keeps for a TCP connection is in neither.
- **CPU** is that of the whole process, of all its threads.
- **Echo**: half of the clients are idle, half send a message a second and get it back. With Holdfast, that includes all acknowledgements.
- **To all**: from the call until the last client has it; the median of ten. ${BURST} messages are sent in one task, as a price feed or a game does.
- **Thrown out**: the server's connections are cut, all at once. Clients come back within a second, at random; Holdfast's are admitted
  ${connectRate} a second (\`limits.connectRate\`, 1,000 where nothing else is said) and the others told when to come, so they come twice.
  They resume their sessions.

## Long polling

${polling.toLocaleString('en')} clients for whom there are no WebSockets, each with a request that hangs, half of them talking as above. Each has two connections
(HTTP/1.1), so memory is that of a session, of two connections and of a request.

${polled}
`
}
