import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Order } from './app-server.ts'

/** Keeps a server process running: when it ends, however it ends, the next one is started. */
export interface Keeper {
  /** Lets it drain and end, then starts the next one. Its clients come back over `spread` milliseconds. Resolves when that one listens. */
  restart(spread: number): Promise<void>
  /** Tells it something; nobody hears it where there is none. */
  tell(order: Order): void
  /** SIGKILL: it can say nothing and save nothing. Resolves when the next one listens. */
  kill(): Promise<void>
  /** Lets it drain and end, for good. */
  stop(): Promise<void>
}

/** Milliseconds that a process that ended unasked stays away: long enough to see it missing. */
const ABSENCE = 3_000
/** Milliseconds that a process may take to drain. */
const PATIENCE = 5_000

interface KeeperEvents {
  /** A process listens on this port; undefined: it is gone. */
  listens(port: number | undefined): void
  /** One ended before it did: there is no point in another. */
  failed(error: Error): void
}

/** Resolves when the first process listens. */
export const keep = async (module: URL, args: string[], { listens, failed }: KeeperEvents): Promise<Keeper> => {
  let child: ChildProcess | undefined
  let absence = ABSENCE
  let stopped = false

  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      let isUp = false
      const starting = fork(module, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
      child = starting
      starting.once('message', (told: { port: number }) => {
        isUp = true
        listens(told.port)
        resolve()
      })
      starting.once('exit', (code, signal) => {
        if (stopped) return resolve()
        if (!isUp) return reject(new Error(`The server did not start (${signal ?? String(code)}).`))
        listens(undefined)
        child = undefined
        up = again()
      })
    })
  const again = async (): Promise<void> => {
    await delay(absence)
    absence = ABSENCE
    if (!stopped) await start().catch(failed)
  }
  const tell = (order: Order): void => void child?.send(order)
  const drain = async (spread: number): Promise<void> => {
    if (!child) return
    const draining = child
    const gone = once(draining, 'exit')
    tell({ type: 'drain', spread })
    const patience = setTimeout(() => draining.kill('SIGKILL'), PATIENCE)
    await gone
    clearTimeout(patience)
  }

  let up = start()
  await up
  return {
    tell,
    async restart(spread) {
      absence = 0
      await drain(spread)
      await up
    },
    async kill() {
      if (child) {
        const gone = once(child, 'exit')
        child.kill('SIGKILL')
        await gone
      }
      await up
    },
    async stop() {
      stopped = true
      await drain(0)
    },
  }
}
