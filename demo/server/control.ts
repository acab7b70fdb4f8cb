import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import * as v from 'valibot'
import type { Database } from '../uses/app.ts'
import { type Command, blockades } from '../uses/faults.ts'
import { readTally } from '../uses/traffic/ledger.ts'
import type { Tokens } from '../uses/visitors.ts'
import type { Keeper } from './keeper.ts'
import type { Lines } from './lines.ts'

const line = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const number = (most: number): v.GenericSchema<number> => v.pipe(v.number(), v.minValue(0), v.maxValue(most))
const fault = <const F extends Command['fault'], V extends v.GenericSchema>(name: F, value: V) =>
  v.object({ line, fault: v.literal(name), value })

const command = v.variant('fault', [
  fault('cut', v.null()),
  fault('refuse', v.boolean()),
  fault('blackHole', v.boolean()),
  fault('hold', v.boolean()),
  fault('latency', number(10_000)),
  fault('bandwidth', v.nullable(v.pipe(v.number(), v.minValue(100), v.maxValue(1e9)))),
  fault('block', v.nullable(v.picklist(blockades))),
  fault('gather', v.boolean()),
  fault('restart', v.null()),
  fault('drain', number(60_000)),
  fault('kill', v.null()),
  fault('expire', v.null()),
])

/** Pages of other sites can send a POST here too; a browser says whose page it was. */
const isForeign = ({ headers: { origin, host } }: IncomingMessage): boolean =>
  origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)

interface ControlOptions {
  readonly keeper: Keeper
  readonly lines: Lines
  readonly database: Database
  readonly tokens: Tokens
}

/**
 * What the pages' buttons do, and what they are shown of it:
 *
 * - `POST /control` with a {@link Command}: 204 when it is done.
 * - `POST /control/token?line=`: a new token, in text. `GET /control/tally?line=`: what the server heard of that page's
 *   numbers. `GET /control/counts?line=`: what the proxy counted.
 */
export const createControl = ({ keeper, lines, database, tokens }: ControlOptions) => {
  const obey = async ({ line, fault, value }: Command): Promise<void> => {
    const proxy = await lines.proxyOf(line)
    switch (fault) {
      case 'cut':
        return void proxy.cut()
      case 'refuse':
        await proxy.refuse(value)
        return void (value && proxy.cut())
      case 'blackHole':
        return proxy.blackHole('both', value)
      case 'hold':
        return proxy.hold('both', value)
      case 'latency':
        return proxy.latency(value)
      case 'bandwidth':
        return proxy.bandwidth(value)
      case 'block':
        if (value === null) return proxy.unblock()
        proxy.block(value)
        return void proxy.cut()
      case 'gather':
        proxy.gather(value)
        return void proxy.cut()
      case 'restart':
        return keeper.restart(1_000)
      case 'drain':
        return keeper.restart(value)
      case 'kill':
        return keeper.kill()
      case 'expire':
        return keeper.tell({ type: 'expire', page: line })
    }
  }
  const answers: Readonly<Record<string, (line: string) => unknown>> = {
    'POST /control/token': (page) => tokens.issue(page),
    'GET /control/tally': (page) => readTally(database, page),
    'GET /control/counts': lines.counts,
  }
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const end = (status: number, body?: unknown): void => {
      response.writeHead(status, {
        'cache-control': 'no-store',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      })
      response.end(body === undefined ? undefined : JSON.stringify(body))
    }
    if (isForeign(request)) return end(403)
    const name = `${String(request.method)} ${pathname}`
    const answer = Object.hasOwn(answers, name) ? answers[name] : undefined
    if (answer) return end(200, await answer(searchParams.get('line') ?? ''))
    if (name !== 'POST /control') return end(404)
    const order = v.safeParse(command, await json(request).catch(() => undefined))
    if (!order.success) return end(400, v.summarize(order.issues))
    await obey(order.output)
    end(204)
  }
}
