import { errorCodeOf } from '../kernel/close-codes.ts'
import { HoldfastError } from '../kernel/errors.ts'
import type { Carrier, Packet, Transport } from '../transports/transport.ts'
import { type Provider, type ProviderContext, provide } from './provider.ts'

/** What a try tells, until its signal aborts. */
export interface DialEvents {
  /** The carrier is open, and `auth` has given its value. */
  ready(carrier: Carrier, credentials: unknown): void
  message(carrier: Carrier, packet: Packet): void
  /** The carrier closed, or a provider failed (code 0). `retry`: false if no try can ever succeed. */
  ended(code: number, cause: HoldfastError, retry?: false): void
}

/** What a closed connection is called in the application. */
export const closedBy = (code: number, reason: string): HoldfastError =>
  new HoldfastError(errorCodeOf(code), `${reason} (code ${code}).`)

/**
 * One try: asks the providers and opens a carrier. Connecting and authorizing take their time side by side, because only
 * the hello needs both. The signal gives up whatever has come of it.
 */
export const dial = (
  { url, auth }: { readonly url: Provider<string>; readonly auth: Provider<unknown> },
  transport: Transport,
  context: ProviderContext,
  { ready, message, ended }: DialEvents,
): void => {
  const { signal } = context
  let carrier: Carrier | undefined
  let credentials: unknown
  let missing = 2
  signal.addEventListener('abort', () => carrier?.close())
  const arrived = (): void => {
    if (--missing === 0) ready(carrier!, credentials)
  }
  const ask = <T>(what: string, provider: Provider<T>, onValue: (value: T) => void): void => {
    if (signal.aborted) return
    const onError = (error: unknown): void => {
      const message = `The \`${what}\` function failed: ${(error as Error | undefined)?.message}`
      if (!signal.aborted) ended(0, new HoldfastError('provider-failed', message, error))
    }
    provide(provider, context, (value) => signal.aborted || onValue(value), onError)
  }
  const open = (target: string): void => {
    const shown = target.split('?')[0]
    let why = `No connection to ${shown}: is the server up, and does it speak holdfast.v1?`
    try {
      carrier = transport(target, {
        open() {
          why = 'The connection broke'
          arrived()
        },
        message: (packet) => message(carrier!, packet),
        close: (code, reason) => ended(code, closedBy(code, reason || why)),
      })
    } catch (error) {
      const cause = new HoldfastError(
        'invalid-option',
        `Cannot connect to ${shown}: ${(error as Error).message}`,
        error,
      )
      ended(0, cause, false)
    }
  }
  ask('auth', auth, (value) => {
    // Throws for what the hello could not carry.
    JSON.stringify(value)
    credentials = value
    arrived()
  })
  ask('url', url, open)
}
