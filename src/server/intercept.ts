import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'

type Emit = (event: string | symbol, ...rest: readonly unknown[]) => boolean

/** Answers to requests that are taken from a server's other listeners. */
export interface Interceptor {
  /** Whether a request is to be answered here. */
  takes(request: IncomingMessage): boolean
  answer(request: IncomingMessage, response: ServerResponse): void
}

/**
 * Answers some requests in place of the server's own `request` listeners, whether those are there already or come later; what
 * nobody answers is not found. A listener could not do that: all of them get every request. So it stands before all of them, as
 * instrumentation does. Returns the way back.
 */
export const interceptRequests = (httpServer: HttpServer, { takes, answer }: Interceptor): (() => void) => {
  const target = httpServer as { emit: Emit }
  const { emit } = target
  let isAttached = true
  const intercept: Emit = (event, ...rest) => {
    const [request, response] = rest as [IncomingMessage, ServerResponse]
    const isRequest = event === 'request' || event === 'checkContinue'
    if (isAttached && isRequest && takes(request)) {
      if (event === 'checkContinue') response.writeContinue()
      answer(request, response)
      return true
    }
    const isHeard = emit.call(httpServer, event, ...rest)
    if (isHeard || !isAttached || event !== 'request') return isHeard
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Nothing is here.\n')
    return true
  }
  target.emit = intercept
  return () => {
    isAttached = false
    // Whoever stands before this one now keeps it, and it does nothing any more.
    if (target.emit === intercept) target.emit = emit
  }
}
