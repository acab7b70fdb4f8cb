import { resolveOptions } from '../options.ts'
import { systemClock } from '../platform/clock.ts'
import { pageLifecycle } from '../platform/lifecycle.ts'
import { reportError } from '../platform/report.ts'
import type { Provider, ProviderContext } from '../session/provider.ts'
import { webSocketTransport } from '../transports/websocket.ts'
import { type WirePlatform, type WireSettings, createWireClient } from './client.ts'
import { WIRE_DEFAULTS, type WireOptions } from './options.ts'
import type { UntypedWire, WireContract, WireSocket } from './socket.ts'

/** What `onOpen` gets: what it sends and asks goes ahead of the queue, and throws once that connection is over. */
export interface WireOpening<C extends WireContract = UntypedWire>
  extends ProviderContext, Pick<WireSocket<C>, 'send' | 'request'> {}

/** `connect` in a world of one's own. */
export const createWireSocket = <C extends WireContract = UntypedWire>(
  url: Provider<string>,
  options: WireOptions<WireOpening<C>>,
  platform: WirePlatform,
): WireSocket<C> => {
  // What is null is no wire, and is told so.
  const settings = resolveOptions(options && { ...options, wire: options.wire ?? null }, WIRE_DEFAULTS)
  return createWireClient({ ...settings, url } as object as WireSettings, platform) as object as WireSocket<C>
}

/**
 * Opens a connection to a server that speaks `options.wire`, and keeps at it until `close()`. `url` is as for `connect` of `holdfast`.
 * Throws `invalid-option`, saying what was meant, for an option that is none.
 */
export const connect = <C extends WireContract = UntypedWire>(
  url: Provider<string>,
  options: WireOptions<WireOpening<C>>,
): WireSocket<C> =>
  createWireSocket(url, options, {
    clock: systemClock(),
    random: { float: Math.random },
    lifecycle: pageLifecycle,
    transport: globalThis.WebSocket && webSocketTransport,
    report: reportError,
  })
