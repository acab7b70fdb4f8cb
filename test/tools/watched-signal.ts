/** An abort controller of whose signal the listeners can be counted. */
export const watchedSignal = (): { readonly controller: AbortController; readonly listeners: readonly unknown[] } => {
  const controller = new AbortController()
  const { signal } = controller
  const listeners: unknown[] = []
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners.push(args[1])
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    const at = listeners.indexOf(args[1])
    if (at >= 0) listeners.splice(at, 1)
    remove(...args)
  }
  return { controller, listeners }
}
