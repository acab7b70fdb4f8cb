/** A server that chats, in a process of its own, so that it can stand still, end and be killed like one. */
import { once } from 'node:events'
import { createServer } from '../../src/server/index.ts'
import { startHttpServer } from '../tools/http-server.ts'
import { Book, type Change, type Chatter, type Report, chatBack } from './chatter.ts'
import { usedMemory } from './child.ts'
import { heartbeat } from './options.ts'

/** What it is told. */
export type Order =
  | { readonly start: { readonly port: number; readonly report: Report } }
  | { readonly pause: number }
  | { readonly drain: true }
  | { readonly memory: true }

/** What it tells. */
export type Word =
  | { readonly port: number }
  | { readonly changes: readonly Change[] }
  | { readonly awake: true }
  | { readonly drained: true }
  | { readonly memory: number }

const [{ start }] = (await once(process, 'message')) as [Extract<Order, { start: unknown }>]
const tell = (word: Word, told: () => void = () => {}): void => void process.send?.(word, told)

/** What has changed in this task is told in one word, before anything leaves that acknowledges it. */
let changes: Change[] = []
const note = (change: Change): void => {
  if (changes.push(change) > 1) return
  queueMicrotask(() => {
    tell({ changes })
    changes = []
  })
}
const book = new Book(start.report, note)
const server = createServer<Chatter>({
  path: '/live',
  origins: '*',
  heartbeat: process.env['CHAOS'] ? {} : heartbeat,
  limits: { bufferedMessages: 100_000, bufferedBytes: 100_000_000 },
})
server.on('session', (session) => chatBack(session, book))
// What is cut off within a request is counted as an error, and there is nobody to tell.
server.on('error', () => {})
const { port } = await startHttpServer((http) => void server.attach(http), start.port)

process.on('message', (order: Order) => {
  if ('pause' in order) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.pause)
    tell({ awake: true })
  }
  if ('memory' in order) tell({ memory: usedMemory() })
  if ('drain' in order)
    void server.close({ retry: { after: 200, spread: 300 } }).then(() => tell({ drained: true }, () => process.exit()))
})
process.on('disconnect', () => process.exit())
tell({ port })
