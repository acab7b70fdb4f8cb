import type { Rung } from '../kernel/ladder.ts'
import type { ConnectionState } from '../kernel/machine.ts'
import type { TransportName } from '../transports/transport.ts'
import type { Frame } from './history.ts'

export const STATES: Readonly<Record<ConnectionState, string>> = {
  idle: 'Idle',
  connecting: 'Connecting',
  open: 'Open',
  waiting: 'Waiting',
  paused: 'Paused',
  closed: 'Closed',
}

export const TRANSPORTS: Readonly<Record<TransportName, string>> = {
  websocket: 'WebSocket',
  'http-stream': 'HTTP stream',
  'long-polling': 'long polling',
}

export const RUNGS: Readonly<Record<Rung, string>> = { websocket: 'WebSocket', http: 'HTTP' }

const round = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)))

/** Of milliseconds. */
export const duration = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  const seconds = ms / 1_000
  if (seconds < 60) return `${round(seconds)} s`
  const minutes = seconds / 60
  return minutes < 60 ? `${round(minutes)} min` : `${round(minutes / 60)} h`
}

export const bytes = (count: number): string => {
  if (count < 1_000) return `${count} B`
  return count < 1e6 ? `${round(count / 1_000)} kB` : `${round(count / 1e6)} MB`
}

/** By the clock on the wall: 12:04:59.123 */
export const clockTime = (at: number): string => {
  const date = new Date(at)
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  )
  return `${hours}:${minutes}:${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** How long it took until the other side was heard to have it. */
export const ageOf = ({ number, at, settledAt }: Frame): string =>
  number === null ? '' : settledAt === null ? 'pending' : duration(settledAt - at)

/** What is said, without what stands in columns of its own. */
export const contentOf = ({ kind, text }: Frame): string => {
  const said = kind === 'volatile' ? text.replace(/^\{"volatile":|\}$/g, '') : text
  // The name, or the id.
  return said[0] === '[' ? said.slice(0, 300).replace(/^\[(?:"(?:[^"\\]|\\.)*"|\d+|null),?|\]$/g, '') : said
}

/** As JSON is read by people, where it is whole. */
export const pretty = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
