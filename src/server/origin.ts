import type { ConnectionRequest } from './options.ts'

/**
 * May a page of this origin connect? Browsers always send `Origin` with a WebSocket and nothing stops a foreign page from
 * opening one with the user's cookies, so the server must look ("cross-site WebSocket hijacking"). No origin: no page.
 */
export const isOriginAllowed = ({ headers }: ConnectionRequest, origins: readonly string[] | '*'): boolean => {
  const { origin, host } = headers
  if (typeof origin !== 'string' || origins === '*') return true
  if (origins.length > 0) return origins.includes(origin)
  return URL.canParse(origin) && new URL(origin).host === host
}
