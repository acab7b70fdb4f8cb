/**
 * nginx and HAProxy as people run them, on free ports of the loopback. Missing ones are installed where that can be
 * done unasked; one that can be neither found nor installed is an error that names the remedy, never a skipped test.
 *
 *     node test/tools/proxies.ts
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { canInstallPackages, findCommand, installPackages, isRoot } from './programs.ts'

type Program = 'nginx' | 'haproxy'

export interface RealProxy extends AsyncDisposable {
  readonly port: number
  /** `127.0.0.1:port`, ready to follow `ws://` or `http://`. */
  readonly host: string
  /** Ends it at once, with all of its connections. */
  close(): Promise<void>
}

/** What a server of nginx's does with requests, beside passing them on. */
const nginxServers = {
  /** What `proxy_pass` alone does, in every version before 1.29.7: no Upgrade gets through, and nothing streams. */
  'http-1.0': 'proxy_http_version 1.0;',
  /** Half of what its manual asks for: no Upgrade gets through. */
  'no-upgrade': 'proxy_http_version 1.1;',
  /** The same, impatient, and eager to buffer and to compress; yet it does what answers ask for. */
  buffering: `
    proxy_http_version 1.1; proxy_buffering on; proxy_read_timeout 5s;
    gzip on; gzip_proxied any; gzip_types application/holdfast.v1 text/plain; gzip_min_length 0;`,
  /** And does not listen to what answers ask for. */
  'buffering-always': `
    proxy_http_version 1.1; proxy_buffering on; proxy_read_timeout 5s; proxy_ignore_headers X-Accel-Buffering;
    gzip on; gzip_proxied any; gzip_types application/holdfast.v1 text/plain; gzip_min_length 0;`,
  /** As its manual tells it. */
  websocket: `
    proxy_http_version 1.1; proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;`,
} as const

export interface NginxOptions {
  readonly kind: keyof typeof nginxServers
  /** Ports of the servers behind it. If there are several, `?route=` decides, by a consistent hash. */
  readonly targets: readonly number[]
}

export async function startNginx({ kind, targets }: NginxOptions): Promise<RealProxy> {
  const servers = targets.map((port) => `server 127.0.0.1:${port};`).join(' ')
  return start(
    'nginx',
    ['-c'],
    (port, folder) => `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  upstream servers { ${targets.length > 1 ? 'hash $arg_route consistent; ' : ''}${servers} }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://servers; ${nginxServers[kind]} }
  }
}
`,
  )
}

export interface HaproxyOptions {
  readonly target: number
  /** Sends parts of answers on as they come; without it, HAProxy gives each of them some 200 ms to get company. */
  readonly noDelay?: boolean
}

/** HAProxy with the patience of five seconds, for everything. */
export async function startHaproxy({ target, noDelay = false }: HaproxyOptions): Promise<RealProxy> {
  return start(
    'haproxy',
    ['-db', '-f'],
    (port) => `
defaults
  mode http
  ${noDelay ? 'option http-no-delay' : ''}
  timeout connect 5s
  timeout client 5s
  timeout server 5s
  timeout tunnel 5s
frontend clients
  bind 127.0.0.1:${port}
  default_backend servers
backend servers
  server only 127.0.0.1:${target}
`,
  )
}

/** A configuration to listen on this port, and to write into this folder if it must. */
type Configuration = (port: number, folder: string) => string

async function start(program: Program, args: readonly string[], config: Configuration): Promise<RealProxy> {
  const file = requireProgram(program)
  for (let attempts = 1; ; attempts++) {
    const running = launch(file, args, config, await freePort())
    if (await running.isReady()) return running
    await running.close()
    // Somebody else may have taken the port meanwhile.
    if (attempts === 3) throw new Error(`${program} did not start:\n${running.output}`)
  }
}

/** With a configuration of its own, in a folder of its own. */
function launch(file: string, args: readonly string[], config: Configuration, port: number): Running {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-proxy-'))
  const path = join(folder, 'config')
  writeFileSync(path, config(port, folder))
  // Nothing here needs root's rights; so they are not used where there are some.
  const someone = isRoot() ? { uid: nobody, gid: nobody } : {}
  if (isRoot()) chownSync(folder, nobody, nobody)
  return new Running(
    spawn('/bin/sh', ['-c', leash, 'sh', file, ...args, path], { ...someone, cwd: folder }),
    folder,
    port,
  )
}

/** The user of Linux's systems that owns nothing. */
const nobody = 65_534

/** Runs a program that ends when whoever started it closes its input, or is dead. */
const leash = `
  exec 3<&0
  "$@" 3<&- & program=$!
  { cat <&3; kill "$program"; } >/dev/null 2>&1 &
  exec 3<&-
  wait "$program"`

class Running implements RealProxy {
  readonly port: number
  readonly host: string
  output = ''
  readonly #child: ChildProcessWithoutNullStreams
  readonly #folder: string
  readonly #ended: Promise<unknown>

  constructor(child: ChildProcessWithoutNullStreams, folder: string, port: number) {
    this.port = port
    this.host = `127.0.0.1:${port}`
    this.#child = child
    this.#folder = folder
    this.#ended = once(child, 'close')
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (this.output += String(text)))
  }

  /** Whether it takes connections; false if it ended before it did. */
  async isReady(): Promise<boolean> {
    while (this.#child.exitCode === null && this.#child.signalCode === null) {
      if (await canConnect(this.port)) return true
      await sleep(10)
    }
    return false
  }

  async close(): Promise<void> {
    this.#child.stdin.end()
    await this.#ended
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Debian keeps these where the PATH of people doesn't lead. */
const folders = ['/usr/sbin', '/usr/local/sbin']

function requireProgram(program: Program): string {
  const file = findCommand(program, folders)
  if (file === undefined) throw new Error(`${program} was not found. ${remedy}`)
  return file
}

const programs: readonly Program[] = ['nginx', 'haproxy']
const remedy =
  'Install both with `apt-get install --no-install-recommends nginx haproxy`, `brew install nginx haproxy` or the like.'

/** Installs whichever is missing. */
async function ensureProxies(): Promise<void> {
  const missing = programs.filter((program) => findCommand(program, folders) === undefined)
  // Where services are managed, the packages would start some, and on every start of the machine: nobody asked for that.
  if (missing.length === 0 || !canInstallPackages() || existsSync('/run/systemd/system')) return
  try {
    await installPackages(missing)
  } catch (cause) {
    throw new Error(`${missing.join(', ')} could not be installed. ${remedy}`, { cause })
  }
}

if (import.meta.main) {
  await ensureProxies()
  for (const program of programs) console.log(`${program}: ${requireProgram(program)}`)
}
