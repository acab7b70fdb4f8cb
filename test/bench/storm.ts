/**
 * How clients of several libraries come back when all of them have lost their server at the same moment, computed from the
 * libraries' defaults:
 *
 *     npm run storm               # `-- --write` writes docs/reconnecting.md
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { seededRandom } from '../../src/testing/random.ts'
import { type Comeback, machineComesBack, measure } from '../tools/storm.ts'
import { root } from '../tools/suites.ts'

const CLIENTS = 100_000
const OUTAGES = [0, 10_000, 60_000]
const HINT = { after: 1_000, spread: 5_000 }

/** Tries one after another, each so long after the last one as `delay` says; undefined is the end. */
const trying =
  (delays: (chance: () => number) => (failures: number) => number | undefined): Comeback =>
  (outage, chance) => {
    const delay = delays(chance)
    let now = 0
    for (let failures = 0; ; failures++) {
      const wait = delay(failures)
      if (wait === undefined) return undefined
      now += wait
      if (now >= outage) return now
    }
  }

/** Once for each page, not for each try. */
const pageWide = trying((chance) => {
  const first = 1_000 + chance() * 4_000
  return (failures) => Math.min(10_000, first * 1.3 ** failures)
})

interface Library {
  readonly name: string
  readonly comeBack: Comeback
  /** The formula, and where it is documented. */
  readonly formula: string
  readonly source: string
}

const libraries: readonly Library[] = [
  {
    name: 'Holdfast',
    comeBack: machineComesBack(),
    formula: 'chance · min(30 s, 1 s · 2ⁿ)',
    source: '[the protocol](protocol.md#closing); computed by the machine itself',
  },
  {
    name: 'reconnecting-websocket 4.4',
    comeBack: pageWide,
    formula: 'min(10 s, first · 1.3ⁿ), where first is 1 to 5 s, drawn when the page loads',
    source:
      '[`reconnecting-websocket.ts`](https://app.unpkg.com/reconnecting-websocket@4.4.0/files/reconnecting-websocket.ts)',
  },
  {
    name: 'partysocket 1',
    comeBack: pageWide,
    formula: 'the same',
    source: '[`ws.ts`](https://github.com/cloudflare/partykit/blob/main/packages/partysocket/src/ws.ts)',
  },
  {
    name: 'Socket.IO 4',
    comeBack: trying((chance) => (failures) => {
      const usual = 1_000 * 2 ** failures
      return Math.min(5_000, usual + (chance() < 0.5 ? -1 : 1) * chance() * 0.5 * usual)
    }),
    formula: 'min(5 s, 1 s · 2ⁿ ± up to half of it)',
    source: '[`manager.d.ts`](https://app.unpkg.com/socket.io-client@4.8.3/files/build/esm/manager.d.ts)',
  },
  {
    name: 'SignalR 9',
    comeBack: trying(() => (failures) => [0, 2_000, 10_000, 30_000][failures]),
    formula: '0, 2, 10, 30 s, and then no more',
    source:
      '[`DefaultReconnectPolicy.ts`](https://app.unpkg.com/@microsoft/signalr@9.0.6/files/src/DefaultReconnectPolicy.ts)',
  },
  {
    name: 'graphql-ws 6',
    comeBack: trying(
      (chance) => (failures) => (failures < 5 ? 1_000 * 2 ** failures + 300 + chance() * 2_700 : undefined),
    ),
    formula: '1 s · 2ⁿ + 0.3 to 3 s, five times',
    source: '[`client.ts`](https://github.com/enisdenjo/graphql-ws/blob/master/src/client.ts)',
  },
]

const seconds = (time: number): string => `${(time / 1_000).toFixed(1)} s`
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

const cellsOf = (comeBack: Comeback, outage: number): string[] => {
  const random = seededRandom(1)
  const arrivals = Array.from({ length: CLIENTS }, () => comeBack(outage, random.float))
  const back = arrivals.filter((time) => time !== undefined)
  if (back.length === 0) return ['–', '–', '–', 'nobody comes back']
  const { peak, peakToMean, most, all } = measure(back)
  const lost = CLIENTS - back.length
  return [
    percent((peak * back.length) / CLIENTS),
    `**${peakToMean.toFixed(1)}**`,
    seconds(most - outage),
    lost > 0 ? `${percent(lost / CLIENTS)} never` : seconds(all - outage),
  ]
}

const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const headings = ['', 'busiest 100 ms', 'peak to mean', '90 % back after', 'all back after']
const tableOf = (rows: readonly (readonly string[])[], heads: readonly string[] = headings): string =>
  [rowOf(heads), rowOf(heads.map(() => '---')), ...rows.map(rowOf)].join('\n')

const sections = OUTAGES.map((outage) => {
  const rows = libraries.map(({ name, comeBack }) => [name, ...cellsOf(comeBack, outage)])
  const hinted = machineComesBack({ code: 4410, retry: HINT })
  if (outage <= HINT.after)
    rows.splice(1, 0, ['Holdfast, told when by a server that closes', ...cellsOf(hinted, outage)])
  return `## Away for ${outage / 1_000} s\n\n${tableOf(rows)}`
})

const document = `# Who comes back when

Written by \`npm run storm -- --write\`. ${CLIENTS.toLocaleString('en')} clients lose their server at the same moment, and notice at
once; their tries are refused, at once, until the server is back. Each library does what its defaults say, computed from its
formula; Holdfast's figures come from [the machine](architecture.md#machine) that runs in pages.

- **Busiest 100 ms**: the most clients that arrive within any 100 ms, as a share of all.
- **Peak to mean**: that, in terms of the mean over the time in which the first 90 % come back. One would be a perfect spread; so is
  all at once, which is why the former column stands beside it.
- **Back after**: counted from the moment when the server is back.

A Holdfast server that closes tells its clients when to come back, by default after ${HINT.after / 1_000} s and a random part of
${HINT.spread / 1_000} s more. A server that fell silent, instead of breaking its connections, is found dead by all who last heard
it together at the same moment: they spread just as after a break of 0 s.

${sections.join('\n\n')}

## What was computed

${tableOf(
  libraries.map(({ name, formula, source }) => [name, formula, source]),
  ['', 'the wait after n failed tries', 'source'],
)}
`

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
console.log(document)
const file = join(root, 'docs/reconnecting.md')
if (values.write) writeFileSync(file, await format(document, { ...(await resolveConfig(file)), filepath: file }))
