import { HTTP_TYPE } from '../protocol/frames.ts'
import type { Post } from './post.ts'

/** Browsers let 64 KiB outlive the page (Fetch: keepalive), and a character has at most three bytes of UTF-8 here. */
const MAY_OUTLIVE = 20_000

/** `Retry-After` in milliseconds: seconds or a date. RFC 9110, 10.2.3 */
const patienceOf = (header: string | null): number | undefined => {
  if (!header) return undefined
  const seconds = Number(header)
  return Math.max(0, seconds >= 0 ? seconds * 1_000 : Date.parse(header) - Date.now()) || undefined
}

/** The platform's `fetch` as {@link Post}. A string body goes as `text/plain`, and `Accept` is free, so nothing is asked for in advance (CORS). */
export const fetchPost =
  (credentials: 'same-origin' | 'include'): Post =>
  (url, body, outlive, { text, done }, priority: RequestPriority = 'auto') => {
    const controller = new AbortController()
    const { signal } = controller
    const run = async (): Promise<void> => {
      let ended: Parameters<typeof done> = [0, '']
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { accept: HTTP_TYPE },
          body,
          keepalive: outlive && body.length < MAY_OUTLIVE,
          credentials,
          priority,
          signal,
        })
        const { status, headers } = response
        if (status === 200) {
          const reader = response.body!.getReader()
          const decoder = new TextDecoder()
          for (let part; !(part = await reader.read()).done;)
            if (!signal.aborted) text(decoder.decode(part.value, { stream: true }))
        }
        ended = [status, status === 200 ? '' : await response.text(), patienceOf(headers.get('retry-after'))]
      } catch {
        // No answer, or a part of one: whoever posted asks again.
      }
      if (!signal.aborted) done(...ended)
    }
    void run()
    return () => controller.abort()
  }
