/** The libraries that are compared, how their clients are imported, and what their tables call them. */

export interface Library {
  /** The package of the client. */
  readonly client: string
  /** What a page imports of it: a module, and the name of what it exports. */
  readonly module: string
  readonly export: string
  /** Of the server, where that is not `ws`. */
  readonly server?: string
  readonly name: string
  /** It takes no messages before it is connected. */
  readonly hasNoQueue?: true
}

export const libraries: Readonly<Record<string, Library>> = {
  'reconnecting-websocket': {
    name: 'reconnecting-websocket',
    client: 'reconnecting-websocket',
    module: 'reconnecting-websocket',
    export: 'default',
  },
  partysocket: { name: 'partysocket', client: 'partysocket', module: 'partysocket', export: 'WebSocket' },
  'engine.io': {
    name: 'engine.io-client',
    client: 'engine.io-client',
    module: 'engine.io-client',
    export: 'Socket',
    server: 'engine.io',
  },
  'socket.io': {
    name: 'Socket.IO',
    client: 'socket.io-client',
    module: 'socket.io-client',
    export: 'io',
    server: 'socket.io',
  },
  sockjs: {
    name: 'SockJS',
    client: 'sockjs-client',
    module: 'sockjs-client',
    export: 'default',
    server: 'sockjs',
    hasNoQueue: true,
  },
  'mqtt, QoS 0': { name: 'MQTT.js, QoS 0', client: 'mqtt', module: 'mqtt', export: 'default', server: 'aedes' },
  'mqtt, QoS 1': { name: 'MQTT.js, QoS 1', client: 'mqtt', module: 'mqtt', export: 'default', server: 'aedes' },
}

/** To stand beside them. */
export const holdfast = { name: 'Holdfast', module: 'holdfast', export: 'connect' } as const

/** What has to be installed. */
export const packages: readonly string[] = [
  ...new Set(
    Object.values(libraries).flatMap(({ client, server }) => (server === undefined ? [client] : [client, server])),
  ),
]
