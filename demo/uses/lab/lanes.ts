/** The four ways in which the page hears the same messages. */
import type { TraceEntry } from 'holdfast'
import type { Shell } from '../../page/shell.ts'
import { type Lab, type LaneName, POLL } from './contract.ts'
import { readMessage } from './message.ts'

/** Milliseconds between two plain polls. */
const INTERVAL = 1_000

interface LaneOptions {
  readonly shell: Pick<Shell, 'backend' | 'open' | 'page'>
  /** A message came. */
  readonly hear: (lane: LaneName, text: string) => void
  readonly trace: (lane: LaneName, entry: TraceEntry) => void
  /** How the lane is, in a word or two. */
  readonly state: (lane: LaneName, words: string) => void
}

/** The lane's own line, with a fault proxy of its own. */
export const lineOf = (page: string, lane: LaneName): string => `${page}-${lane}`

const transports = { 'long-polling': 'long-polling', streaming: 'http', websocket: 'websocket' } as const

/** Holdfast, held to one transport. Resolves when it hears what is said. */
const openSocket = async (lane: keyof typeof transports, options: LaneOptions): Promise<void> => {
  const { shell, hear, trace, state } = options
  const socket = shell.open<Lab>(
    'lab',
    { transport: transports[lane], heartbeat: {}, trace: (entry) => trace(lane, entry) },
    lineOf(shell.page, lane),
  )
  socket.on('said', (text) => hear(lane, text))
  socket.status.subscribe(({ state: now, transport }) => state(lane, transport ?? now))
  const join = (): Promise<null> => socket.request('join', undefined, { timeout: Infinity, idempotent: true })
  // Whoever joined was the session that the server forgot.
  socket.onLost(() => void join().catch(() => {}))
  await join()
}

/** What one writes without a library: ask, wait, ask again. */
const poll = ({ shell: { backend, page }, hear, state }: LaneOptions): void => {
  let newest = 0
  const ask = async (): Promise<void> => {
    try {
      const answer = await backend.get(`${POLL}?page=${page}&after=${newest}`, lineOf(page, 'polling'))
      for (const text of answer as string[]) {
        newest = readMessage(text).number
        hear('polling', text)
      }
      state('polling', `every ${INTERVAL / 1_000} s`)
    } catch {
      state('polling', 'no answer')
    }
    setTimeout(() => void ask(), INTERVAL)
  }
  void ask()
}

/** Opens all of them. Resolves when each hears what is said, or tries to for some seconds. */
export const openLanes = async (options: LaneOptions): Promise<void> => {
  poll(options)
  const opening = Object.keys(transports).map((lane) => openSocket(lane as keyof typeof transports, options))
  const patience = new Promise((resolve) => setTimeout(resolve, 3_000))
  await Promise.race([Promise.all(opening), patience])
}
