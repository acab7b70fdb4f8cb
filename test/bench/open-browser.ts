/**
 * Starts a browser that shows one page, and nobody watches: whoever steers browsers for tests listens to all of a page's traffic,
 * which costs each message more than it takes.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type Engine, chromiumFlags, ensureBrowsers } from '../tools/browsers.ts'
import { type DevTools, connectDevTools } from './devtools.ts'

export interface OpenBrowser {
  /** Of the page; only Chromium's. */
  readonly devtools: DevTools | undefined
  close(): Promise<void>
}

/** A page in the background is not slowed down. */
const awake = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]
/** Firefox makes its clock coarse, asks questions in a new profile, and calls home. */
const preferences = {
  'privacy.reduceTimerPrecision': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.aboutwelcome.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'app.update.disabledForTesting': true,
}

export async function openBrowser(engine: Engine, url: string): Promise<OpenBrowser> {
  const browser = (await ensureBrowsers([engine])).get(engine)!
  const profile = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const children: ChildProcess[] = []
  const start = (command: string, args: readonly string[], stdio: StdioOptions = 'ignore', env = {}): ChildProcess => {
    const child = spawn(command, args, { stdio, env: { ...process.env, ...env } })
    children.push(child)
    return child
  }
  const killAll = (): void => {
    for (const child of children) child.kill()
  }
  process.once('exit', killAll)
  // So that there is an exit.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const close = async (): Promise<void> => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const gone = once(child, 'exit')
      child.kill()
      await gone
    }
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }

  if (engine === 'chromium') {
    const flags = [...chromiumFlags, ...awake, '--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`]
    const { stderr } = start(browser.executablePath, [...flags, url], ['ignore', 'ignore', 'pipe'])
    return { devtools: await connectDevTools(await endpoint(stderr!), url), close }
  }
  if (engine === 'firefox') {
    const lines = Object.entries(preferences).map(([name, value]) => `user_pref('${name}', ${value})`)
    writeFileSync(join(profile, 'user.js'), lines.join('\n'))
    start(browser.executablePath, ['--headless', '--no-remote', '--profile', profile, url])
    return { devtools: undefined, close }
  }
  if (browser.kind !== 'webkitgtk') throw new Error('Of WebKit, this can only start WebKitGTK.')
  const display = start(
    browser.display,
    ['-displayfd', '3', '-nolisten', 'tcp'],
    ['ignore', 'ignore', 'ignore', 'pipe'],
  )
  const [number] = (await once(display.stdio[3] as Readable, 'data')) as [Buffer]
  start(browser.executablePath, [url], 'ignore', {
    DISPLAY: `:${number.toString().trim()}`,
    WEBKIT_DISABLE_COMPOSITING_MODE: '1',
    NO_AT_BRIDGE: '1',
    GIO_USE_PROXY_RESOLVER: 'dummy',
  })
  return { devtools: undefined, close }
}

/** What Chromium says it listens on. */
async function endpoint(stderr: Readable): Promise<string> {
  for await (const line of createInterface(stderr)) {
    const [, host] = /DevTools listening on ws:\/\/([^/]+)/.exec(line) ?? []
    if (host === undefined) continue
    // What it says from now on must not fill the pipe.
    stderr.resume()
    return host
  }
  throw new Error('Chromium did not start.')
}
