/// <reference types="vite/client" />
import type { ConnectOptions } from 'holdfast'
import { expect } from 'vitest'
import type { Endured } from './endure.ts'
import { unharmed } from './ledger.ts'
import { impatient } from './options.ts'

/** `CHAOS=defaults` measures without any options, `CHAOS=online` as well, and pages hear whenever the network is well again. */
const mode = String(import.meta.env['CHAOS'] ?? '')

/** Who is told goodbye has to be there, however busy the machine is: a short timeout would take the server for dead. */
export const optionsOf = (name: string): ConnectOptions =>
  mode === '' ? { ...impatient, ...(name === 'the server is deployed anew' && { heartbeat: {} }) } : {}
export const hears = mode === 'online'

/**
 * Milliseconds after which a connection must be open again, and after which what gathered meanwhile must have gone over it. By the options
 * the first takes 1.3 s at worst: a try that began too soon is given up after `connectTimeout`, less the 150 ms in which its second carrier
 * was not tried yet, and the next one begins within `backoff.max`. The second is the machine's: 0.5 s for a second's messages was seen.
 */
const RECOVERY = 2_000
/** One that starts anew has forgotten the session: it takes a connection to learn that, and another. */
const RESTART = 3_000
/** Of a machine whose timers are later than this meanwhile, in all, nothing is expected. */
const TOO_LATE = 250

/** Beyond what nobody can have: a server that crashes takes along what it had to say, and one that ends its questions. */
export function expectExactly(endured: Endured, name: string): void {
  const { up, down, inDoubt, errors, recoveries } = endured
  const ends = /everything at once|server (is deployed|crashes)/.test(name)
  if (name === 'the server crashes') {
    expect({ up, down }).toMatchObject({
      up: { outOfOrder: 0, corrupted: 0 },
      down: { ...unharmed, lost: down.lost, unanswered: down.unanswered },
    })
    const resent = inDoubt.filter((message) => message.resent).length
    expect([up.doubled <= resent, up.lost <= inDoubt.length - resent]).toEqual([true, true])
    // What was out when it died, and no more.
    expect(Math.max(inDoubt.length, down.lost)).toBeLessThan(400)
  } else {
    expect({ up, down }).toMatchObject({
      up: unharmed,
      down: ends ? { ...unharmed, unanswered: down.unanswered } : unharmed,
    })
    expect(inDoubt).toEqual([])
  }
  expect(errors.filter(({ code }) => !(ends && code === 'session-lost'))).toEqual([])
  // There was something to lose.
  expect(Math.min(up.sent, down.sent)).toBeGreaterThan(50)
  expect(Math.min(up.answered, down.answered)).toBeGreaterThan(4)
  // A machine that keeps this process waiting says nothing of sockets.
  const judged = recoveries.filter(({ late }) => late < TOO_LATE)
  const longest = (times: readonly number[]): number => Math.max(0, ...times)
  if (mode === '') {
    const open = longest(judged.map(({ opened, late }) => opened - late))
    expect(open).toBeLessThanOrEqual(name === 'the server crashes' ? RESTART : RECOVERY)
    expect(longest(judged.map(({ took, opened, late }) => took - opened - late))).toBeLessThanOrEqual(RECOVERY)
  }
  if (name.startsWith('WebSockets'))
    expect(endured.carriers.join(' ')).toMatch(/(http-stream|long-polling).* websocket$/)
}
