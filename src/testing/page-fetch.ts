import type { VirtualClient } from './client.ts'

/** What may not have a body, not even an empty one. https://fetch.spec.whatwg.org/#null-body-status */
const BODILESS = [204, 205, 304]
/** A carrier that is over. docs/protocol.md#http */
const GONE = 410
/** More turns of promises than the end of an answer takes until its carrier has taken leave. */
const TURNS = 50

const pass = async (turns: number): Promise<void> => {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
}

/** A page's `fetch` over a virtual network, as far as POSTs of texts go. */
export interface PageFetch {
  fetch(url: string, init: RequestInit): Promise<Response>
  /**
   * Ends all exchanges: whose carriers they are is told why, and does not ask again. If an answer had begun, its carrier takes
   * leave in one more exchange: resolves when that has been asked for.
   */
  endAll(code: number, reason: string): Promise<void> | undefined
}

/** For pages whose network this client is. */
export const createPageFetch = ({ post }: Pick<VirtualClient, 'post'>): PageFetch => {
  const ends = new Set<(code: number, reason: string) => boolean>()
  const exchange = ({ url, body, keepalive = false, priority, signal }: RequestInit & { url: string }) =>
    new Promise<Response>((resolve, reject) => {
      signal?.throwIfAborted()
      const encoder = new TextEncoder()
      let stream: ReadableStreamDefaultController<Uint8Array> | undefined
      /** Whether the text stands within a line. */
      let isWithin = false
      const events = {
        text(part: string) {
          if (!stream) {
            const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => void (stream = controller)
            resolve(new Response(new ReadableStream({ start, cancel: giveUp })))
          }
          isWithin = !part.endsWith('\n')
          stream!.enqueue(encoder.encode(part))
        },
        done(status: number, text: string, retryAfter?: number) {
          ends.delete(end)
          const broken = new TypeError('Failed to fetch')
          const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter / 1_000) }
          if (stream && status) stream.close()
          else if (stream) stream.error(broken)
          else if (status) resolve(new Response(BODILESS.includes(status) ? null : text, { status, headers }))
          else reject(broken)
        },
      }
      const abandon = post(url, (body ?? '') as string, keepalive, events, priority === 'low' ? 'low' : undefined)
      const giveUp = (): void => {
        ends.delete(end)
        abandon()
      }
      const end = (code: number, reason: string): boolean => {
        giveUp()
        if (stream) events.text(`${isWithin ? '\n' : ''}${JSON.stringify({ bye: { code, reason } })}\n`)
        events.done(stream ? 200 : GONE, JSON.stringify({ code, reason }))
        return !!stream
      }
      ends.add(end)
      signal?.addEventListener('abort', () => {
        giveUp()
        reject(signal.reason as Error)
        stream?.error(signal.reason)
      })
    })
  return {
    fetch: (url, init) => exchange({ ...init, url }),
    endAll: (code, reason) => {
      const hadBegun = [...ends].map((end) => end(code, reason))
      return hadBegun.includes(true) ? pass(TURNS) : undefined
    },
  }
}
