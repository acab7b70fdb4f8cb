/** docs/benchmarks.md: words, and tables that were each written by a run of its own. */
import { cpus } from 'node:os'
import { burst, dripPause } from './contract.ts'
import { concurrency, measures, roundTrip } from './measures.ts'

/** The tables: by browser, and the other libraries'. */
export type Section = 'chromium' | 'peers' | 'firefox' | 'webkit'

/** Where it comes from stands above a table. */
export const provenance = (browser: string, rounds: number): string =>
  `${browser}; Node.js ${process.versions.node}; ${cpus().length} × ${cpus()[0]?.model.trim()}; ${rounds} rounds.`

const marks = (section: Section): readonly [begin: string, end: string] => [
  `<!-- begin ${section} -->`,
  `<!-- end ${section} -->`,
]

/** What stands in this section of a document. */
export function sectionOf(document: string, section: Section): string {
  const [begin, end] = marks(section)
  return document.split(begin)[1]?.split(end)[0]?.trim() ?? 'Not measured yet.'
}

const amountOf = (measure: keyof typeof measures): string => measures[measure].amount.toLocaleString('en')

/** The document anew, with one table replaced and the others as they are. */
export function withSection(document: string, section: Section, text: string): string {
  const show = (name: Section): string => {
    const [begin, end] = marks(name)
    return `${begin}\n\n${name === section ? text : sectionOf(document, name)}\n\n${end}`
  }
  return `# Benchmarks

Each table is written by a command: a real browser, and a server in a process of its own, over the loopback.

## Next to a bare WebSocket

\`npm run bench -- --write\`

${show('chromium')}

The ratio is what counts: absolute figures depend on the machine. Each round measures by hand, Holdfast, and by hand again, each over a
fresh connection; a ratio compares with the mean of the two runs around it. The table gives medians over all rounds, and the
smallest and largest ratio. How far one measurement by hand is from the next stands beside: what is within that is noise.

- **WebSocket** is what one would write by hand on a bare WebSocket and \`ws\`: one JSON message of 100 bytes a frame, answers found
  by id, no acknowledgement, no reconnection. Nothing is repeated when its connection breaks.
- **Fetch loop** is the same by hand where there are no WebSockets: a POST takes all that was sent since the last one, as one JSON
  array; a GET waits for all that there is to fetch, and is asked again at once. Nothing is repeated here, either.
- **Holdfast** carries the same data, with everything on: numbers, acknowledgements, replay buffers, heartbeats. Long polling is
  \`transport: 'long-polling'\`, streaming \`transport: 'http'\`.
- **Page to server** and **server to page**: ${amountOf('up')} messages (HTTP: ${amountOf('pollingUp')}), sent ${burst} a task, until the
  last has been handled on the other side.
- **Requests in flight**: ${amountOf('inFlight')} requests, ${concurrency} at a time, answered by an echo. **One after another**:
  ${amountOf('sequential')} requests of each side, each after the answer to the one before; the sides take turns.
- **Flush**: messages that were sent before there was a connection, counted from the end of the task that sent them until the last was
  handled; the connection's opening is in it. By hand, an array of strings, sent in a loop when the WebSocket opens.
- **Main thread**: processor time of the page's main thread for each message, as Chromium tells it, from before the first is sent until
  the last is answered for. What the page itself does to make a message, or to read one, is in it on both sides.
- **Heap, a queued message**: ${amountOf('heap')} messages that wait for a connection, next to an array of their strings. **After the
  acknowledgement**: all that the page's heap holds when they have been delivered, next to what it held before.
- **Bytes on the wire**: of TCP's payload through a proxy, both directions, acknowledgements, headers and all, for each message;
  one by one is every ${dripPause} ms, until a second after the last; in a burst is 10,000 of them. What one would write by hand,
  \`{"event":"move","data":…}\`, is 14 bytes longer than Holdfast's \`["move",…]\`, and that is in the difference.
- **A million**: sent ${burst} a task, one task right after the other, or all of them by one task of the page, whose own time is not
  counted. Requests are asked all the while, 50 ms after the answer to the one before. They keep their place behind what was sent
  before them: where one task says it all, a request behind it takes as long as the line does for that. The longest task is as
  Chromium tells it, 0 for none over 50 ms.
- **Push p50**: from the server's \`send\` to the page's listener, at a round trip of ${roundTrip} ms (a proxy between both delays all bytes by
  ${roundTrip / 2} ms). The page asks for each message over a WebSocket of its own that does not pass the proxy, so one clock measures
  all, and that fraction of a millisecond is in every figure. The sides take turns, message by message.

Limits that protect a server, and bounds that protect a page's memory, are out of the way: \`limits.rate: Infinity\`,
\`limits.bufferedMessages\`, \`limits.bufferedBytes\` and the client's \`outbox\` are larger than a run. Compression is off on both.

## Other libraries

\`npm run bench -- --peers --write\` installs them, outside of the project, and measures them
in the same way, over WebSocket alone, each with its own server. Without a figure is what a library does not do.

${show('peers')}

- **Up**, **down**, **requests**, **main thread** and **heap** are ratios, as above: more is better in the first three, less in the others.
  **Wire** is bytes more than a bare WebSocket takes for a message from the page to the server, acknowledgements and all. **Size** is what
  a page loads to have the client, as brotli.
- What is numbered, acknowledged and repeated after a break differs: Holdfast does so for every message, MQTT with QoS 1 too; the others
  lose what was on its way. Requests are found by id, by hand, where a library has none (Socket.IO has acknowledgements).
- Clients have the options that they come with, but for WebSocket as the only transport. Servers are \`ws\` where the client is no more
  than a WebSocket that comes back, and aedes for MQTT.

## Firefox

\`npm run bench -- --browser firefox --write\`

${show('firefox')}

## WebKit

\`npm run bench -- --browser webkit --write\`

${show('webkit')}
`
}
