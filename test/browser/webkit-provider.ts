/**
 * A vitest browser provider for WebKitGTK, where Playwright has no build of WebKit to offer: MiniBrowser, steered by
 * WebKitWebDriver (plain W3C WebDriver over HTTP), on an X display of its own. It opens pages and nothing else, so
 * tests that run here use the DOM and leave vitest's `page` and `userEvent` alone.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineBrowserProvider } from '@vitest/browser'
import type { BrowserProvider, BrowserProviderOption } from 'vitest/node'
import type { Browser } from '../tools/browsers.ts'
import { freePort } from '../tools/free-port.ts'

type Installation = Extract<Browser, { kind: 'webkitgtk' }>

/** Both well below the minute after which vitest gives up waiting, without a reason. */
const startLimit = 20_000
const commandLimit = 30_000

export function webkitGtk(installation: Installation): BrowserProviderOption {
  return defineBrowserProvider({
    name: 'webkitgtk',
    providerFactory(project) {
      // Before each file the runner asks for a viewport. It resizes its own frame; the window is large enough for it.
      project.browser?.registerCommand('__vitest_viewport' as never, (() => undefined) as never)
      const driver = new Driver(installation)
      return {
        name: 'webkitgtk',
        supportsParallelism: false,
        getCommandsContext: () => ({}),
        openPage: (_session, url) => driver.open(url),
        close: () => driver.close(),
      } satisfies BrowserProvider
    },
  })
}

/** One display, one driver, one browser window; started by the first page, gone with `close` or with this process. */
class Driver {
  readonly #installation: Installation
  readonly #children = new Set<ChildProcess>()
  #session: Promise<string> | undefined
  readonly #killAll = (): void => {
    for (const child of this.#children) child.kill('SIGKILL')
  }

  constructor(installation: Installation) {
    this.#installation = installation
  }

  async open(url: string): Promise<void> {
    this.#session ??= this.#start()
    await call('POST', `${await this.#session}/url`, { url })
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    // A session that never began, or whose driver is dead, has nothing left to end.
    await session?.then((address) => call('DELETE', address)).catch(() => undefined)
    await this.#stopAll()
  }

  async #start(): Promise<string> {
    process.on('exit', this.#killAll)
    try {
      const port = await freePort()
      this.#spawn(this.#installation.driver, [`--port=${port}`], {
        DISPLAY: await this.#display(),
        WEBKIT_DISABLE_COMPOSITING_MODE: '1',
        NO_AT_BRIDGE: '1',
        GIO_USE_PROXY_RESOLVER: 'dummy',
      })
      const base = `http://127.0.0.1:${port}`
      await answering(`${base}/status`)
      const browser = { binary: this.#installation.executablePath, args: ['--automation'] }
      const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': browser } }
      const { sessionId } = (await call('POST', `${base}/session`, { capabilities })) as { sessionId: string }
      return `${base}/session/${sessionId}`
    } catch (cause) {
      await this.#stopAll()
      throw new Error(`WebKitGTK did not start. Does \`${this.#installation.driver} --version\` answer?`, { cause })
    }
  }

  /** An X server on a display number that is free: it picks one and says which on the fourth file descriptor. */
  async #display(): Promise<string> {
    const args = ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp']
    const server = this.#spawn(this.#installation.display, args)
    const [number] = (await Promise.race([
      once(server.stdio[3] as Readable, 'data'),
      failed(server, this.#installation.display),
    ])) as [Buffer]
    return `:${number.toString().trim()}`
  }

  #spawn(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    child.once('error', () => this.#children.delete(child))
    return child
  }

  async #stopAll(): Promise<void> {
    // The display goes last: whatever still draws on it ends with it.
    for (const child of [...this.#children].toReversed()) await this.#stop(child)
    process.off('exit', this.#killAll)
  }

  async #stop(child: ChildProcess): Promise<void> {
    if (!this.#children.has(child)) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const patience = setTimeout(() => child.kill('SIGKILL'), 3_000)
    await gone
    clearTimeout(patience)
  }
}

async function call(method: string, address: string, body?: unknown): Promise<unknown> {
  const command = `WebDriver ${method} ${new URL(address).pathname}`
  const init = {
    method,
    signal: AbortSignal.timeout(commandLimit),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
  const response = await fetch(address, init).catch((error: unknown) => {
    // As text: a timeout is a DOMException, and vitest fails at printing one.
    throw new Error(`${command} was not answered: ${String(error)}`)
  })
  const { value } = (await response.json()) as { value: unknown }
  if (!response.ok) throw new Error(`${command}: ${JSON.stringify(value)}`)
  return value
}

async function answering(address: string): Promise<void> {
  const deadline = Date.now() + startLimit
  for (;;) {
    try {
      await call('GET', address)
      return
    } catch (cause) {
      if (Date.now() > deadline) throw new Error(`WebKitWebDriver was silent for ${startLimit} ms`, { cause })
      await sleep(50)
    }
  }
}

async function failed(child: ChildProcess, command: string): Promise<never> {
  const [reason] = (await Promise.race([once(child, 'exit'), once(child, 'error')])) as [unknown]
  throw new Error(`${command} ended before it began`, { cause: reason })
}
