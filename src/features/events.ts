import { createNanoEvents } from 'nanoevents'
import { HoldfastError } from '../kernel/errors.ts'
import type { Encoded } from '../kernel/outbox.ts'
import type { Port } from '../session/port.ts'
import { encodeFrame } from '../wire/encode.ts'
import type { EventFrame } from '../wire/frames.ts'

/** How one message is to be sent. */
export interface SendOptions {
  /** It may be lost: sent now if the connection is open and not congested, never repeated. */
  volatile?: boolean
  /** Replaces a message of the same key that has not been sent yet: only the newest is worth sending. */
  latest?: string
  /** Milliseconds after which it is not worth sending any more. */
  ttl?: number
}

type Listener = (data: never) => void

/** Messages by name, both ways. */
export interface Events {
  send(name: string, data?: unknown, options?: SendOptions): void
  /** The same for a frame that is encoded already: a broadcast is encoded once. */
  sendEncoded(name: string, frame: Encoded, options?: SendOptions): void
  on(name: string, listener: Listener): () => void
  receive(frame: EventFrame): void
}

/**
 * nanoevents keeps the listeners. Each is wrapped, because by itself it lets a throwing listener silence those after it,
 * and calls one that was removed while its event is being delivered. A prototype's names are event names like any other.
 */
export const createEvents = (port: Port): Events => {
  const emitter = createNanoEvents<Record<string, (data: unknown) => void>>()
  emitter.events = Object.create(null) as typeof emitter.events
  const events: Events = {
    send: (name, data, options) => events.sendEncoded(name, encodeFrame(name, data, port.codec), options),
    sendEncoded(name, frame, { volatile, latest, ttl } = {}) {
      if (volatile) {
        if (typeof frame !== 'string')
          throw new HoldfastError(
            'invalid-argument',
            `Binary data cannot be volatile. Send "${name}" without \`volatile\`, or with \`latest\`.`,
          )
        port.volatile(`{"volatile":${frame}}`)
      } else if (latest === undefined && ttl === undefined) port.push(frame)
      else port.push({ frame, latest, expiresAt: ttl === undefined ? undefined : port.clock.now() + ttl })
    },
    on(name, listener) {
      let active = true
      const off = emitter.on(name, (data) => {
        if (!active) return
        try {
          listener(data as never)
        } catch (error) {
          port.thrown(error, `A listener of "${name}"`)
        }
      })
      return () => {
        active = false
        off()
      }
    },
    receive([name, data]) {
      if (!emitter.events[name]?.length)
        return port.fault(
          new HoldfastError(
            'unknown-event',
            `Nobody listens to "${name.slice(0, 80)}". Register listeners in the task that connects.`,
          ),
        )
      try {
        emitter.emit(name, port.accept(name, data))
      } catch (error) {
        port.fault(error as HoldfastError)
      }
    },
  }
  return events
}
