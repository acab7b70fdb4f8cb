/** Who may come: whoever has a token. Tokens are handed out to every page, and can be taken back, which is what they are for here. */
import type { ServerOptions } from 'holdfast/server'
import * as v from 'valibot'
import type { Database, Person, Visitor } from './app.ts'

const text = (most: number): v.GenericSchema<string> => v.pipe(v.string(), v.minLength(1), v.maxLength(most))
const person = v.strictObject({ id: text(64), name: text(40), hue: v.pipe(v.number(), v.minValue(0), v.maxValue(360)) })
const credentials = v.object({ person, page: text(64), token: text(64) })

/** What a page shows of itself when it connects. */
export interface Credentials {
  readonly person: Person
  readonly page: string
  readonly token: string
}

export interface Tokens {
  /** A new one for this page, beside those that its other sockets have. */
  issue(page: string): string
  /** Those of this page are good for nothing. */
  expire(page: string): void
  isGood(page: string, token: string): boolean
}

/** They are kept, so that a server that begins anew knows them. */
export const createTokens = (database: Database): Tokens => {
  database.exec(
    'CREATE TABLE IF NOT EXISTS passes (token TEXT PRIMARY KEY, page TEXT NOT NULL, at INTEGER NOT NULL) STRICT',
  )
  database.run('DELETE FROM passes WHERE at < ?', Date.now() - 7 * 86_400_000)
  return {
    issue(page) {
      // Not `randomUUID`: pages have that only on https and localhost, and this server may be in one.
      const token = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
        byte.toString(16).padStart(2, '0'),
      ).join('')
      database.run('INSERT INTO passes (token, page, at) VALUES (?, ?, ?)', token, page, Date.now())
      return token
    },
    expire: (page) => void database.run('DELETE FROM passes WHERE page = ?', page),
    isGood: (page, token) => database.all('SELECT 1 FROM passes WHERE token = ? AND page = ?', token, page).length > 0,
  }
}

/** What every server of the demo is made with. */
export const welcoming = (tokens: Tokens): ServerOptions<Visitor> => ({
  // A closed tab says no goodbye, since a reloaded one comes back: so soon, the others see who has left.
  keep: 15_000,
  authenticate({ auth }) {
    if (!v.is(credentials, auth) || !tokens.isGood(auth.page, auth.token)) return false
    return { ...auth.person, page: auth.page }
  },
  // A page that was reloaded has another name, and is the same person.
  sameIdentity: (previous, next) => previous.id === next.id,
})
