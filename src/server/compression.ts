import { HoldfastError } from '../kernel/errors.ts'
import { resolveOptions } from '../options.ts'

/** How WebSocket packets to clients are compressed (permessage-deflate). docs/server.md#compression */
export interface Compression {
  /** Packets of fewer bytes go as they are. Default: 1024. */
  threshold?: number
  /** A packet may refer to those before it. Default: true. */
  contextTakeover?: boolean
  /** How far back it may refer, as a power of two, from 9 to 15: memory for each connection. Default: 13. */
  windowBits?: number
  /** The same for what it remembers of that, from 1 to 9. Default: 6. */
  memLevel?: number
  /** How hard it tries, from 1 to 9: time. Default: 6. */
  level?: number
  /** How many packets are compressed or expanded at a time; the first server of a process decides for all. Default: 10. */
  concurrency?: number
}

const DEFAULTS = { threshold: 1_024, contextTakeover: true, windowBits: 13, memLevel: 6, level: 6, concurrency: 10 }
const BOUNDS = { windowBits: [9, 15], memLevel: [1, 9], level: [1, 9], concurrency: [1, Infinity] } as const

/** As `ws` wants it. */
export interface Deflate {
  readonly threshold: number
  readonly serverNoContextTakeover: boolean
  readonly serverMaxWindowBits: number
  readonly zlibDeflateOptions: { readonly memLevel: number; readonly level: number }
  readonly concurrencyLimit: number
}

/** What `ws` is to be told. Throws `invalid-option`. */
export const deflateOf = (compression: boolean | Compression = false): Deflate | false => {
  if (compression === false) return compression
  const { threshold, contextTakeover, windowBits, memLevel, level, concurrency } = resolveOptions(
    compression === true ? {} : compression,
    DEFAULTS,
    'compression.',
  )
  const given = { windowBits, memLevel, level, concurrency }
  for (const [name, [least, most]] of Object.entries(BOUNDS)) {
    const value = given[name as keyof typeof BOUNDS]
    if (!(value >= least && value <= most && (Number.isInteger(value) || value === most)))
      throw new HoldfastError(
        'invalid-option',
        `\`compression.${name}\` must be a whole number from ${least} to ${most}.`,
      )
  }
  return {
    threshold,
    serverNoContextTakeover: !contextTakeover,
    // Of clients nothing is demanded: not all browsers offer to use less, and those could not connect.
    serverMaxWindowBits: windowBits,
    zlibDeflateOptions: { memLevel, level },
    concurrencyLimit: concurrency,
  }
}
