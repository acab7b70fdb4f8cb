/**
 * Finds the browsers the tests run in, and installs the ones that are missing where that can be done unasked.
 * A browser that can be neither found nor installed is an error that names the remedy, never a skipped test.
 *
 *     node test/tools/browsers.ts [chromium] [firefox] [webkit]
 */
import { closeSync, globSync, openSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { chromium, firefox, webkit } from 'playwright'
import {
  canInstallPackages,
  findCommand,
  install as runInstaller,
  installPackages,
  isExecutable,
  isRoot,
} from './programs.ts'

export type Engine = 'chromium' | 'firefox' | 'webkit'
export const engines: readonly Engine[] = ['chromium', 'firefox', 'webkit']

/** Chromium in a container of root's has no sandbox to offer, and none of its services have anything to say to us. */
export const chromiumFlags: string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** How a browser was found decides how it is driven. */
export type Browser =
  /** Playwright's own build. */
  | { readonly kind: 'playwright'; readonly executablePath: string }
  /** The operating system's browser, driven by Playwright. */
  | { readonly kind: 'system'; readonly executablePath: string }
  /** WebKitGTK's MiniBrowser, driven by WebKitWebDriver on a display of its own. */
  | { readonly kind: 'webkitgtk'; readonly executablePath: string; readonly driver: string; readonly display: string }

const own = { chromium, firefox, webkit }

const system = {
  chromium: {
    variable: 'CHROMIUM_PATH',
    commands: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'],
    files: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
      'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
    ],
  },
  firefox: {
    variable: 'FIREFOX_PATH',
    commands: ['firefox-esr', 'firefox'],
    files: ['/Applications/Firefox.app/Contents/MacOS/firefox', 'C:\\Program Files\\Mozilla Firefox\\firefox.exe'],
  },
} as const

const packages: Record<Engine, readonly string[]> = {
  chromium: ['chromium'],
  firefox: ['firefox-esr'],
  webkit: ['webkit2gtk-driver', 'xvfb'],
}

export function findBrowser(engine: Engine): Browser | undefined {
  return engine === 'webkit'
    ? (webkitGtk() ?? playwrightBuild(engine))
    : (named(engine) ?? playwrightBuild(engine) ?? installed(engine))
}

/** The browser, or an error that says how to get it. */
export function requireBrowser(engine: Engine): Browser {
  const browser = findBrowser(engine)
  if (!browser) throw new Error(`${engine} was not found. ${remedy([engine])}`)
  return browser
}

/** Installs whichever of these browsers are missing, then answers with all of them. */
export async function ensureBrowsers(wanted: readonly Engine[] = engines): Promise<Map<Engine, Browser>> {
  const missing = wanted.filter((engine) => !findBrowser(engine))
  if (missing.length > 0) await install(missing)
  return new Map(wanted.map((engine) => [engine, requireBrowser(engine)]))
}

function named(engine: 'chromium' | 'firefox'): Browser | undefined {
  const { variable } = system[engine]
  const executablePath = process.env[variable]
  if (!executablePath) return undefined
  if (!isExecutable(executablePath)) throw new Error(`${variable} is ${executablePath}, which cannot be executed.`)
  return { kind: 'system', executablePath }
}

function playwrightBuild(engine: Engine): Browser | undefined {
  const executablePath = own[engine].executablePath()
  return isExecutable(executablePath) ? { kind: 'playwright', executablePath } : undefined
}

function installed(engine: 'chromium' | 'firefox'): Browser | undefined {
  const { commands, files } = system[engine]
  const candidates = [...commands.map((command) => findCommand(command)), ...files]
  const executablePath = candidates.find((file) => file !== undefined && isExecutable(file) && !isSnapStub(file))
  return executablePath === undefined ? undefined : { kind: 'system', executablePath }
}

function webkitGtk(): Browser | undefined {
  const driver = findCommand('WebKitWebDriver')
  const display = findCommand('Xvfb')
  const executablePath =
    process.env['MINIBROWSER'] ?? globSync('/usr/{lib,lib64,libexec}/{,*/}webkit2gtk-4.*/MiniBrowser').toSorted().at(-1)
  if (driver === undefined || display === undefined || executablePath === undefined) return undefined
  return { kind: 'webkitgtk', executablePath, driver, display }
}

async function install(missing: readonly Engine[]): Promise<void> {
  try {
    if (canInstallPackages()) await installPackages(missing.flatMap((engine) => packages[engine]))
    else {
      const cli = join(dirname(createRequire(import.meta.url).resolve('playwright/package.json')), 'cli.js')
      const withSystemLibraries = isRoot() && process.platform === 'linux' ? ['--with-deps'] : []
      await runInstaller(process.execPath, [cli, 'install', ...withSystemLibraries, ...missing])
    }
  } catch (cause) {
    throw new Error(`${missing.join(', ')} could not be installed. ${remedy(missing)}`, { cause })
  }
}

function remedy(missing: readonly Engine[]): string {
  const names = missing.flatMap((engine) => packages[engine])
  const variables = missing.flatMap((engine) => (engine === 'webkit' ? [] : [system[engine].variable]))
  return (
    [
      `Install it with \`npx playwright install ${missing.join(' ')}\``,
      `on Debian with \`apt-get install --no-install-recommends ${names.join(' ')}\``,
      ...(variables.length > 0 ? [`or point ${variables.join(' and ')} at an executable`] : []),
    ].join(', ') + '.'
  )
}

/** Ubuntu's /usr/bin/firefox and chromium-browser are shell scripts around a snap, which no driver can reach into. */
function isSnapStub(file: string): boolean {
  const head = Buffer.alloc(4096)
  const handle = openSync(file, 'r')
  try {
    return head.subarray(0, readSync(handle, head)).includes('/snap/')
  } finally {
    closeSync(handle)
  }
}

if (import.meta.main) {
  const wanted = process.argv.slice(2)
  for (const name of wanted) {
    if (!engines.some((engine) => engine === name)) throw new Error(`"${name}" is none of ${engines.join(', ')}.`)
  }
  const found = await ensureBrowsers(wanted.length > 0 ? (wanted as Engine[]) : engines)
  for (const [engine, browser] of found) console.log(`${engine}: ${browser.executablePath} (${browser.kind})`)
}
