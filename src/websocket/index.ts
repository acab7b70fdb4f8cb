/** The public names of `holdfast/websocket`. docs/websocket.md */
export type { Data, HeartbeatOptions, Provided, Underlying, WebSocketOptions } from './options.ts'
// oxlint-disable-next-line import/no-default-export -- as other reconnecting sockets are imported
export { HoldfastWebSocket, HoldfastWebSocket as default } from './socket.ts'
