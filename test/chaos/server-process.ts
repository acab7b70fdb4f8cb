/** The server of {@link ./server.ts}, as seen from outside: it can be paused, drained, killed, and asked for its heap. */
import { join } from 'node:path'
import type { KillableServer } from '../tools/http-server.ts'
import { Book } from './chatter.ts'
import { Child } from './child.ts'
import type { Order, Word } from './server.ts'

interface ChatServer extends KillableServer {
  /** It stands still for so many milliseconds, as a process does that is stopped, or that computes; resolves when it goes on. */
  pause(milliseconds: number): Promise<void>
  /** It says goodbye to all of its clients, and ends. */
  drain(): Promise<void>
  /** The bytes that it needs. */
  memory(): Promise<number>
}

/** On the port it had before, if it had one. The book outlives it, as a database would. */
export async function startChatServer(port = 0, book: Book = new Book()): Promise<ChatServer> {
  /** One for each pause: they follow each other. */
  const pauses: (() => void)[] = []
  const child = new Child<Order, Word>(join(import.meta.dirname, 'server.ts'), (word) => {
    if ('changes' in word) for (const change of word.changes) book.record(change)
    if ('awake' in word) pauses.shift()?.()
  })
  child.order({ start: { port, report: book.report } })
  const listening = await child.heard('port')
  return {
    port: listening.port,
    async pause(milliseconds) {
      child.order({ pause: milliseconds })
      await Promise.race([new Promise<void>((resolve) => pauses.push(resolve)), child.ended()])
    },
    async drain() {
      child.order({ drain: true })
      await child.ended()
    },
    async memory() {
      child.order({ memory: true })
      return (await child.heard('memory')).memory
    },
    kill: () => child.kill(),
  }
}
