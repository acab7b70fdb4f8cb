import { follow } from '../../page/follow.ts'
import { byId } from '../../page/dom.ts'
import { openShell } from '../../page/shell.ts'
import type { Dashboard, Sample } from './contract.ts'
import { createPanels } from './panels.ts'
import { createSessions } from './sessions.ts'

/** Milliseconds that the widest range shows: what is older is of no use. */
const KEPT = 300_000

const panels = createPanels()
const showSessions = createSessions()
let samples: Sample[] = []
/** What is on the screen, while it stands still; null while it moves. */
let pausedAt: number | null = null

const show = (): void => {
  const end = pausedAt ?? Infinity
  const shown = samples.filter(({ at }) => at <= end)
  panels.show(shown, pausedAt)
  const newest = shown.at(-1)
  if (newest) showSessions(newest)
}

for (const radio of document.querySelectorAll<HTMLInputElement>('input[name=range]'))
  radio.addEventListener('change', () => panels.span(Number(radio.value)))

const pause = byId('pause')
pause.addEventListener('click', () => {
  pausedAt = pausedAt === null ? (samples.at(-1)?.at ?? Date.now()) : null
  pause.ariaPressed = String(pausedAt !== null)
  show()
})

const { connect } = await openShell()
const socket = connect<Dashboard>('dashboard')

void follow({
  // After a lost session it asks for what came behind the last that it has: an outage leaves a gap only where nobody measured.
  open: () => socket.stream('metrics', { since: samples.at(-1)?.at ?? 0 }),
  take(news) {
    const oldest = (news.at(-1)?.at ?? 0) - KEPT
    samples = [...samples, ...news].filter(({ at }) => at >= oldest)
    if (pausedAt === null) show()
  },
})
