import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import solid from 'vite-plugin-solid'
import { playwright } from '@vitest/browser-playwright'
import { type TestProjectConfiguration, defineConfig } from 'vitest/config'
import { type Engine, chromiumFlags, engines, findBrowser } from './test/tools/browsers.ts'
import { tab } from './test/browser/tab-commands.ts'
import { svelte } from './test/tools/svelte-plugin.ts'
import { webkitGtk } from './test/browser/webkit-provider.ts'

const root = fileURLToPath(new URL('.', import.meta.url))

/**
 * Tests import the package by its name, as its users do. The name stands for the sources, or, with HOLDFAST_DIST=1,
 * for the built package; then only the tests that know nothing but the name take part.
 */
const built = process.env['HOLDFAST_DIST'] === '1'
const alias = built
  ? [
      { find: /^holdfast$/, replacement: `${root}dist/index.js` },
      { find: /^holdfast\/(.+)$/, replacement: `${root}dist/$1/index.js` },
    ]
  : [
      { find: /^holdfast$/, replacement: `${root}src/index.ts` },
      { find: /^holdfast\/(.+)$/, replacement: `${root}src/$1/index.ts` },
    ]

const knowsTheNameAlone = (file: string): boolean => {
  const source = readFileSync(root + file, 'utf8')
  return /from 'holdfast[/']/.test(source) && !/from '(\.\.\/)+src\//.test(source)
}
const tests = (pattern: string, except: string[] = []): string[] => {
  const files = globSync(pattern, { cwd: root }).filter((file) => !except.some((folder) => file.startsWith(folder)))
  return built ? files.filter(knowsTheNameAlone) : files
}

/** What takes long and would find nothing in the built package that the others do not. */
const slow = ['blockades', 'hostile-client', 'hostile-server', 'slow-clients'].map((name) => `test/integration/${name}`)

/** `test/fuzz` makes its errors out of the sources, at second hand. */
const elsewhere = [
  ...(built ? ['test/fuzz/'] : []),
  'test/browser/',
  'test/chaos/',
  ...globSync('test/demo/{,long/}*.test.ts', { cwd: root }),
  'test/frameworks/',
  'test/integration/',
  'test/simulation/',
  'test/package.test.ts',
]

/** For what neither waits nor measures: vitest would leave one to itself. */
const everyProcessor = { maxWorkers: '100%', sequence: { groupOrder: 2 } }

/** For pages that take over from a server, and in Node.js for servers. */
const solidJsx = solid({ ssr: true, hot: false, include: 'test/frameworks/solid-page.tsx' })

function provider(engine: Engine) {
  const browser = findBrowser(engine)
  // A missing browser is reported by global-setup.ts, which runs only for the projects that were asked for.
  if (browser?.kind === 'webkitgtk') return webkitGtk(browser)
  const args = engine === 'chromium' ? { args: chromiumFlags } : {}
  if (browser?.kind !== 'system') return playwright({ launchOptions: args })
  const { executablePath } = browser
  const channel = engine === 'firefox' ? { channel: 'moz-firefox' } : {}
  return playwright({ launchOptions: { executablePath, ...channel, ...args } })
}

/** `*.chromium.test.ts` is for one engine, everything else for all of them. */
const inBrowser = (
  engine: Engine,
  name: string = engine,
  files = 'test/browser/*.test.ts',
): TestProjectConfiguration => ({
  extends: true,
  optimizeDeps: { include: ['nanoevents', 'idb', 'axe-core'] },
  test: {
    name,
    include: tests(files).filter(
      (file) => !engines.some((other) => other !== engine && file.endsWith(`.${other}.test.ts`)),
    ),
    globalSetup: 'test/browser/global-setup.ts',
    testTimeout: 120_000,
    maxConcurrency: 3,
    env: {
      SWITCHING_SECONDS: process.env['SWITCHING_SECONDS'] ?? '',
      BLOB_MEGABYTES: process.env['BLOB_MEGABYTES'] ?? '',
      CHAOS: process.env['CHAOS'] ?? '',
    },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: provider(engine),
      commands: { tab },
      instances: [{ browser: engine }],
    },
  },
})

/** Uses the demo's pages in Chromium: two at a time, since they wait for what recovers, and their pixels are drawn by the processor. */
const onPages = (name: string, include: string): TestProjectConfiguration => ({
  extends: true,
  test: {
    name,
    include: [include],
    testTimeout: 60_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    sequence: { groupOrder: 3 },
  },
})

export default defineConfig({
  resolve: { alias },
  test: {
    // A test left alone by a stray `.only` would pass for the whole suite.
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // They leave nothing behind, so they need no process each: half the time.
          isolate: false,
          include: tests('test/**/*.test.ts', elsewhere),
          ...everyProcessor,
        },
      },
      // Components in a page without a browser.
      {
        extends: true,
        // Of frameworks whose server build is another one, the one for pages.
        resolve: { conditions: ['browser'] },
        plugins: [solidJsx, svelte()],
        test: {
          name: 'frameworks',
          environment: 'happy-dom',
          // Left to Node.js, it would be its build for servers.
          server: { deps: { inline: [/solid-js/] } },
          include: tests('test/frameworks/*.test.ts'),
          ...everyProcessor,
        },
      },
      // The same on a server that renders pages.
      {
        extends: true,
        plugins: [solidJsx, svelte()],
        test: { name: 'rendering', include: tests('test/frameworks/servers/*.test.ts'), ...everyProcessor },
      },
      {
        extends: true,
        test: {
          name: 'simulation',
          include: tests('test/simulation/**/*.test.ts'),
          testTimeout: 180_000,
          // Each fault lives in a thread of its own.
          maxConcurrency: 2,
          ...everyProcessor,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: tests('test/integration/*.test.ts', built ? slow : []),
          testTimeout: 60_000,
          // They measure real sockets: one at a time, so that they don't measure each other.
          fileParallelism: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'waiting',
          include: tests('test/integration/{waiting,third-party}/*.test.ts'),
          testTimeout: 60_000,
          // They use real sockets as well, and do little but wait: side by side, but not beside those that measure.
          maxWorkers: 5,
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: 'package', include: ['test/package.test.ts'], testTimeout: 60_000 } },
      {
        extends: true,
        test: {
          name: 'chaos',
          // Each is a conversation of 200 messages a second each way.
          maxConcurrency: 3,
          include: ['test/chaos/chaos.test.ts'],
          testTimeout: 120_000,
          env: { CHAOS: process.env['CHAOS'] ?? '' },
        },
      },
      inBrowser('chromium', 'chromium-chaos', 'test/chaos/chaos.chromium.test.ts'),
      // Steers pages from outside, in Node.js.
      {
        extends: true,
        test: { name: 'life', include: tests('test/browser/life/*.test.ts'), testTimeout: 60_000 },
      },
      {
        extends: true,
        test: { name: 'apps', include: ['test/frameworks/apps/apps.test.ts'], testTimeout: 120_000 },
      },
      onPages('demo', 'test/demo/*.test.ts'),
      onPages('demo-long', 'test/demo/long/*.test.ts'),
      inBrowser('chromium'),
      inBrowser('firefox'),
      inBrowser('webkit'),
    ],
  },
})
