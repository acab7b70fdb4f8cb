/** What a provider may want to know about the try it provides for. */
export interface ProviderContext {
  /** 1 for the first try since the connection was last good. */
  readonly attempt: number
  /** How the last connection or try ended; null before the first. */
  readonly lastClose: { readonly code: number; readonly reason: string } | null
  /** Aborted when the try is over: by timeout, `reconnect()` or `close()`. What is provided later is ignored. */
  readonly signal: AbortSignal
}

/** A value, or a function that gives it anew for each try, at once or later. */
export type Provider<T> = T | ((context: ProviderContext) => T | PromiseLike<T>)

/**
 * Asks a provider. Calls back within this task if the provider answers at once: a constant costs no turn. What `onValue`
 * throws goes to `onError`, too.
 */
export const provide = <T, C = ProviderContext>(
  provider: T | ((context: C) => T | PromiseLike<T>),
  context: C,
  onValue: (value: T) => void,
  onError: (error: unknown) => void,
): void => {
  try {
    const value = typeof provider === 'function' ? (provider as (context: C) => T | PromiseLike<T>)(context) : provider
    if (typeof (value as PromiseLike<T> | undefined)?.then === 'function')
      Promise.resolve(value).then(onValue).catch(onError)
    else onValue(value as T)
  } catch (error) {
    onError(error)
  }
}
