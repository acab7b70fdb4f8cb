import { realClock, seededRandom } from 'holdfast/testing'
import { createTokens } from '../uses/visitors.ts'
import { readTally } from '../uses/traffic/ledger.ts'
import type { Faults } from '../uses/faults.ts'
import type { OpenBackend } from './backend.ts'
import { openBots } from './memory/bots.ts'
import { openDisks } from './memory/database.ts'
import { DOMAIN, type Line, openLine } from './memory/lines.ts'
import { keepServers } from './memory/servers.ts'

/** The page, and the line, of those who are always there. */
const BOTS = 'bots'

/** The demo's servers in the page itself, on a network in memory that breaks as the proxy does: for hosts that serve files only. */
export const openBackend: OpenBackend = async (page) => {
  const disks = await openDisks()
  const clock = realClock()
  const random = seededRandom(crypto.getRandomValues(new Uint32Array(1))[0]!)
  const servers = keepServers({ clock, random, disks })
  const tokens = createTokens(disks.scratch)
  const lines = new Map<string, Line>()
  const lineOf = (name: string): Line => {
    const known = lines.get(name)
    if (known) return known
    const line = openLine(name, clock, random.fork())
    lines.set(name, line)
    servers.listen(line.network)
    return line
  }
  /** A URL that leads over this line, which is there from now on. */
  const urlOf = (scheme: string, host: string, path: string, name: string): string => {
    lineOf(name)
    return `${scheme}://${host}.${DOMAIN}${path}${path.includes('?') ? '&' : '?'}line=${name}`
  }
  return {
    url(app, line = page) {
      if (app === 'chat' && !lines.has(BOTS))
        openBots(urlOf('wss', app, '/live/chat', BOTS), BOTS, () => tokens.issue(BOTS))
      return urlOf('wss', app, `/live/${app}`, line)
    },
    bareUrl: (lane) => urlOf('wss', 'bare', `/?lane=${lane}`, page),
    get: async (path, line = page) => {
      // Before `fetch` is looked up: a line that is new puts itself in its place.
      const url = urlOf('https', 'plain', path, line)
      const answer = await fetch(url)
      if (!answer.ok) throw new Error(`The server in this page answered ${path} with ${answer.status}.`)
      return (await answer.json()) as unknown
    },
    token: async () => tokens.issue(page),
    async befall(fault, value, line = page) {
      if (fault === 'restart') await servers.restart(1_000)
      else if (fault === 'drain') await servers.restart(value as Faults['drain'])
      else if (fault === 'kill') await servers.kill()
      else if (fault === 'expire') servers.expire(page)
      else lineOf(line).befall(fault, value)
    },
    tally: async () => readTally(disks.scratch, page),
    counts: async (line = page) => lineOf(line).counts(),
  }
}
