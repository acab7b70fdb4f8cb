import { type Backend, type Chat, type Setup, serve } from './backend.ts'
import { type RawPeer, rawSession, sessionId } from './raw.ts'
import { Seen } from './seen.ts'

/** A backend, what it heard, and a raw client that has been welcomed to a session. */
export interface Stage {
  readonly backend: Backend<Chat, unknown>
  readonly heard: Seen<string>
  readonly peer: RawPeer
  readonly session: string
}

export async function stage(options: Setup<Chat, unknown> = {}): Promise<Stage> {
  const heard = new Seen<string>()
  const backend = await serve({
    ...options,
    session(session) {
      session.on('say', heard.add)
      session.handle('add', ([left, right]) => left + right)
    },
  })
  const session = sessionId()
  return { backend, heard, session, peer: await rawSession(backend.url, session) }
}
