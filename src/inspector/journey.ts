import type { Rung } from '../kernel/ladder.ts'
import type { Mutable } from '../kernel/mutable.ts'
import type { CarrierEntry, StatusEntry } from '../session/trace.ts'
import { type Attempt, MOST_SAMPLES, MOST_STAGES, SAMPLE_SPACING, type Sample, type Stage, keep } from './history.ts'

/** How the connection was, and which carriers were tried. */
export interface Journey {
  readonly stages: readonly Stage[]
  readonly attempts: readonly Attempt[]
  readonly samples: readonly Sample[]
  carrier(entry: CarrierEntry): void
  status(entry: StatusEntry): void
  clear(): void
}

const NAMES: Readonly<Record<Rung, string>> = { websocket: 'WebSocket', http: 'HTTP' }

/** Why a carrier is left, or does not come about. docs/protocol.md#ladder */
export const whyLeft = ({ carrier, event, phase, cause }: CarrierEntry): string => {
  const name = NAMES[carrier]
  const isOpening = phase === 'dialing' || phase === 'ready' || phase === 'asking'
  const also = cause ? ` ${cause.message}` : ''
  if (event === 'failed') {
    if (phase === 'heard') return cause?.message ?? `${name} broke.`
    return isOpening
      ? `${name} could not be opened.${also}`
      : `${name} opened, and broke before anything was heard.${also}`
  }
  if (carrier === 'http') return phase === 'heard' ? 'WebSocket gets through again.' : 'WebSocket was heard first.'
  if (phase === 'heard') return 'WebSocket was in doubt.'
  return isOpening ? 'WebSocket did not open in time.' : 'WebSocket opened, and then nothing came in time.'
}

export const createJourney = (): Journey => {
  const stages: Stage[] = []
  const attempts: Mutable<Attempt>[] = []
  const samples: Mutable<Sample>[] = []
  let wasOpen = false

  const end = (attempt: Mutable<Attempt>, at: number, why: string): void => {
    if (attempt.endedAt !== null) return
    attempt.endedAt = at
    attempt.why = why
  }
  const current = (rung: Rung): Mutable<Attempt> | undefined => attempts.findLast(({ carrier }) => carrier === rung)

  const sample = ({ at, status }: StatusEntry): void => {
    const { latency, queued, unacknowledged } = status
    const [before, last] = samples.slice(-2)
    // Counters change with every message. The last sample is how it is now; of those of a moment before, the highest is kept.
    if (before && last && last.at - before.at < SAMPLE_SPACING) {
      before.latency = last.latency
      before.queued = Math.max(before.queued, last.queued)
      before.unacknowledged = Math.max(before.unacknowledged, last.unacknowledged)
      samples.pop()
    }
    keep(samples, { at, latency, queued, unacknowledged }, MOST_SAMPLES)
  }

  return {
    stages,
    attempts,
    samples,
    carrier(entry) {
      const { at, carrier, event } = entry
      const attempt = current(carrier)
      if (event === 'dial') {
        if (attempt) end(attempt, at, 'It was given up for a new try.')
        keep(attempts, { at, carrier, heardAt: null, endedAt: null, why: null }, MOST_STAGES)
      } else if (attempt && event === 'heard') attempt.heardAt ??= at
      else if (attempt && (event === 'failed' || event === 'drop')) end(attempt, at, whyLeft(entry))
    },
    status(entry) {
      const { at, status } = entry
      sample(entry)
      const { state, pausedBy, transport } = status
      const cause = status.cause?.message ?? null
      // What ends with the connection is not told of carriers. One that was dialled just now belongs to the next.
      if (wasOpen && state !== 'open')
        for (const attempt of attempts) if (attempt.heardAt !== null) end(attempt, at, cause ?? 'The socket is closed.')
      if (state === 'waiting' || state === 'paused' || state === 'closed')
        for (const attempt of attempts) end(attempt, at, cause ?? 'The socket is closed.')
      wasOpen = state === 'open'
      const last = stages.at(-1)
      if (last?.state === state && last.pausedBy === pausedBy && last.transport === transport) return
      keep(stages, { at, state, pausedBy, transport, cause }, MOST_STAGES)
    },
    clear() {
      // What still holds goes on.
      stages.splice(0, stages.length - 1)
      attempts.splice(0, attempts.length, ...attempts.filter(({ endedAt }) => endedAt === null))
      samples.splice(0, samples.length - 1)
    },
  }
}
