/** What pages and the server of the browser tests say to each other. */
import type { Counting } from './chaos.ts'

export interface App {
  toServer: Counting['toServer'] & { say: string; bytes: Uint8Array }
  toClient: Counting['toClient'] & { said: string; bytes: Uint8Array }
  requests: Counting['requests'] & {
    add(input: readonly [number, number]): number
    /** All that was said to this server since it was started, by whomever. */
    heard(): string[]
    /** The server puts the question back. */
    ask(question: string): boolean
    hang(): never
  }
  serverRequests: { confirm(question: string): boolean }
  streams: { numbers(to: number): number }
}
