import { HoldfastError } from '../kernel/errors.ts'

/** The platform's timers: those that a test puts in their place stand still while it waits. */
const { setTimeout, clearTimeout } = globalThis

/** Below the patience of test runners, 5 s, so that what is missing is told by us. */
const PATIENCE = 3_000

/** How long something may take. */
export interface Patience {
  /** Milliseconds until the promise rejects, by the platform's clock though timers be faked. Default: 3000. */
  timeout?: number
}

/** Those who wait for something. */
export interface Waiting {
  /** Resolves with what `find` finds, now or when something has happened. Rejects, saying `missing`, when it takes too long. */
  until<T>(find: () => { readonly value: T } | undefined, missing: () => string, patience?: Patience): Promise<T>
  /** Something has happened. */
  look(): void
  /** Nothing happens any more. */
  end(): void
}

/** Nobody waits yet. */
export const createWaiting = (): Waiting => {
  const waiting = new Set<{ look: () => void; fail: (code: 'timeout' | 'closed', why: string) => void }>()
  return {
    until: (find, missing, { timeout = PATIENCE } = {}) => {
      const found = new Promise<NonNullable<ReturnType<typeof find>>['value']>((resolve, reject) => {
        const settle = (): void => {
          waiting.delete(one)
          clearTimeout(timer)
        }
        const one = {
          look: () => {
            const found = find()
            if (!found) return
            settle()
            resolve(found.value)
          },
          fail: (code: 'timeout' | 'closed', why: string) => {
            settle()
            reject(new HoldfastError(code, `${missing()} ${why}`))
          },
        }
        const timer = setTimeout(() => {
          const isFaked = globalThis.setTimeout !== setTimeout
          const hint = isFaked ? ' Timers are faked: let time pass, as by `advanceTimersByTimeAsync`.' : ''
          one.fail('timeout', `within ${timeout} ms.${hint}`)
        }, timeout)
        waiting.add(one)
        one.look()
      })
      // Who does not wait for it after all needs no error.
      found.catch(() => {})
      return found
    },
    look: () => {
      for (const { look } of waiting) look()
    },
    end: () => {
      for (const { fail } of waiting) fail('closed', 'before the server was closed.')
    },
  }
}

/** What came, by name. */
export interface Inbox {
  /** All that came under this name, in order. */
  received(name: string): readonly unknown[]
  /** The first of this name that no `next` has given yet, as soon as it is there. */
  next(name: string, patience?: Patience): Promise<unknown>
  /** Something came. */
  take(name: string, data: unknown): void
}

/** One in which nothing is. `tell`: what else there is to say when something does not come. */
export const createInbox = ({ until, look }: Waiting, tell: () => string): Inbox => {
  const names = new Map<string, { readonly all: unknown[]; given: number }>()
  const of = (name: string): { readonly all: unknown[]; given: number } => {
    const known = names.get(name) ?? { all: [], given: 0 }
    names.set(name, known)
    return known
  }
  const summary = (): string =>
    [...names]
      .filter(([, { all }]) => all.length > 0)
      .map(([name, { all }]) => `"${name}" (${all.length})`)
      .join(', ') || 'nothing'
  return {
    received: (name) => [...of(name).all],
    next: (name, patience) => {
      const find = (): { readonly value: unknown } | undefined => {
        const some = of(name)
        return some.given < some.all.length ? { value: some.all[some.given++] } : undefined
      }
      const count = of(name).given
      const which = count > 0 ? `"${name}" did not come again after ${count}` : `"${name}" did not come`
      return until(find, () => `${which}. There came ${summary()}, and ${tell()}. It was waited for`, patience)
    },
    take: (name, data) => {
      of(name).all.push(data)
      look()
    },
  }
}
