import type { LineCounts } from '../faults.ts'
import type { Tally } from './tally.ts'

/** What the proxy counted since the measurement began, and how much had come by then. */
export interface Cost {
  readonly requests: number
  readonly opened: number
  readonly open: number
  readonly up: number
  readonly down: number
  readonly messages: number
  readonly payload: number
}

export const costOf = (now: LineCounts, before: LineCounts | undefined, { messages, payload }: Tally): Cost => {
  const requests = ({ GET, POST, OPTIONS, UPGRADE }: LineCounts['requests']): number => GET + POST + OPTIONS + UPGRADE
  return {
    requests: requests(now.requests) - (before ? requests(before.requests) : 0),
    opened: now.accepted - (before?.accepted ?? 0),
    open: now.open,
    up: now.bytes.up - (before?.bytes.up ?? 0),
    down: now.bytes.down - (before?.bytes.down ?? 0),
    messages,
    payload,
  }
}

/** Bytes a message beyond what it says; undefined before the first. */
export const overhead = ({ up, down, messages, payload }: Cost): number | undefined =>
  messages === 0 ? undefined : (up + down - payload) / messages
