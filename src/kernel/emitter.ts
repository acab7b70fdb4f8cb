import { createNanoEvents } from 'nanoevents'

/** Listeners by name. */
export interface Emitter {
  /** Returns the unsubscribe function, which may be called twice. */
  on(name: string, listener: (data: never) => void): () => void
  /** Like `on`, for the next one only. */
  once(name: string, listener: (data: never) => void): () => void
  /** Whether anybody listens. */
  hears(name: string): boolean
  /** False if nobody listens. */
  emit(name: string, data: unknown): boolean
}

/**
 * nanoevents with its listeners wrapped: by itself it lets a throwing listener silence those after it, and calls one that
 * was removed while its event is being delivered. The names of a prototype's members are names like any other.
 */
export const createEmitter = (thrown: (error: unknown, name: string, data: unknown) => void): Emitter => {
  const emitter = createNanoEvents<Record<string, (data: unknown) => void>>()
  emitter.events = Object.create(null) as typeof emitter.events
  const on: Emitter['on'] = (name, listener) => {
    let active = true
    const unbind = emitter.on(name, (data) => {
      if (!active) return
      try {
        listener(data as never)
      } catch (error) {
        thrown(error, name, data)
      }
    })
    return () => {
      active = false
      unbind()
    }
  }
  const hears = (name: string): boolean => !!emitter.events[name]?.length
  return {
    on,
    hears,
    once(name, listener) {
      const off = on(name, (data) => {
        off()
        listener(data)
      })
      return off
    },
    emit(name, data) {
      const heard = hears(name)
      emitter.emit(name, data)
      return heard
    },
  }
}
