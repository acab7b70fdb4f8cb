import { RequestError } from 'holdfast'
import type { Message } from './contract.ts'
import type { File } from './messages.ts'
import type { ChatServer, Place, Session } from './serve-rooms.ts'

/** What is said, and what was. */
export const serveMessages = (session: Session, { person, view, enter }: Place, chat: ChatServer): void => {
  const { server, messages, rooms } = chat
  const keep = (said: Pick<Message, 'id' | 'room' | 'text' | 'picture'>, file?: File): Message => {
    const { message, isNew } = messages.add({ ...said, from: person, at: Date.now() }, file)
    // A message that was here before has been told to everybody; whoever sent it again still waits to hear of it.
    const audience = isNew ? server.to(message.room) : session
    audience.send('said', message)
    return message
  }
  const mustBeIn = (room: string): void => {
    if (!rooms.has(room, person.id)) throw new RequestError('not-a-member', 'You are not in this room')
  }

  session.on('say', ({ id, room, text }) => {
    if (!rooms.view(room, person.id)) return
    enter(room)
    // Kept before this returns, and acknowledged only after: an acknowledged message is on disk.
    keep({ id, room, text, picture: null })
  })
  session.handle('post', async ({ id, room, picture, file }) => {
    const bytes = new Uint8Array(await file.arrayBuffer())
    view(room)
    enter(room)
    return keep({ id, room, text: '', picture }, { type: file.type, bytes })
  })
  session.handle('history', ({ room, before }) => {
    mustBeIn(room)
    return { ...messages.before(room, before), members: rooms.members(room) }
  })
  session.handle('picture', ({ seq }) => {
    const picture = messages.picture(seq)
    if (!picture) throw new RequestError('no-picture', 'There is no such picture')
    mustBeIn(picture.room)
    return new Blob([picture.bytes], { type: picture.type })
  })
}
