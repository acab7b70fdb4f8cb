/** What every page of the demo stands in: who it is, what it talks to, and all that is shown of that. */
import { type ConnectOptions, type Contract, type Socket, type Status, type TraceEntry, connect } from 'holdfast'
import { createRecording } from 'holdfast/inspector'
import { openBackend } from '@demo/backend'
import type { Person } from '../uses/app.ts'
import type { AppName } from '../uses/apps.ts'
import type { Traffic } from '../uses/traffic/contract.ts'
import type { Credentials } from '../uses/visitors.ts'
import { alongWith } from './along.ts'
import type { Backend } from './backend.ts'
import { createCarriers } from './carriers.ts'
import { createCounters } from './counters.ts'
import { byId, setText } from './dom.ts'
import { createDrawer } from './drawer.ts'
import { createFaults } from './faults.ts'
import { createJournal } from './journal.ts'
import { avatar, randomId, whoAmI } from './me.ts'
import { createSheet } from './sheet.ts'
import { createStatusView, nameOf, whatHappened } from './status-view.ts'
import { createTabs } from './tabs.ts'

interface SocketOptions extends Omit<ConnectOptions, 'auth' | 'trace'> {
  readonly trace?: (entry: TraceEntry) => void
  /** Hears in words what users may want to know where they look: the session moved to another carrier. */
  readonly notice?: (text: string) => void
}

export interface Shell {
  readonly me: Person
  /** Names this page: the demo breaks only its connections. Not the session: that is a secret. */
  readonly page: string
  readonly backend: Backend
  /** The page's socket: its status, its carriers and its frames are shown. Once a page. */
  connect<C extends Contract>(app: AppName, options?: SocketOptions): Socket<C>
  /** Another socket, which is not shown. `line`: on another line than the page's. */
  open<C extends Contract>(app: AppName, options?: Omit<ConnectOptions, 'auth'>, line?: string): Socket<C>
  /** Counts into `place` what is lost and doubled; `socket` carries the numbers. */
  count(place: HTMLElement, socket: Socket<Traffic>): void
  /** Makes `button` another one for the fault of this label. */
  mirrorFault(label: string, button: HTMLElement): void
  /** Writes into the journal. */
  readonly tell: (text: string) => void
}

interface ShellOptions {
  /** The counters are in their tab; without, the page shows them where it likes. */
  readonly countsBeside?: boolean
  /** Other lines of a page, which break along with its own. */
  readonly lines?: (page: string) => readonly string[]
}

export const openShell = async ({ countsBeside = true, lines = () => [] }: ShellOptions = {}): Promise<Shell> => {
  const me = whoAmI()
  const page = randomId()
  const backend = await openBackend(page)
  const tell = createJournal()
  const credentials = async (signal?: AbortSignal): Promise<Credentials> => ({
    person: me,
    page,
    token: await backend.token(signal),
  })
  const open = <C extends Contract>(app: AppName, options: Omit<ConnectOptions, 'auth'> = {}, line?: string) =>
    connect<C>(backend.url(app, line), {
      // A demo shows its recovery sooner than an application needs to.
      backoff: { max: 8_000 },
      heartbeat: { idle: 5_000, timeout: 4_000 },
      ...options,
      auth: ({ signal }) => credentials(signal),
    })

  byId('me').append(avatar(me), me.name)
  createTabs(byId('tabs'))
  createSheet()
  const recording = createRecording()
  createDrawer(recording)
  let shown: AppName = 'traffic'
  const faults = createFaults({
    backend: alongWith(backend, lines(page)),
    tell,
    diagnose: async () => ({ url: backend.url(shown), auth: await credentials() }),
  })
  const count: Shell['count'] = (place, socket) =>
    createCounters(place, { backend, socket, reachable: faults.reachable })
  byId('tab-counters').hidden = !countsBeside
  if (countsBeside) count(byId('counters'), open<Traffic>('traffic'))

  return {
    me,
    page,
    backend,
    tell,
    open,
    count,
    mirrorFault: faults.mirror,
    connect<C extends Contract>(app: AppName, { notice = () => {}, trace, ...options }: SocketOptions = {}) {
      shown = app
      const carriers = createCarriers({ tell, notice })
      const socket = open<C>(app, {
        ...options,
        trace(entry) {
          recording.trace(entry)
          carriers.trace(entry)
          trace?.(entry)
        },
      })
      showSocket(socket, tell, carriers.show)
      return socket
    },
  }
}

/** Everything that is shown of the page's socket. */
const showSocket = <C extends Contract>(
  socket: Socket<C>,
  tell: (text: string) => void,
  showCarrier: (status: Status) => void,
): void => {
  const showStatus = createStatusView()
  const announcement = byId('announcement')
  let before: Status['state'] = 'idle'
  socket.status.subscribe((status) => {
    showStatus(status)
    const { state } = status
    const happened = state === before ? undefined : whatHappened(before, status)
    if (happened !== undefined) tell(happened)
    showCarrier(status)
    // One by one, failed tries are noise to a listener: that it is gone and that it is back is what matters.
    if (state !== before && state !== 'connecting') setText(announcement, nameOf(status))
    before = state
  })
  byId('try-now').addEventListener('click', socket.reconnect)
}
