import type { ConnectionWorld } from '../../src/kernel/machine.ts'

/** The defaults, online, at the beginning of time, with the longest waits that chance allows. */
export const usual: ConnectionWorld = {
  now: 0,
  chance: 0,
  online: true,
  backoff: { base: 1_000, factor: 2, max: 30_000, jitter: 1 },
  connectTimeout: 10_000,
}
