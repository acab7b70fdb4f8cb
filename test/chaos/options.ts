import type { ConnectOptions } from 'holdfast'

export const heartbeat = { timeout: 300 }

/** What somebody sets who cannot wait. Each costs something: docs/guide.md#impatient */
export const impatient: ConnectOptions = {
  backoff: { base: 100, max: 400 },
  connectTimeout: 1_000,
  heartbeat,
  // On a machine that is busy with other things it may be a long time until they get through.
  outbox: { maxMessages: 100_000, maxBytes: 100_000_000 },
}
