/** All that a measurement needs: the server, a proxy in front of it, a browser, and a page in it that does what it is told. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Engine } from '../tools/browsers.ts'
import { FaultProxy } from '../tools/fault-proxy.ts'
import type { FromPage, Outcome, Probe } from './contract.ts'
import type { DevTools } from './devtools.ts'
import { type Comparison, type Place, type Side, roundTrip } from './measures.ts'
import { openBrowser } from './open-browser.ts'

export interface Stage extends AsyncDisposable {
  /** Of the page; only Chromium's. */
  readonly devtools: DevTools | undefined
  /** Its name and version. */
  readonly browser: string
  run(comparison: Comparison, alone?: Side): Promise<Outcome>
  /** Tells the server's process. */
  tell(command: 'profile' | 'report'): Promise<unknown>
}

/** V8 keeps the shape of an object, and with it its keys, for some collections after the object is gone. */
const COLLECTIONS = 4
/** Milliseconds in which a page must have something to say. */
const LIMIT = 60_000

export async function openStage(engine: Engine, script: string, peers?: string): Promise<Stage> {
  const server = fork(join(import.meta.dirname, 'server.ts'), peers === undefined ? [] : [peers])
  server.send(script)
  const port = (await answer(server)) as number
  const near = `127.0.0.1:${port}`
  const proxy = await FaultProxy.start({ target: { port } })
  const driver = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(driver, 'listening')
  const addressOf = (place: Place): string =>
    `http://${place === 'near' ? near : proxy.host}/?driver=${(driver.address() as AddressInfo).port}`

  let place: Place = 'near'
  let connected = once(driver, 'connection')
  const { devtools, close } = await openBrowser(engine, addressOf(place))
  const [first, request] = (await connected) as [WebSocket, IncomingMessage]
  let page = first

  const probes: Readonly<Record<Probe, () => Promise<number | null> | number | null>> = {
    async cpu() {
      const { metrics } = (await devtools?.ask('Performance.getMetrics')) ?? { metrics: [] }
      const seconds = metrics.find(({ name }) => name === 'ThreadTime')?.value
      return seconds === undefined ? null : seconds * 1_000
    },
    async heap() {
      if (!devtools) return null
      for (let time = 0; time < COLLECTIONS; time++) await devtools.ask('HeapProfiler.collectGarbage')
      return (await devtools.ask('Runtime.getHeapUsage')).usedSize
    },
    bytes: () => proxy.bytes.up + proxy.bytes.down,
    hold: () => (proxy.hold('both', true), null),
    release: () => (proxy.hold('both', false), null),
  }
  const visit = async (next: Place): Promise<void> => {
    if (next === place) return
    place = next
    proxy.latency(place === 'far' ? roundTrip / 2 : 0)
    connected = once(driver, 'connection')
    page.send(JSON.stringify({ visit: addressOf(place) }))
    page = ((await connected) as [WebSocket])[0]
  }

  return {
    devtools,
    browser: nameOf(request.headers['user-agent'] ?? ''),
    async run(comparison, alone) {
      await visit(comparison.place)
      page.send(JSON.stringify({ task: { comparison, alone, server: near } }))
      for (;;) {
        const patience = { signal: AbortSignal.timeout(LIMIT) }
        const [text] = (await once(page, 'message', patience).catch((cause: unknown) => {
          throw new Error(`${comparison.run} took too long.`, { cause })
        })) as [Buffer]
        const message = JSON.parse(text.toString()) as FromPage
        if ('outcome' in message) return message.outcome
        if ('error' in message) throw new Error(`${comparison.run}: ${message.error}`)
        page.send(JSON.stringify({ answer: await probes[message.probe]() }))
      }
    },
    async tell(command) {
      server.send(command)
      return answer(server)
    },
    async [Symbol.asyncDispose]() {
      await close()
      await proxy.close()
      driver.close()
      server.disconnect()
    },
  }
}

async function answer(server: ChildProcess): Promise<unknown> {
  return ((await once(server, 'message')) as [unknown])[0]
}

/** What a browser calls itself, without what it pretends to be. */
function nameOf(userAgent: string): string {
  const [, name = '', version = ''] =
    /(Chrome)\/(\d+)/.exec(userAgent) ??
    /(Firefox)\/(\d+)/.exec(userAgent) ??
    /(Version)\/([\d.]+) Safari/.exec(userAgent) ??
    []
  return `${{ Chrome: 'Chromium', Firefox: 'Firefox', Version: 'WebKitGTK as Safari' }[name] ?? userAgent} ${version}`
}
