import { IDLE } from '../session/status.ts'
import { type LiveCell, createLive } from './live.ts'
import type { Source } from './source.ts'

/** How the socket is. */
export const statusCell = ({ status }: Source): LiveCell<unknown> =>
  createLive<unknown>(IDLE, status.get, status.subscribe)
