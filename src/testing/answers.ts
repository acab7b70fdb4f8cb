import type { EndReason } from '../server/active.ts'

/** Registers something with a session. Returns the way back. */
type Register<Session> = (session: Session) => () => void

/** What is registered with every session, those to come included. */
export interface Everywhere<Session> {
  /** Registers it with all of them. Returns the way back. */
  register(register: Register<Session>): () => void
  /** A session has begun. */
  add(session: Session): void
}

/** For sessions of which there are these just now. */
export const createEverywhere = <Session extends { onEnd(listener: (reason: EndReason) => void): void }>(
  sessions: () => Iterable<Session>,
): Everywhere<Session> => {
  const adds = new Set<(session: Session) => void>()
  return {
    register: (register) => {
      const ways = new Map<Session, () => void>()
      const add = (session: Session): void => {
        ways.set(session, register(session))
        session.onEnd(() => ways.delete(session))
      }
      for (const session of sessions()) add(session)
      adds.add(add)
      return () => {
        adds.delete(add)
        for (const back of ways.values()) back()
        ways.clear()
      }
    },
    add: (session) => {
      for (const add of adds) add(session)
    },
  }
}

/** Answers by name, of which the last one that was given counts. */
export const createAnswers = <Session, Handler>(
  { register }: Everywhere<Session>,
  answer: (session: Session, name: string, handler: Handler) => () => void,
): ((name: string, handler: Handler) => () => void) => {
  const stacks = new Map<string, Handler[]>()
  const backs = new Map<string, () => void>()
  const renew = (name: string): void => {
    backs.get(name)?.()
    backs.delete(name)
    const handler = stacks.get(name)?.at(-1)
    if (handler)
      backs.set(
        name,
        register((session) => answer(session, name, handler)),
      )
  }
  return (name, handler) => {
    const before = stacks.get(name) ?? []
    stacks.set(name, [...before, handler])
    renew(name)
    return () => {
      stacks.set(
        name,
        (stacks.get(name) ?? []).filter((other) => other !== handler),
      )
      renew(name)
    }
  }
}
