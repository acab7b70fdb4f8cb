import {
  type Carrier,
  type Conditions,
  type Link,
  type Packet,
  type ServerEvents,
  type VirtualRequest,
  seededRandom,
  virtualClock,
  virtualNetwork,
} from 'holdfast/testing'

const URL = 'wss://host/live?route=x'

/** One client, one server that notes what it hears. */
export const setUp = (conditions: Partial<Conditions> = { latency: 10, jitter: 0 }, seed = 1) => {
  const clock = virtualClock()
  const network = virtualNetwork({ clock, random: seededRandom(seed), conditions })
  const [page, process] = [clock.view(), clock.view()]
  const client = network.client('a', { origin: 'https://page', view: page })
  const up: string[] = []
  const down: string[] = []
  const carriers: Carrier[] = []
  const requests: VirtualRequest[] = []
  const show = (packet: Packet): string => (typeof packet === 'string' ? packet : `<${packet.join()}>`)
  const accept = (carrier: Carrier, request: VirtualRequest): ServerEvents => {
    carriers.push(carrier)
    requests.push(request)
    up.push(`accepted at ${clock.now()}`)
    return {
      message: (packet) => up.push(`${show(packet)} at ${clock.now()}`),
      close: (code, reason) => up.push(`close ${code} ${reason} at ${clock.now()}`),
    }
  }
  const unlisten = network.listen('host', accept, process)
  const dial = (url = URL): Carrier =>
    client.transport(url, {
      open: () => down.push(`open at ${clock.now()}`),
      message: (packet) => down.push(`${show(packet)} at ${clock.now()}`),
      close: (code, reason) => down.push(`close ${code} ${reason} at ${clock.now()}`),
    })
  return { clock, network, client, page, process, up, down, carriers, requests, unlisten, dial }
}

/** The same, with one connection open, and its events so far forgotten. Its open comes at 40 ms. */
export const setUpOpen = async (conditions?: Partial<Conditions>, seed?: number) => {
  const world = setUp(conditions, seed)
  const carrier = world.dial()
  await world.clock.runUntil(() => world.down.length === 1)
  world.up.length = world.down.length = 0
  const [link] = world.network.links as [Link]
  const [peer] = world.carriers as [Carrier]
  return { ...world, carrier, link, peer }
}
