import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Blockade } from '../../test/tools/http-faults.ts'
import type { Keeper } from './keeper.ts'
import type { Lines } from './lines.ts'

/** Longest stall that a page may ask for, in milliseconds. */
const LONGEST = 60_000

const blockades: readonly Blockade[] = ['403', 'stripped', 'hang', 'swallowed', 'killed']

/** Pages of other sites can send a POST here too; a browser says whose page it was. */
const isForeign = ({ headers: { origin, host } }: IncomingMessage): boolean =>
  origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)

/** `POST /control/<fault>?page=<page>`: what the page's buttons do. Answers 204 when it is done. */
export const createControl = (keeper: Keeper, lines: Lines) => {
  const faults = new Map<string, (page: string, query: URLSearchParams) => void | Promise<void>>([
    ['cut', lines.cut],
    ['mend', lines.mend],
    ['offline', (page, query) => lines.stall(page, Math.min(LONGEST, Number(query.get('ms') ?? 10_000) || 0))],
    ['block', (page, query) => lines.block(page, blockades.find((name) => name === query.get('how')) ?? '403')],
    ['unblock', (page) => lines.block(page, undefined)],
    ['gather', (page) => lines.gather(page, true)],
    ['scatter', (page) => lines.gather(page, false)],
    ['restart', () => keeper.restart()],
    ['kill', () => keeper.kill()],
  ])
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const fault = faults.get(pathname.slice('/control/'.length))
    const refusal = !fault ? 404 : request.method !== 'POST' ? 405 : isForeign(request) ? 403 : undefined
    if (refusal === undefined) await fault?.(searchParams.get('page') ?? '', searchParams)
    response.writeHead(refusal ?? 204, { 'cache-control': 'no-store' }).end()
  }
}
