import { type Encoded, type Message, sharedOf } from '../kernel/message.ts'

/** Who gets what goes to a room. */
interface Listener {
  push(messages: readonly Message[]): void
}

/**
 * What goes to a room. It reaches the sessions at the end of the task, all of it in one pass: between two messages to one session there
 * would be thousands of others, and nothing of it be left in the processor's caches. Nobody may notice: whoever has to do with a session,
 * or with who is in a room, calls `settle` before.
 */
export interface Fanout {
  send(room: string, frame: Encoded): void
  /** All that was sent so far reaches its sessions now. */
  settle(): void
}

/** Characters that are gathered at most: they are kept for nobody in particular. */
const GATHERED = 65_536

export const createFanout = (membersOf: (room: string) => Iterable<Listener>, schedule: () => void): Fanout => {
  let room: string | undefined
  let messages: Message[] = []
  let size = 0

  const settle = (): void => {
    if (room === undefined) return
    const members = membersOf(room)
    const all = messages
    room = undefined
    messages = []
    size = 0
    for (const member of members) member.push(all)
  }
  return {
    send(to, frame) {
      if (to !== room) settle()
      room = to
      // One for all of them: nobody asks what becomes of it.
      messages.push(sharedOf(frame))
      size += frame.length
      if (size >= GATHERED) settle()
      else schedule()
    },
    settle,
  }
}
