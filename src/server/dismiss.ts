import { NORMAL } from '../kernel/close-codes.ts'
import type { Carrier } from '../transports/transport.ts'
import type { Bye } from '../protocol/frames.ts'

/** Native close takes 1000 and 3000-4999 only. The reason went with the bye: a native one over 123 bytes would throw. */
export const nativeCode = ({ code }: Bye): number => (code >= 3000 ? code : NORMAL)

/** Sends a bye and lets the carrier go. */
export const dismiss = (carrier: Carrier, bye: Bye): void => {
  carrier.send(JSON.stringify({ bye }))
  carrier.close(nativeCode(bye))
}
