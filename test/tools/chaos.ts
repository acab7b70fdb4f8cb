/** Both sides count aloud while their connections are killed; afterwards every number must have arrived once, in order. */
import type { Socket } from 'holdfast'
import type { ServerSession } from 'holdfast/server'

/** What the two sides say. */
export interface Counting {
  toServer: { count: number }
  toClient: { count: number }
  requests: {
    /** The server begins to count. */
    start(interval: number): null
    /** The server stops counting, and tells how far it came and what it heard. */
    stop(): Heard
  }
}

interface Heard {
  readonly sent: number
  readonly received: readonly number[]
  readonly longestGap: number
}

/** What became of the numbers 1 to `sent`. */
interface Damage {
  readonly sent: number
  readonly lost: number
  readonly doubled: number
  readonly outOfOrder: number
  /** The longest time between two arrivals, in milliseconds. */
  readonly longestGap: number
}

export interface ChaosFigures {
  readonly up: Damage
  readonly down: Damage
  /** Kills that struck an open connection. */
  readonly kills: number
  /** Milliseconds. */
  readonly duration: number
}

export interface ChaosPlan {
  /** Kills every connection; answers how many there were. */
  readonly cut: () => number | Promise<number>
  /** Milliseconds. */
  readonly duration: number
  /** Messages a second, each way. */
  readonly rate: number
  /** The shortest and the longest time from one kill to the next, in milliseconds. */
  readonly pause: readonly [shortest: number, longest: number]
}

/** Takes the numbers as they come. */
class Listener {
  readonly received: number[] = []
  longestGap = 0
  #last = Infinity

  /** Bound, so that it can be handed over as a listener. */
  readonly add = (number: number): void => {
    const now = performance.now()
    this.longestGap = Math.max(this.longestGap, now - this.#last)
    this.#last = now
    this.received.push(number)
  }
}

/** The server's part. */
export function countBack(session: Pick<ServerSession<Counting>, 'on' | 'send' | 'handle' | 'onEnd'>): void {
  const listener = new Listener()
  let sent = 0
  let timer: NodeJS.Timeout | undefined
  session.on('count', listener.add)
  session.handle('start', (interval) => {
    timer = setInterval(() => session.send('count', ++sent), interval)
    return null
  })
  session.handle('stop', () => {
    clearInterval(timer)
    return { sent, received: listener.received, longestGap: listener.longestGap }
  })
  session.onEnd(() => clearInterval(timer))
}

/** The client's part, in Node.js or in a page. Counts all the while, connected or not, and resolves when all is told. */
export async function survive(socket: Socket<Counting>, plan: ChaosPlan): Promise<ChaosFigures> {
  const start = performance.now()
  const listener = new Listener()
  let sent = 0
  let kills = 0
  socket.on('count', listener.add)
  await socket.request('start', 1000 / plan.rate)
  const counting = setInterval(() => socket.send('count', ++sent), 1000 / plan.rate)
  while (performance.now() - start < plan.duration) {
    const [shortest, longest] = plan.pause
    await new Promise((resolve) => setTimeout(resolve, shortest + Math.random() * (longest - shortest)))
    kills += await plan.cut()
  }
  clearInterval(counting)
  // Both are counted like any other message: the answer comes behind everything that was sent before it.
  const heard = await socket.request('stop')
  await socket.flush()
  const duration = performance.now() - start
  return { up: damage(sent, heard), down: damage(heard.sent, listener), kills, duration }
}

function damage(sent: number, { received, longestGap }: Omit<Heard, 'sent'>): Damage {
  const distinct = new Set(received)
  return {
    sent,
    lost: sent - distinct.size,
    doubled: received.length - distinct.size,
    outOfOrder: received.filter((number, index) => index > 0 && number < received[index - 1]!).length,
    longestGap,
  }
}

/** For people. */
export function describeChaos({ up, down, kills, duration }: ChaosFigures): string {
  const tell = ({ sent, lost, doubled, outOfOrder, longestGap }: Damage): string =>
    `${sent} sent, ${lost} lost, ${doubled} doubled, ${outOfOrder} out of order, none for ${longestGap.toFixed()} ms`
  return `${(duration / 1000).toFixed(1)} s, ${kills} kills; up: ${tell(up)}; down: ${tell(down)}`
}
