import { HoldfastError } from '../kernel/errors.ts'
import { type Provider, type ProviderContext, provide } from './provider.ts'

/** What the providers of a try gave, or will have given. */
export interface Provided {
  /** Calls back with the URL, in this task if it is known. */
  url(use: (url: string) => void): void
  auth(use: (credentials: unknown) => void): void
}

/**
 * Asks the providers, once for all carriers of a try. Connecting and authorizing take their time side by side, because only the
 * hello needs both. Nothing is told any more when the context's signal has aborted.
 */
export const ask = (
  { url, auth }: { readonly url: Provider<string>; readonly auth: Provider<unknown> },
  context: ProviderContext,
  onError: (error: HoldfastError) => void,
): Provided => {
  const { signal } = context
  const once = <T>(
    what: string,
    provider: Provider<T>,
    check?: (value: T) => void,
  ): ((use: (value: T) => void) => void) => {
    let given: { readonly value: T } | undefined
    const uses: ((value: T) => void)[] = []
    const take = (value: T): void => {
      if (signal.aborted) return
      check?.(value)
      given = { value }
      for (const use of uses.splice(0)) use(value)
    }
    const fail = (error: unknown): void => {
      const message = `The \`${what}\` function failed: ${(error as Error | undefined)?.message}`
      if (!signal.aborted) onError(new HoldfastError('provider-failed', message, error))
    }
    if (!signal.aborted) provide(provider, context, take, fail)
    return (use) => void (given ? use(given.value) : uses.push(use))
  }
  // Throws for what the hello could not carry.
  const credentials = once('auth', auth, JSON.stringify)
  return { auth: credentials, url: once('url', url) }
}
