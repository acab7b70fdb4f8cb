/** The transport lab: the same messages by four ways, side by side. */
import { byId, setText } from '../../page/dom.ts'
import { openShell } from '../../page/shell.ts'
import type { Credentials } from '../visitors.ts'
import { openClock } from './clock.ts'
import { createComparison } from './comparison.ts'
import { type Lab, type LaneName, type Run, laneNames } from './contract.ts'
import { overhead } from './cost.ts'
import { createJournal } from './journal.ts'
import { createJournalView } from './journal-view.ts'
import { createLaneView } from './lane-view.ts'
import { lineOf, openLanes } from './lanes.ts'
import { createMeasurement } from './measurement.ts'
import { createRecorder } from './recorder.ts'
import { watchResources } from './resources.ts'
import { sumsOf } from './sums.ts'
import { asBytes, asTime } from './units.ts'

const measurement = createMeasurement()
const journal = createJournal()
const recorder = createRecorder(journal)

const views = new Map(
  laneNames.map((lane) => [lane, createLaneView(lane, (milliseconds) => void delay(lane, milliseconds))]),
)
byId('lanes').append(...Array.from(views.values(), ({ section }) => section))
const comparison = createComparison([
  { heading: 'Bytes beyond the message, for each', words: asBytes },
  { heading: 'Median latency', words: asTime },
])
byId('comparison').append(...comparison.elements)

const shell = await openShell({ lines: (page) => laneNames.map((lane) => lineOf(page, lane)) })
const { me, page, backend } = shell
const steering = shell.connect<Lab>('lab')
const browserCounts = watchResources(page)
const journalView = createJournalView(journal, (lane) => sumsOf(lane, measurement.of(lane), browserCounts(lane)))

let isRunning = true
let epoch = 0
const clock = await openClock(steering, (uncertainty) => setText(byId('clock'), asTime(uncertainty)))
epoch = Math.floor(clock.now())

/** As long as what every hello takes along. */
const auth: Credentials = { person: me, page, token: await backend.token() }
await openLanes({
  shell,
  hear: (lane, text) => measurement.hear(lane, text, clock.now() - epoch),
  trace: (lane, entry) => recorder.packet(lane, entry, auth),
  state: (lane, words) => views.get(lane)!.state(words),
})

const chosen = (name: string): number =>
  Number(document.querySelector<HTMLInputElement>(`input[name=${name}]:checked`)!.value)
/** Tells the server what to say. Waits for the connection as long as it takes. */
const steer = async (): Promise<void> => {
  const run = { rate: chosen('rate'), size: chosen('size'), first: measurement.newest + 1, epoch } as Run
  await steering.request('run', isRunning ? run : null, { timeout: Infinity, idempotent: true })
}
const begin = (): void => void steer().catch(() => {})
// The server that forgot this session has forgotten what to say.
steering.onLost(begin)
begin()

async function delay(lane: LaneName, milliseconds: number): Promise<void> {
  await backend.befall('latency', milliseconds, lineOf(page, lane)).then(measurement.begin, () => {})
}
byId('settings').addEventListener('change', () => {
  measurement.begin()
  begin()
})
const toggle = byId('toggle')
toggle.addEventListener('click', () => {
  isRunning = !isRunning
  setText(toggle, isRunning ? 'Pause' : 'Start')
  begin()
})
byId('again').addEventListener('click', measurement.begin)

const count = async (lane: LaneName): Promise<void> => {
  const counts = await backend.counts(lineOf(page, lane))
  measurement.count(lane, counts, recorder.frames)
  recorder.exchanges(lane, counts)
}
const countAll = async (): Promise<void> => {
  await Promise.allSettled(laneNames.map(count))
  await clock.learn()
  setTimeout(() => void countAll(), 1_000)
}
void countAll()

setInterval(() => {
  for (const [lane, view] of views) {
    const { tally, cost } = measurement.of(lane)
    view.heard(tally)
    view.cost(cost)
  }
  comparison.show(
    measurement.each(({ cost }) => cost && overhead(cost)),
    measurement.each(({ tally }) => tally.percentile(0.5)),
  )
  journalView.tick()
}, 500)
