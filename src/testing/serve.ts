import type { Clock } from '../platform/clock.ts'
import type { Answer } from '../server/exchange.ts'
import type { Fate } from './fate.ts'
import type { Host, VirtualRequest } from './host.ts'

/** What answers a request needs of its connection. */
interface Serving {
  readonly request: VirtualRequest
  readonly body: string
  readonly fate: Fate
  readonly clock: Clock
  /** Who answers at the host just now. */
  readonly listener: () => Host | undefined
  readonly note: (what: string, detail?: unknown) => void
  /** The connection dies. */
  readonly cut: () => void
  /** The server's end refuses to go on. */
  readonly reset: () => void
  /** The way to the client. */
  readonly speak: (retryAfter?: number) => Answer
  /** Whether the server's end of the connection is closed. */
  readonly isGone: () => boolean
  /** The answer is complete, as far as its server or proxy goes. */
  readonly ended: () => void
}

/** An exchange at the far end. */
export interface Served {
  /** Whether nobody works on it any more. */
  readonly isEnded: boolean
  /** The answer can reach nobody any more. */
  abandon(): void
}

/** What one sees of a hotel before one has paid. */
const PORTAL = '<!DOCTYPE html>\n<title>Welcome!</title>\n<h1>Please accept our terms to use this network</h1>\n'

/** What a proxy makes of an answer on its way, as the fate wants it. */
const throughProxy = ({ fate, speak, cut }: Serving): Answer => {
  if (fate === 'lose-answer') return { send: cut, write: cut, end: cut }
  const answer = speak()
  if (fate !== 'buffer') return answer
  let held = ''
  return { send: answer.send, write: (text) => (held += text), end: () => answer.send(200, held) }
}

/** Somebody in between answers, if the fate wants it: then no server hears of the request. */
const intercept = ({ fate, cut, speak, ended }: Serving): boolean => {
  if (fate === 'drop' || fate === 'refuse') cut()
  else if (fate === 'captive-portal') {
    speak().send(200, PORTAL)
    ended()
  } else if (typeof fate === 'object' && 'status' in fate) {
    speak(fate.retryAfter).send(fate.status, '')
    ended()
  } else return false
  return true
}

/** A whole request has arrived: whoever is there answers it. */
export const serve = (serving: Serving): Served | undefined => {
  const { request, body, fate, clock, note, cut, ended } = serving
  if (intercept(serving)) return undefined
  const listener = serving.listener()
  if (!listener) {
    serving.reset()
    return undefined
  }
  const { view, exchange } = listener
  let isEnded = false
  let hasBegun = false
  let isAbandoned = false
  let whenAbandoned = (): void => {}
  let disarm = (): void => {}

  const end = (): void => {
    isEnded = true
    disarm()
    ended()
  }
  const abandon = (): void =>
    view.enter(() => {
      if (isEnded || isAbandoned) return
      isEnded = isAbandoned = true
      disarm()
      note('server is abandoned')
      whenAbandoned()
    })

  const way = throughProxy(serving)
  const answer: Answer = {
    send: (status, body) => {
      if (isEnded) return
      note('server answers', `${status} ${body}`.trimEnd())
      end()
      way.send(status, body)
    },
    write: (text) => {
      if (isEnded) return
      note('server writes', text)
      hasBegun = true
      way.write(text)
    },
    end: () => {
      if (isEnded) return
      note('server ends')
      end()
      way.end()
    },
  }

  const loseHeart = (patience: number, isRude: boolean): void => {
    disarm = clock.after(patience, () => {
      note('is waited for no longer')
      if (hasBegun || isRude) return cut()
      abandon()
      serving.speak().send(504, '')
      ended()
    })
  }

  if (typeof fate === 'object' && 'patience' in fate) loseHeart(fate.patience, fate.cut === true)
  view.enter(() => {
    if (serving.isGone()) return
    note('server gets', body)
    if (exchange) whenAbandoned = exchange(request, body, answer)
    else answer.send(404, '')
  })
  return {
    get isEnded() {
      return isEnded || view.stopped
    },
    abandon,
  }
}
