import type { Socket } from './connect.ts'
import type { HoldfastError } from './kernel/errors.ts'
import { createCell } from './kernel/cell.ts'
import { createEmitter } from './kernel/emitter.ts'
import { resolveOptions } from './options.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { reportError } from './platform/report.ts'
import type { Lost } from './session/lost.ts'
import { IDLE } from './session/status.ts'

/** What can be shared: the sockets of `holdfast` and of `holdfast/wire`. */
export type Shareable = Pick<Socket, 'errors' | 'reconnect' | 'close'>

/** How a socket is shared. */
export interface ShareOptions {
  /**
   * Milliseconds that the socket stays open after the last one let go, so that neither a change of route nor React's
   * StrictMode, which mounts twice, closes it. Default: 1000, as long as nanostores keeps a store mounted.
   */
  readonly linger?: number
}

/** What sharing needs of its world. */
interface ShareWorld {
  readonly clock: Pick<Clock, 'after'>
  /** Where it goes what a listener of the status threw. */
  readonly report: (error: unknown) => void
  /** Where those are that are in use. */
  readonly held: Set<object>
}

const DEFAULTS = { linger: 1_000 } as const

/** Ends an iteration that never began. */
async function* nothing(): AsyncGenerator<never> {}

/** `share` in a world of one's own. */
export const createShared = <S extends Shareable>(
  open: () => S,
  options: ShareOptions,
  { clock, report, held }: ShareWorld,
): S => {
  const { linger } = resolveOptions(options, DEFAULTS)
  /** The one in use: another one after each time that all had let go. */
  let inner: Socket | undefined
  let users = 0
  let unwatch: () => void
  let disarm = (): void => {}
  /** What users registered, to be registered with each new one. */
  const ties = new Set<(socket: Socket) => void>()
  const status = createCell(IDLE, createEmitter(report))
  const notices = createEmitter(report)

  const start = (): void => {
    if (inner) {
      // To linger is for one that is open: who comes when nobody else is there has no use for one that is closed.
      if (users > 0 || inner.status.get().state !== 'closed') return
      leave()
    }
    inner = open() as object as Socket
    held.add(socket)
    inner.onLost?.((lost) => notices.emit('lost', lost))
    inner.onError((error) => notices.emit('error', error))
    for (const tie of ties) tie(inner)
    unwatch = inner.status.subscribe(status.set)
  }
  const leave = (): Socket => {
    const left = inner!
    unwatch()
    inner = undefined
    return left
  }
  /** Nobody uses it; but what was said has still to arrive, however long that takes. */
  const retire = async (): Promise<void> => {
    const [retiring, mine] = [inner, disarm]
    await retiring!.flush?.().catch(() => {})
    if (users > 0 || inner !== retiring || disarm !== mine) return
    held.delete(socket)
    void leave().close()
    status.set(IDLE)
  }
  /** One more uses it, until the returned function is called. */
  const use = (): (() => void) => {
    start()
    disarm()
    users++
    let isUsing = true
    return () => {
      if (isUsing && --users === 0) disarm = clock.after(linger, () => void retire())
      isUsing = false
    }
  }
  /** What `begin` begins uses it until that is ended; if it throws, not at all. */
  const hold = (begin: () => () => void): (() => void) => {
    const release = use()
    try {
      const end = begin()
      return () => {
        end()
        release()
      }
    } catch (error) {
      release()
      throw error
    }
  }
  const register = (attach: (socket: Socket) => () => void): (() => void) =>
    hold(() => {
      let detach: () => void
      const tie = (socket: Socket): void => {
        detach = attach(socket)
      }
      tie(inner!)
      ties.add(tie)
      return () => {
        ties.delete(tie)
        detach()
      }
    })
  const on: Socket['on'] = (name, listener) => register((socket) => socket.on(name, listener))
  const { asyncDispose } = Symbol as Partial<Pick<SymbolConstructor, 'asyncDispose'>>
  const close: Socket['close'] = async (options) => inner?.close(options)

  const socket: Partial<Socket> = {
    status: {
      get: status.get,
      subscribe: (listener) => hold(() => status.subscribe(listener)),
    },
    get errors() {
      return inner?.errors ?? {}
    },
    get bufferedAmount() {
      return inner?.bufferedAmount ?? 0
    },
    send(...said) {
      const release = use()
      try {
        return inner!.send(...said)
      } finally {
        release()
      }
    },
    on,
    once: (name, listener) => {
      const off = on(name, (data) => {
        off()
        listener(data)
      })
      return off
    },
    async request(...asked) {
      const release = use()
      try {
        return await inner!.request(...asked)
      } finally {
        release()
      }
    },
    stream(...asked) {
      let items: AsyncIterableIterator<unknown> | undefined
      let release = (): void => {}
      const iterator: AsyncIterableIterator<unknown> = {
        [Symbol.asyncIterator]: () => iterator,
        async next() {
          if (!items) {
            release = use()
            items = inner!.stream(...asked)
          }
          let isOver: boolean | undefined = true
          try {
            const result = await items.next()
            isOver = result.done
            return result
          } finally {
            if (isOver) release()
          }
        },
        return() {
          release()
          items ??= nothing()
          return items.return!()
        },
      }
      return iterator
    },
    handle: (name, handler) => register((to) => to.handle(name, handler)),
    flush: async () => inner?.flush?.(),
    onLost: (listener: (lost: Lost) => void) => notices.on('lost', listener),
    onError: (listener: (error: HoldfastError) => void) => notices.on('error', listener),
    reconnect() {
      if (inner?.status.get().state !== 'closed') return inner?.reconnect()
      leave()
      start()
    },
    close,
    ...(asyncDispose && { [asyncDispose]: () => close() }),
  }
  return socket as object as S
}

const inPage = (): ShareWorld => ({ clock: systemClock(), report: reportError, held: new Set() })

/**
 * A socket for everybody who needs one just now. `open` gives it (`() => connect<Chat>(url)`) when the first one begins to listen, send or
 * ask; a second after the last one let go, and after what was sent has arrived, it is closed, and opened anew for the next one. Whoever
 * listens (`on`, `once`, `handle`, `status.subscribe`) uses it until the unsubscribe function is called, whoever asks until the answer.
 * `onLost` and `onError` hear without using it; `reconnect` opens it anew if it was closed, too. Until then nothing happens,
 * so it can be made in a module that a server imports. Throws `invalid-option`; what `open` throws, each of its first users gets.
 */
export const share = <S extends Shareable>(open: () => S, options: ShareOptions = {}): S =>
  createShared(open, options, inPage())

/**
 * One shared socket for each key: a room, a document, a user. `open` gives the socket of a key. The same key gives the same object
 * while anybody uses it or holds it in a variable; after that, nothing is kept of it.
 */
export const shareBy = <K extends string | number, S extends Shareable>(
  open: (key: K) => S,
  options: ShareOptions = {},
): ((key: K) => S) => {
  const world = inPage()
  const known = new Map<K, WeakRef<S>>()
  const forget = new FinalizationRegistry<K>((key) => known.get(key)?.deref() ?? known.delete(key))
  return (key) => {
    const former = known.get(key)?.deref()
    if (former) return former
    const socket = createShared(() => open(key), options, world)
    known.set(key, new WeakRef(socket))
    forget.register(socket, key)
    return socket
  }
}
