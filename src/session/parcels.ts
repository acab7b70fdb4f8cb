import { HoldfastError } from '../kernel/errors.ts'
import { type Encoded, type Message, messageOf, settle, watch } from '../kernel/message.ts'
import type { OutboxBounds } from '../kernel/outbox.ts'
import { createWindow } from '../kernel/window.ts'
import { encodeBytes } from '../protocol/encode.ts'
import type { Parcels, Port } from './ports.ts'

/** Bytes of a piece: it takes 16 ms on a line of 1 MB/s, and nothing can go in the midst of it. */
const CHUNK = 16_384
/** A piece has a line beside its bytes, not so long. */
const LINE = 128
/** So many pieces are read at a time, and while they go, as many more: reading takes milliseconds. */
const READ = 16
/** Pieces may fill half of an outbox, by any of its bounds. */
const SHARE = 1 / 2

/** The message whose turn it is. */
interface Parcel {
  readonly message: Message
  readonly blob: Blob
  /** Bytes of a piece. */
  readonly chunk: number
  /** What was read and has not gone. */
  readonly read: Uint8Array[]
  /** Bytes that were asked for, that went, and that arrived. */
  asked: number
  gone: number
  loaded: number
  isReading: boolean
}

/** What belongs to a parcel has no Blobs itself. */
const NONE: readonly Blob[] = []

/** `refusal`: why a message cannot go to the other side, if it cannot. */
export const createParcels = (
  talk: Port,
  { maxMessages, maxBytes }: OutboxBounds,
  refusal: (frame: Encoded, blobs?: readonly Blob[]) => HoldfastError | undefined,
): Parcels => {
  const { session, clock } = talk
  const { outbox } = session
  const window = createWindow()
  let queue: Message[] = []
  const open = new Set<Message>()
  let parcel: Parcel | undefined
  /** The last one of which the other side has something, while it may still be given up. */
  let begun: Message | undefined
  let arrived = 0
  let turn = 0
  let isPumping = false

  /** What room it needs was found before. */
  const put = (message: Message): void => {
    outbox.push(message, clock.now(), true)
    session.schedule()
  }
  const leave = (message: Message): boolean => {
    const at = queue.indexOf(message)
    if (at >= 0) queue.splice(at, 1)
    if (parcel?.message === message) parcel = undefined
    return at >= 0
  }
  /** It was given up: the other side need not keep what it has of it. */
  const discard = (message: Message): void => {
    if (begun !== message) return
    begun = undefined
    put({ ...messageOf('[null]'), blobs: NONE })
  }
  const fail = (message: Message, error: HoldfastError): void => {
    leave(message)
    settle(message, error)
    talk.fault(error)
  }

  const read = async (from: Parcel): Promise<void> => {
    const { message, blob, chunk, asked } = from
    from.asked = Math.min(blob.size, asked + chunk * READ)
    from.isReading = true
    try {
      const bytes = new Uint8Array(await blob.slice(asked, from.asked).arrayBuffer())
      if (bytes.length < from.asked - asked) throw new RangeError('it has changed')
      from.read.push(bytes)
    } catch (error) {
      const why = `A Blob cannot be read: ${(error as Error).message}.`
      if (parcel === from) fail(message, new HoldfastError('unserializable', why, error))
    }
    from.isReading = false
    parcels.pump()
  }

  const begin = (message: Message): void => {
    const error =
      message.expiresAt! <= clock.now()
        ? new HoldfastError('expired', 'The `ttl` of a message with Blobs ran out.')
        : refusal(message.frame, message.blobs)
    if (error) return fail(message, error)
    // Once it has begun, it is worth sending.
    message.expiresAt = undefined
    const chunk = Math.min(CHUNK, (session.limit ?? Infinity) - LINE)
    const blob = new Blob(message.blobs as Blob[])
    parcel = { message, blob, chunk, read: [], asked: 0, gone: 0, loaded: 0, isReading: false }
  }

  const hasRoom = (bytes: number): boolean =>
    window.admits(bytes) &&
    (window.out() === 0 ||
      (outbox.bytes + bytes <= maxBytes * SHARE && outbox.sent.length + outbox.queued <= maxMessages * SHARE))

  const send = (from: Parcel, bytes: Uint8Array): void => {
    const { message, blob, gone } = from
    const { length } = bytes
    const mine = turn
    const arrive = window.send(length, clock.now())
    const id = /^\[(\d+)/.exec(message.frame as string)?.[1]
    const line = `[null,null,${gone},${blob.size}${id ? `,${id}` : ''}]`
    const piece: Message = { frame: encodeBytes(line, bytes), fate: undefined, blobs: NONE }
    watch(piece, () => {
      if (mine !== turn) return
      arrived++
      arrive(clock.now())
      from.loaded += length
      talk.progress(message.onProgress, { loaded: from.loaded, total: blob.size })
    })
    from.gone += length
    begun = message
    put(piece)
  }

  /** False if nothing can be done just now. */
  const advance = (from: Parcel): boolean => {
    const { message, blob, chunk, read: pieces } = from
    if (from.gone === blob.size) {
      leave(message)
      put(message)
      return true
    }
    if (pieces.length < 2 && !from.isReading && from.asked < blob.size) void read(from)
    const [first] = pieces
    const bytes = first?.subarray(0, chunk)
    if (!bytes || !hasRoom(bytes.length)) return false
    if (bytes.length < first!.length) pieces[0] = first!.subarray(chunk)
    else pieces.shift()
    send(from, bytes)
    return true
  }

  const parcels: Parcels = {
    limit: undefined,
    open,
    out: window.out,
    arrived: () => arrived,
    push(message, _now, force) {
      if (!force && outbox.sent.length + outbox.queued + queue.length >= maxMessages) return false
      queue.push(message)
      open.add(message)
      watch(message, (fate) => {
        open.delete(message)
        if (fate) discard(message)
        message.blobs = undefined
      })
      parcels.pump()
      return true
    },
    withdraw(message) {
      if (leave(message)) message.frame = ''
      else if (!outbox.withdraw(message)) return false
      open.delete(message)
      discard(message)
      session.schedule()
      return true
    },
    recall(id) {
      const answer = queue.find(({ frame }) => (frame as string).startsWith(`[${id},`))
      if (answer && parcels.withdraw(answer))
        settle(answer, new HoldfastError('aborted', 'The asker withdrew its request.'))
    },
    pump() {
      if (isPumping || parcels.limit === undefined) return
      isPumping = true
      for (let message: Message | undefined; (message = queue[0]);) {
        if (!parcel) begin(message)
        else if (!advance(parcel)) break
      }
      isPumping = false
    },
    start: () => window.start(clock.now()),
    clear() {
      const waited = queue
      queue = []
      open.clear()
      parcel = begun = undefined
      turn++
      window.clear()
      return waited
    },
  }
  return parcels
}
