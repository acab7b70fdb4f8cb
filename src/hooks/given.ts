import { HoldfastError } from '../kernel/errors.ts'
import type { Source } from './source.ts'

/** The socket that a component was given. Throws `invalid-argument` if it was given none. */
export const given = (socket: unknown): Source => {
  if (socket) return socket as Source
  throw new HoldfastError(
    'invalid-argument',
    'There is no socket. Tell createHooks() which, or give one to the components.',
  )
}
