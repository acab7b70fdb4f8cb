/** What pages and the server of the browser tests say to each other. */
import type { Chatter } from '../chaos/chatter.ts'

export interface App {
  toServer: Chatter['toServer'] & { say: string; bytes: Uint8Array }
  toClient: Chatter['toClient'] & { said: string; bytes: Uint8Array }
  requests: Chatter['requests'] & {
    add(input: readonly [number, number]): number
    /** All that was said to this server since it was started, by whomever. */
    heard(): string[]
    /** When each of it was said, by the wall clock of the machine. */
    heardAt(): number[]
    /** Who the server thinks this is: null on paths that ask nobody. */
    whoAmI(): string | null
    /** The server puts the question back. */
    ask(question: string): boolean
    hang(): never
    /** What came, summed up. */
    upload(photo: Blob): string
    /** A Blob of so many bytes, and what they sum up to. */
    download(bytes: number): { readonly photo: Blob; readonly sum: string }
  }
  serverRequests: { confirm(question: string): boolean }
  streams: { numbers(to: number): number }
}
