import type { Rung } from '../kernel/ladder.ts'
import type { ConnectionState } from '../kernel/machine.ts'
import type { History } from './history.ts'
import { STATES } from './words.ts'

/** A piece of time, and what it is to look like. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly name: string
  readonly tone: ConnectionState
  readonly why: string | null
}

/** The states one after another; that the carrier changed is no new state. */
export const stateSpans = ({ stages }: History, now: number): readonly Span[] => {
  const changes = stages.filter(
    ({ state, pausedBy }, i) => i === 0 || stages[i - 1]!.state !== state || stages[i - 1]!.pausedBy !== pausedBy,
  )
  return changes.map(({ at, state, pausedBy, cause }, i) => ({
    from: at,
    to: changes[i + 1]?.at ?? now,
    name: pausedBy === 'offline' ? 'Offline' : pausedBy === 'frozen' ? 'Frozen' : STATES[state],
    tone: state,
    why: cause,
  }))
}

/** When a carrier was being tried, and when it was good. */
export const carrierSpans = ({ attempts }: History, rung: Rung, now: number): readonly Span[] =>
  attempts
    .filter(({ carrier }) => carrier === rung)
    .flatMap(({ at, heardAt, endedAt, why }): Span[] => {
      const end = endedAt ?? now
      const isVain = endedAt !== null && heardAt === null
      const tried: Span = {
        from: at,
        to: heardAt ?? end,
        name: isVain ? 'failed' : 'opening',
        tone: isVain ? 'waiting' : 'connecting',
        why: heardAt === null ? why : null,
      }
      return heardAt === null ? [tried] : [tried, { from: heardAt, to: end, name: 'in use', tone: 'open', why }]
    })
