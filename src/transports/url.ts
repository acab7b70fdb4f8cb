/**
 * A server's address: absolute, relative to the page where there is one, and without a fragment. `ws:` and `http:` mean the same;
 * each transport writes its own. Throws a `TypeError` for what is no such URL.
 */
export const addressOf = (url: string): URL => {
  const address = new URL(url, globalThis.location?.href)
  if (!/^(ws|http)s?:$/.test(address.protocol)) throw new TypeError('its scheme is not ws, wss, http or https')
  address.hash = ''
  return address
}

/** A URL as it may stand in an error: tokens may be in its query. */
export const shownOf = (url: unknown): string => String(url).split('?', 1)[0]!
