/**
 * What an application needs to test against bad networks without a network: virtual time, chance that repeats, a page's
 * life and a network under the test's control, a whole world of tabs and a server made of them, and the suite that every
 * transport has to pass.
 */
export { type VirtualClock, virtualClock } from './clock.ts'
export type { VirtualClient, VirtualClientOptions } from './client.ts'
export { type TransportCase, transportCases } from './conformance.ts'
export type { Fate } from './fate.ts'
export type { Accept, Serve, ServerEvents, VirtualRequest } from './host.ts'
export { type VirtualLifecycle, virtualLifecycle } from './lifecycle.ts'
export type { Asking } from './install.ts'
export { type InstallOptions, installNetwork } from './install-network.ts'
export type { Direction, Link, Protocol, Traffic } from './link.ts'
export { type Decide, type Line, type VirtualNetwork, type VirtualNetworkOptions, virtualNetwork } from './network.ts'
export { type SeededRandom, seededRandom } from './random.ts'
export { type Conditions } from './stream.ts'
export {
  type StorePage,
  type VirtualPlace,
  type VirtualStore,
  type VirtualStoreOptions,
  virtualStore,
} from './storage.ts'
export { type StoreCase, type StoreHarness, type TrialPage, storeCases } from './store-cases.ts'
export { type VirtualServer, type VirtualServerOptions, virtualServer } from './process.ts'
export { createTestServer } from './server.ts'
export type { Heard, HeardData, TestServer, TestServerOptions } from './test-server.ts'
export type { Patience } from './inbox.ts'
export { type ServerCase, serverCases } from './server-cases.ts'
export { type ServerHarness, trialApplication, type TrialContract } from './server-trial.ts'
export type { ServerCore } from '../server/core.ts'
export { createTrace, type Trace, type TraceEvent } from './trace.ts'
export type { FarEnd, TransportHarness } from './trial.ts'
export type { Answer, Exchange } from '../server/exchange.ts'
export type { Post, PostEvents } from '../transports/post.ts'
export type { Carrier, CarrierEvents, Packet, Transport, TransportName } from '../transports/transport.ts'
export { type ClockView, type Frozen, realClock, type Timeline } from './view.ts'
export { type ServerProcess, type Tab, type World, type WorldOptions, world } from './world.ts'
