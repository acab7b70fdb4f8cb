import { FORBIDDEN, UNAUTHORIZED, UNREACHABLE, isFinal } from '../kernel/close-codes.ts'
import { HoldfastError } from '../kernel/errors.ts'
import { type Provider, type ProviderContext, provide } from '../session/provider.ts'
import type { Carrier, Packet, Transport } from '../transports/transport.ts'
import { addressOf, shownOf } from '../transports/url.ts'
import type { Calls, WireRequestOptions } from './calls.ts'
import type { Wire } from './wire.ts'

/** What `onOpen` gets, whatever the contract. */
export interface Opening extends ProviderContext {
  send(name: string, data?: unknown): void
  request(name: string, data?: unknown, options?: WireRequestOptions): Promise<unknown>
}

/** What a try needs. Nothing is told any more when the context's signal has aborted. */
export interface AttemptHost {
  readonly url: Provider<string>
  readonly onOpen: ((opening: Opening) => unknown) | undefined
  readonly shouldReconnect: ((close: { readonly code: number; readonly reason: string }) => boolean) | undefined
  readonly transport: Transport
  readonly wire: Wire
  readonly calls: Calls
  /** There is a carrier. */
  attach(carrier: Carrier): void
  /** It takes messages. */
  opened(): void
  /** What goes ahead of the queue is done. */
  welcomed(): void
  message(packet: Packet): void
  /** `again`: whether there is to be another try, if that does not follow from the code. */
  ended(code: number, cause: HoldfastError, again?: boolean): void
  thrown(error: unknown, where: string): void
}

/** One try: asks for the URL, opens a carrier, and lets the application speak first. */
export const attempt = (host: AttemptHost, context: ProviderContext): void => {
  const { transport, wire, calls, ended } = host
  const { signal } = context
  let carrier: Carrier

  const say = (data: Parameters<Carrier['send']>[0]): void => {
    signal.throwIfAborted()
    carrier.send(data)
  }
  const opening: Opening = {
    ...context,
    send: (name, data) => say(calls.encode({ name, data })!),
    request: (name, data, options) =>
      calls.ask(name, data, { ...options, idempotent: false }, (entry) => {
        entry.isOut = true
        say(entry.data)
      }),
  }

  /** A function of the application's failed. */
  const failed =
    (what: string) =>
    (error: unknown): void => {
      if (signal.aborted) return
      const { code, message } = Object(error) as HoldfastError
      if (code === 'unauthorized') ended(UNAUTHORIZED, error as HoldfastError)
      else if (code === 'forbidden') ended(FORBIDDEN, error as HoldfastError)
      else
        ended(UNREACHABLE, new HoldfastError('provider-failed', `The \`${what}\` function failed: ${message}`, error))
    }
  const closed = (code: number, reason: string): void => {
    const why = `${reason || 'The connection broke'} (code ${code}).`
    const cause = new HoldfastError(isFinal(code) ? 'closed' : 'unreachable', why)
    let again: boolean | undefined
    try {
      again = host.shouldReconnect?.({ code, reason })
    } catch (error) {
      host.thrown(error, '`shouldReconnect`')
    }
    ended(code, cause, again)
  }
  const open = (): void => {
    host.opened()
    provide<unknown, Opening>(host.onOpen, opening, host.welcomed, failed('onOpen'))
  }
  const locate = (url: unknown): void => {
    if (signal.aborted) return
    let address: URL
    try {
      address = addressOf(url as string)
    } catch (error) {
      const why = `Cannot connect to ${shownOf(url)}: ${(error as Error).message}`
      return ended(0, new HoldfastError('invalid-option', why, error), false)
    }
    carrier = transport(address.href, { open, message: host.message, close: closed }, wire.protocols ?? [])
    host.attach(carrier)
  }
  provide(host.url, context, locate, failed('url'))
}
