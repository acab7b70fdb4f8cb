import type { Status } from 'holdfast'
import { byId, make, setText } from './dom.ts'

/** As many messages are drawn at the end of the line, at most. */
const PIPS = 8

/** The state in words: what a screen reader says when it changes. */
export const nameOf = ({ state, attempt, cause }: Status): string => {
  switch (state) {
    case 'idle':
      return 'Not started'
    case 'connecting':
      return attempt > 1 ? 'Trying again' : 'Connecting'
    case 'open':
      return 'Connected'
    case 'waiting':
      return cause?.code === 'session-lost' ? 'Session lost' : 'No connection'
    case 'paused':
      return 'Offline'
    case 'closed':
      return 'Closed for good'
  }
}

const detailOf = ({ state, resumed, cause, attempt }: Status): string => {
  if (state === 'open') return resumed ? 'The session goes on where it was.' : 'A new session.'
  if (state === 'paused') return 'The browser says that there is no network. It goes on when there is.'
  return cause?.message ?? (attempt > 0 ? `Try ${attempt}.` : '')
}

/** What a change of the state is worth in the journal; undefined for nothing: a try tells by its end. */
export const whatHappened = (
  before: Status['state'],
  { state, attempt, resumed, cause }: Status,
): string | undefined => {
  const why = cause ? `: ${cause.code}.` : '.'
  switch (state) {
    case 'open':
      return resumed ? 'Connected: the session goes on.' : 'Connected: a new session.'
    case 'waiting':
      return before === 'open' ? `The connection is lost${why}` : `Try ${attempt} failed${why}`
    case 'paused':
      return 'The browser says that there is no network.'
    case 'closed':
      return `Closed for good${why}`
    case 'idle':
    case 'connecting':
      return undefined
  }
}

const milliseconds = (latency: number | null): string =>
  latency === null ? '–' : latency < 1 ? '< 1 ms' : `${Math.round(latency)} ms`

/** Draws the status. Returns what to call for each new one. */
export const createStatusView = (): ((status: Status) => void) => {
  const wire = byId('wire')
  const pips = byId('pips')
  const tryNow = byId('try-now')
  const brief = byId('brief')
  const figure = {
    state: byId('state'),
    detail: byId('detail'),
    next: byId('next-try'),
    queued: byId('queued'),
    unacknowledged: byId('unacknowledged'),
    latency: byId('latency'),
    transport: byId('transport'),
    session: byId('session'),
  }
  let retryAt: number | null = null
  let ticking: ReturnType<typeof setInterval> | undefined

  const tick = (): void => {
    // `retryAt` is on the clock that never jumps; Date.now() may be set back while the page waits.
    const left = retryAt === null ? null : Math.max(0, retryAt - performance.timeOrigin - performance.now())
    setText(figure.next, left === null ? '–' : `${Math.ceil(left / 1000)} s`)
  }

  return (status) => {
    const { state, queued, unacknowledged, latency, transport, resumed } = status
    wire.dataset['state'] = state
    brief.dataset['state'] = state
    setText(brief, nameOf(status))
    setText(figure.state, nameOf(status))
    setText(figure.detail, detailOf(status))
    figure.detail.title = detailOf(status)
    setText(figure.queued, String(queued))
    setText(figure.unacknowledged, String(unacknowledged))
    setText(figure.latency, milliseconds(latency))
    setText(figure.transport, transport ?? '–')
    setText(figure.session, state !== 'open' ? '–' : resumed ? 'resumed' : 'new')
    figure.queued.classList.toggle('some', queued > 0)
    figure.unacknowledged.classList.toggle('some', unacknowledged > 0)
    const out = Math.min(PIPS, queued + unacknowledged)
    if (pips.childElementCount !== out) pips.replaceChildren(...Array.from({ length: out }, () => make('b', '')))
    // Hidden without giving up its place: nothing moves when the state changes.
    tryNow.style.visibility = state === 'waiting' || state === 'connecting' ? 'visible' : 'hidden'

    retryAt = status.retryAt
    tick()
    if (retryAt !== null) ticking ??= setInterval(tick, 100)
    else {
      clearInterval(ticking)
      ticking = undefined
    }
  }
}
