import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { RawMessage } from './contract.ts'

/** What a conversation does with a message; `say` sends one back. */
export type Talk = (message: RawMessage) => void

interface Conversation {
  readonly talk: Talk
  /** What waits to be fetched. */
  queue: RawMessage[]
  /** Who waits for it. */
  waiting: ServerResponse | undefined
}

/**
 * The other end of `fetch` in a loop, as one would write it by hand, well: a GET fetches all that was said, or waits for it; a POST
 * brings all that the page said meanwhile.
 */
export function createLoopServer(converse: (say: (message: RawMessage) => void) => Talk) {
  const conversations = new Map<string, Conversation>()

  const tell = (conversation: Conversation): void => {
    const { waiting, queue } = conversation
    if (!waiting || queue.length === 0) return
    conversation.waiting = undefined
    conversation.queue = []
    waiting
      .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify(queue))
  }
  const open = (): Conversation => {
    const say = (message: RawMessage): void => {
      // What is said in this task goes together.
      if (conversation.queue.push(message) === 1) setImmediate(() => tell(conversation))
    }
    const conversation: Conversation = { talk: converse(say), queue: [], waiting: undefined }
    return conversation
  }
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = request.url ?? ''
    const conversation = conversations.get(name) ?? open()
    conversations.set(name, conversation)
    if (request.method === 'GET') {
      conversation.waiting = response
      response.once('close', () => {
        if (!response.writableFinished) conversations.delete(name)
      })
      return tell(conversation)
    }
    for (const message of JSON.parse(await text(request)) as RawMessage[]) conversation.talk(message)
    response.writeHead(204).end()
  }
}
