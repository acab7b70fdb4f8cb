/** A client that POSTs by hand, right or wrong. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { onTestFinished } from 'vitest'
import { Seen } from './seen.ts'

/** One answer, as far as it has come. */
export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Its finished lines, the head included. */
  readonly lines: Seen<string>
  /** The text, when it is complete. */
  readonly body: Promise<string>
  /** The connection is cut. */
  abort(): void
}

export const TYPE = 'application/holdfast.v1'
export const carrierId = (): string => randomBytes(16).toString('base64url')
export const envelope = (carrier: string, change: object = {}, ...lines: readonly unknown[]): string =>
  [{ carrier, got: 0, ...change }, ...lines]
    .map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
    .join('\n')

const readLines = (response: IncomingMessage): Pick<Answered, 'lines' | 'body'> => {
  const lines = new Seen<string>()
  let text = ''
  let rest = ''
  response.setEncoding('utf8')
  response.on('error', () => {})
  response.on('data', (part: string) => {
    text += part
    const finished = (rest + part).split('\n')
    rest = finished.pop()!
    finished.forEach(lines.add)
  })
  return { lines, body: new Promise((resolve) => void response.on('close', () => resolve(text))) }
}

/** Sends a request; resolves when its answer begins, rejects if it never does. */
export const send = async (
  url: string,
  body: string | Uint8Array,
  more: Readonly<Record<string, string>> = {},
): Promise<Answered> => {
  const going = request(url, {
    method: 'POST',
    headers: { accept: TYPE, 'content-type': 'text/plain;charset=UTF-8', ...more },
  })
  onTestFinished(() => void going.destroy())
  going.end(body)
  const [response] = (await once(going, 'response')) as [IncomingMessage]
  return {
    status: response.statusCode!,
    headers: response.headers,
    ...readLines(response),
    abort: () => going.destroy(),
  }
}
