import { chat } from './chat/server.ts'
import { dashboard } from './dashboard/server.ts'
import { game } from './game/server.ts'
import { lab } from './lab/server.ts'
import { trading } from './trading/server.ts'
import { traffic } from './traffic/server.ts'

/** Every use of the demo, by the name that stands in its URL. */
export const apps = { chat, game, dashboard, trading, lab, traffic }

export type AppName = keyof typeof apps
