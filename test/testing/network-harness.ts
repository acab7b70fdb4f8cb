import {
  type ClockView,
  type FarEnd,
  type Packet,
  seededRandom,
  type Transport,
  type TransportHarness,
  type VirtualClient,
  virtualClock,
  virtualNetwork,
} from 'holdfast/testing'

/** What the suite for transports needs, on a virtual network; the transport is made of one of its clients. */
export const networkHarness = (
  transportOf: (client: VirtualClient, view: ClockView) => Transport,
): TransportHarness => {
  const clock = virtualClock()
  const view = clock.view()
  const network = virtualNetwork({ clock, random: seededRandom(1) })
  network.fate((_, host) => (host === 'hanging' ? 'hang' : 'open'))
  const accepted: FarEnd[] = []
  network.listen('host', (carrier) => {
    const received: Packet[] = []
    let closed: number | undefined
    const drop = (): void => network.links.find((link) => link.id === `a#${accepted.indexOf(far) + 1}`)?.cut()
    const far: FarEnd = {
      received,
      get closed() {
        return closed
      },
      send: carrier.send,
      close: carrier.close,
      drop,
    }
    accepted.push(far)
    return { message: (packet) => received.push(packet), close: (code) => (closed = code) }
  })
  return {
    transport: transportOf(network.client('a', { view }), view),
    url: 'wss://host/',
    refusingUrl: 'wss://refusing/',
    hangingUrl: 'wss://hanging/',
    accepted,
    until: async (condition) => {
      if (!(await clock.runUntil(condition, 10_000))) throw new Error('it did not happen within 10 s')
    },
    settle: () => clock.advance(10_000),
  }
}
