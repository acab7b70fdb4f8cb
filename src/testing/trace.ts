/** One thing that happened: when (virtual milliseconds), to whom, what, and what was in it. */
export type TraceEvent = readonly [at: number, who: string, what: string, detail?: unknown]

/** What happened, in order. The same seed gives the same trace. */
export interface Trace {
  readonly events: readonly TraceEvent[]
  /** Writes one event down. */
  add(who: string, what: string, detail?: unknown): void
  /** The last `count` events as text, one a line. */
  format(count?: number): string
}

/** Long enough to see a whole control frame, short enough for a line. */
const LONGEST_DETAIL = 400

const describe = (detail: unknown): string => {
  if (detail === undefined) return ''
  if (detail instanceof Uint8Array) return `<${detail.length} bytes>`
  const text = typeof detail === 'string' ? detail : JSON.stringify(detail)
  return text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL)}…` : text
}

const formatEvent = ([at, who, what, detail]: TraceEvent): string =>
  `${at.toFixed(1).padStart(10)}  ${who.padEnd(8)} ${what} ${describe(detail).replaceAll('\n', '⏎')}`.trimEnd()

/** An empty trace that takes its times from `clock`. It keeps all, or so many at least, the newest. */
export const createTrace = (clock: { now(): number }, keeps: number = Infinity): Trace => {
  const events: TraceEvent[] = []
  return {
    events,
    add: (who, what, detail) => {
      events.push(detail === undefined ? [clock.now(), who, what] : [clock.now(), who, what, detail])
      if (events.length > 2 * keeps) events.splice(0, events.length - keeps)
    },
    format: (count = events.length) =>
      events
        .slice(Math.max(0, events.length - count))
        .map(formatEvent)
        .join('\n'),
  }
}
