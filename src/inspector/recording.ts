import { createEmitter } from '../kernel/emitter.ts'
import { HoldfastError } from '../kernel/errors.ts'
import { reportError } from '../platform/report.ts'
import type { TraceEntry } from '../session/trace.ts'
import type { Bounds, History } from './history.ts'
import { createJourney } from './journey.ts'
import { FORMAT, parseHistory } from './json.ts'
import { createLedger } from './ledger.ts'

/** What a socket did, as it told in its trace. Bounded: what was first goes first. */
export interface Recording {
  /** For the option `trace` of `connect`. Bound: it can be handed on as it is. */
  readonly trace: (entry: TraceEntry) => void
  /** What happened so far. It goes on changing: take what you need. */
  readonly history: History
  /** Calls `listener` after each entry, and when all was cleared. Returns the function that ends that. */
  subscribe(listener: () => void): () => void
  /** Forgets all but what still holds: the state, and the carrier in use. */
  clear(): void
  /** What {@link readRecording} reads: plain JSON, without secrets of the protocol, with what the application said. */
  toJSON(): object
}

/** How much is kept. */
export interface RecordingOptions {
  /** Frames. Default: 2000. */
  readonly frames?: number
  /** Characters of each frame. Default: 4096. */
  readonly text?: number
}

const boundsOf = ({ frames = 2_000, text = 4_096 }: RecordingOptions): Bounds => {
  for (const [name, value] of Object.entries({ frames, text }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new HoldfastError('invalid-option', `\`${name}\` must be a whole number, at least 1.`)
  return { frames, text }
}

/** Keeps what a socket tells: `connect(url, { trace: recording.trace })`. */
export const createRecording = (options: RecordingOptions = {}): Recording => {
  const ledger = createLedger(boundsOf(options))
  const { carrier, status, clear, ...journey } = createJourney()
  const notices = createEmitter(reportError)
  let until = 0
  const history: History = {
    ...journey,
    frames: ledger.frames,
    get totals() {
      return ledger.totals
    },
    get dropped() {
      return ledger.dropped
    },
    get until() {
      return until
    },
  }
  return {
    history,
    trace(entry) {
      // Clocks can be set back.
      until = Math.max(until, entry.at)
      if (entry.type === 'packet') ledger.packet(entry)
      else if (entry.type === 'status') status(entry)
      else {
        if (entry.event === 'dial') ledger.dialled(entry.carrier)
        carrier(entry)
      }
      notices.emit('', undefined)
    },
    subscribe: (listener) => notices.on('', listener),
    clear() {
      ledger.clear()
      clear()
      notices.emit('', undefined)
    },
    toJSON: () => exported(history),
  }
}

const exported = (history: History): object => ({ format: FORMAT, ...history })

/**
 * What was exported, as text or as parsed JSON: to look at, for it is over, and nothing is added to it. Throws `invalid-argument` for
 * anything else.
 */
export const readRecording = (json: unknown): Recording => {
  const history = parseHistory(json)
  return {
    history,
    trace: () => {},
    subscribe: () => () => {},
    clear: () => {},
    toJSON: () => exported(history),
  }
}
