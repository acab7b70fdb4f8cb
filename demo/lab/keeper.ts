import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

/** Keeps a server process running: when it ends, however it ends, the next one is started. */
export interface Keeper {
  /** Where it listens; undefined while there is none. */
  readonly port: number | undefined
  /** Lets it drain and end, then starts the next one. Resolves when that one listens. */
  restart(): Promise<void>
  /** SIGKILL: it can say nothing and save nothing. Resolves when the next one listens. */
  kill(): Promise<void>
  /** Lets it drain and end, for good. */
  stop(): Promise<void>
}

/** Milliseconds that a process that ended unasked stays away: long enough to see it missing. */
const ABSENCE = 3_000
/** Milliseconds that a process may take to drain. */
const PATIENCE = 5_000

/** Resolves when the first process listens. `onFailure` hears of one that ends before it does: there is no point in another. */
export const keep = async (module: URL, args: string[], onFailure: (error: Error) => void): Promise<Keeper> => {
  let child: ChildProcess | undefined
  let port: number | undefined
  let absence = ABSENCE
  let stopped = false

  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const starting = fork(module, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
      child = starting
      starting.once('message', (told: { port: number }) => {
        port = told.port
        resolve()
      })
      starting.once('exit', (code, signal) => {
        if (stopped) return resolve()
        if (port === undefined) return reject(new Error(`The chat server did not start (${signal ?? String(code)}).`))
        port = undefined
        child = undefined
        up = again()
      })
    })
  const again = async (): Promise<void> => {
    await delay(absence)
    absence = ABSENCE
    if (!stopped) await start().catch(onFailure)
  }
  const drain = async (): Promise<void> => {
    if (!child) return
    const draining = child
    const gone = once(draining, 'exit')
    draining.send('drain')
    const patience = setTimeout(() => draining.kill('SIGKILL'), PATIENCE)
    await gone
    clearTimeout(patience)
  }

  let up = start()
  await up
  return {
    get port() {
      return port
    },
    async restart() {
      absence = 0
      await drain()
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
      await drain()
    },
  }
}
