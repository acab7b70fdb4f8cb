import type { End } from './machine.ts'
import type { Data } from './options.ts'

/** Whoever sends may do what they like with their buffer afterwards. */
export const copy = (data: Data): Data =>
  // All that can be sent has `slice`, but views, of which some have it and DataView has not.
  (ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data).slice()

/** Of an error, or of an event that has its message, perhaps. */
export const errorEvent = (error: object & { message?: string }): Event =>
  Object.assign(new Event('error'), { error, message: error.message })

/** Node.js has `CloseEvent` from 23 on. */
export const closeEvent = (end: End): CloseEvent =>
  globalThis.CloseEvent ? new CloseEvent('close', end) : Object.assign(new Event('close'), end)

/** The class's instances, where their handlers are. */
type Target = EventTarget & Record<symbol, EventListener | null>

/** The `on…` attributes. A handler that replaces another keeps its place among the listeners. */
export const defineHandlers = (prototype: EventTarget): void => {
  for (const type of ['open', 'message', 'error', 'close']) {
    const handler = Symbol()
    const listener = function (this: Target, event: Event): void {
      this[handler]!(event)
    }
    Object.defineProperty(prototype, `on${type}`, {
      get(this: Target) {
        return this[handler] ?? null
      },
      set(this: Target, value: unknown) {
        if (typeof value === 'function') {
          this[handler] = value as EventListener
          this.addEventListener(type, listener)
        } else {
          this[handler] = null
          this.removeEventListener(type, listener)
        }
      },
    })
  }
}
