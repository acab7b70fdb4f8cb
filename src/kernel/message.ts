import type { HoldfastError } from './errors.ts'

/** A frame as it goes on the wire: a line of text, or bytes (line, newline, raw data). */
export type Encoded = string | Uint8Array

/** A frame with Blobs in its data, which travel ahead of its text. docs/protocol.md#blobs */
export interface Laden {
  readonly text: string
  readonly blobs: readonly Blob[]
}

/** Bytes of the Blobs of a message: those that have arrived, and all. */
export interface Progress {
  readonly loaded: number
  readonly total: number
}

export type OnProgress = (progress: Progress) => void

/** What became of a message: null if the other side acknowledged it, or else why not. */
export type Fate = HoldfastError | null

/** A frame on its way. It is what `send` returns, too: ten thousand queued messages cost their text and two words each. */
export interface Message {
  /** Empty once its fate is settled: whoever keeps a receipt does not keep the text. */
  frame: Encoded
  /** Its fate; while that is open, who wants to know it, if anybody does. */
  fate: Fate | ((fate: Fate) => void) | undefined
  /** Replaces a waiting message of the same key. */
  readonly latest?: string | undefined
  /** The clock's time (ms) from which it is not worth sending. */
  expiresAt?: number | undefined
  /** Whether it was given its number; only for one that may be withdrawn before. */
  isNumbered?: boolean
  /** They travel ahead of it. No later page can go on with it; nor with a piece of them, which has none itself. */
  blobs?: readonly Blob[] | undefined
  /** Hears of them. */
  onProgress?: OnProgress | undefined
}

/** Hears what must be kept for the next page. */
export interface Ledger {
  /** It waits, or has its number now. */
  enter(message: Message, number?: number): void
  /** Nobody needs it any more. */
  strike(message: Message): void
}

/** A message without conditions, of which nobody wants to know. */
export const messageOf = (frame: Encoded | Laden): Message =>
  isLaden(frame) ? { frame: frame.text, fate: undefined, blobs: frame.blobs } : { frame, fate: undefined }

/** One that thousands of outboxes share: it keeps its frame, whatever becomes of it in one of them. */
export const sharedOf = (frame: Encoded): Message => ({ frame, fate: null })

/** Whether there are Blobs in it. */
export const isLaden = (frame: Encoded | Laden): frame is Laden => typeof frame !== 'string' && 'blobs' in frame

/** Says the last word on it, once. */
export const settle = (message: Message, fate: Fate): void => {
  const { fate: tell } = message
  if (tell === null) return
  message.frame = ''
  message.fate = fate
  if (typeof tell === 'function') tell(fate)
}

/** Tells of its fate, at once if that is settled. */
export const watch = (message: Message, tell: (fate: Fate) => void): void => {
  const { fate } = message
  if (fate === undefined) message.fate = tell
  else if (typeof fate !== 'function') tell(fate)
  else
    message.fate = (settled) => {
      fate(settled)
      tell(settled)
    }
}

/** True for events and questions, false for what belongs to a question: `["name"…` in text or in bytes. */
export const isNamed = ([, second]: Encoded): boolean => second === '"' || second === 34

/** True for pieces of a parcel: `[null,` in bytes. */
export const isChunk = (frame: Encoded): boolean => frame[1] === 110
