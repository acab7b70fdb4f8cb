import { HoldfastError } from '../kernel/errors.ts'
import type { Message } from '../kernel/message.ts'
import type { Identity } from './identity.ts'
import { type Lost, loseSession } from './lost.ts'
import type { Inheritance } from './legacy.ts'
import type { Conversation } from './ports.ts'

/** How one session follows another: when one is lost, and from page to page. */
export interface Succession {
  /** What a former page left has not been taken by the server yet. */
  readonly isInherited: boolean
  /** The server has taken the session. */
  welcomed(): void
  /** Counts a loss, and tells the application. */
  tell(lost: Lost): void
  /** The session is lost, and another begins. `got`: how much of it the server still knew to be delivered. */
  lose(cause: HoldfastError, got?: number): void
  /** Goes on with what a former page left. With undefined, what this page had has gone to another one. */
  inherit(found: Inheritance | undefined): void
}

export const createSuccession = (
  talk: Conversation,
  identity: Identity,
  policy: 'resend' | 'reject',
  onLost: (lost: Lost) => void,
): Succession => {
  let inherited: ReadonlySet<Message> | undefined

  const tell = (lost: Lost): void => {
    talk.fault(lost.cause)
    onLost(lost)
  }
  const abandon = (): void => {
    const cause = new HoldfastError('superseded', 'Another page went on with this session while this one was frozen.')
    const lost = loseSession(talk, cause, 'closed')
    for (const question of talk.calls.lose(new Set())) talk.push(question)
    identity.renew()
    tell(lost)
  }
  return {
    get isInherited() {
      return !!inherited
    },
    welcomed: () => void (inherited = undefined),
    tell,
    lose(cause, got) {
      // Somebody else used this page before, and what he left is not to be said in this user's name.
      const foreign = cause.code === 'forbidden' ? inherited : undefined
      inherited = undefined
      const lost = loseSession(talk, cause, policy, got, identity.seen, foreign)
      identity.renew()
      tell(lost)
    },
    inherit(found) {
      if (!found || identity.isBegun) abandon()
      if (!found) return
      const { legacy, sent, waiting } = found
      inherited = new Set([...sent, ...waiting])
      identity.inherit(legacy)
      talk.session.restore(legacy.got, legacy.acknowledged, sent, waiting)
    },
  }
}
