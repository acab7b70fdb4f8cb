/**
 * The demo: serves the pages, and stands between them and their servers so that their lines can be broken for real.
 *
 *     node demo/server/main.ts [--port 4173] [--host localhost] [--data demo/.data/demo.db] [--open]
 *
 * `--port 0` takes any free port. HOLDFAST_DEMO_DATA says where the data is kept, as `--data` does.
 */
import { once } from 'node:events'
import { createReadStream, existsSync, mkdirSync } from 'node:fs'
import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import sirv from 'sirv'
import { openBrowser } from './browser.ts'
import { createControl } from './control.ts'
import { openDatabase } from './database.ts'
import { keep } from './keeper.ts'
import { createLines } from './lines.ts'
import { openLedger } from '../uses/traffic/ledger.ts'
import { createTokens } from '../uses/visitors.ts'

const demo = join(import.meta.dirname, '..')
const { values: flags } = parseArgs({
  options: {
    port: { type: 'string' },
    host: { type: 'string', default: 'localhost' },
    data: { type: 'string', default: process.env['HOLDFAST_DEMO_DATA'] ?? join(demo, '.data/demo.db') },
    open: { type: 'boolean', default: false },
  },
})

/** Files that are served as they lie: no build stands between the script tag and what it loads. */
const plain: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/script-tag.html': [join(demo, 'script-tag.html'), 'text/html'],
  '/script-tag.css': [join(demo, 'script-tag.css'), 'text/css'],
  '/holdfast.iife.min.js': [join(demo, '../dist/holdfast.iife.min.js'), 'text/javascript'],
  '/holdfast.iife.min.js.map': [join(demo, '../dist/holdfast.iife.min.js.map'), 'application/json'],
}
const built = join(demo, 'dist')
for (const file of [join(built, 'index.html'), ...Object.values(plain).map(([path]) => path)])
  if (!existsSync(file)) fail(`${file} is missing: \`npm start\` builds it.`)

const data = resolve(flags.data)
mkdirSync(dirname(data), { recursive: true })
const database = openDatabase(data)
const tokens = createTokens(database)
openLedger(database)
const lines = createLines()
const keeper = await keep(new URL('app-server.ts', import.meta.url), [data], {
  listens: lines.retarget,
  failed: (error) => fail(error.message),
}).catch((error: unknown) => fail((error as Error).message))
const control = createControl({ keeper, lines, database, tokens })
const pages = sirv(built, { etag: true, maxAge: 0 })

const http = createServer((request, response) => {
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  if (path.startsWith('/control')) return void control(request, response)
  if (path.startsWith('/live/') || path === '/poll') return lines.forward(request, response)
  if (Object.hasOwn(plain, path)) return sendFile(response, ...plain[path]!)
  pages(request, response)
})
http.on('upgrade', lines.carry)

await listen(flags.port)
const { port } = http.address() as AddressInfo
const url = `http://${flags.host}:${port}/`
console.log(`
  Holdfast demo     ${url}
  With script tag   ${url}script-tag.html

  Open it in two tabs. Ctrl-C ends it gently; to end it harshly: kill -9 ${process.pid}
`)
if (flags.open && !process.env['CI']) openBrowser(url)

let ending = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    // Asked a second time, it does not wait for anybody.
    if (ending) process.exit(1)
    ending = true
    // The lines stay up while the server says goodbye over them.
    void keeper.stop().then(() => {
      database.close()
      process.exit()
    })
  })

/** On the port that was asked for; where none was, on the usual one or, if that is taken, on any. */
async function listen(wanted: string | undefined): Promise<void> {
  try {
    http.listen(Number(wanted ?? 4173), flags.host)
    await once(http, 'listening')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' && wanted === undefined) return listen('0')
    fail(code === 'EADDRINUSE' ? `Port ${String(wanted)} is taken: --port 0 takes a free one.` : message)
  }
}

function sendFile(response: ServerResponse, file: string, type: string): void {
  response.setHeader('content-type', `${type}; charset=utf-8`)
  response.setHeader('cache-control', 'no-cache')
  createReadStream(file)
    .on('error', () => response.writeHead(404).end())
    .pipe(response)
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
