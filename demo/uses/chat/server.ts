/** The chat: everything that an application writes to talk over Holdfast. */
import * as v from 'valibot'
import type { App } from '../app.ts'
import { type Chat, NAME_LENGTH, PICTURE_BYTES, PICTURE_TYPES, TEXT_LENGTH } from './contract.ts'
import { openMessages } from './messages.ts'
import { openRooms } from './rooms.ts'
import { serveMessages } from './serve-messages.ts'
import { serveRooms } from './serve-rooms.ts'

const id = v.pipe(v.string(), v.minLength(4), v.maxLength(64))
const inRoom = { room: id }
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const pixels = v.pipe(whole, v.minValue(1), v.maxValue(20_000))

export const chat: App<Chat> = {
  schema: {
    say: v.object({ id, ...inRoom, text: v.pipe(v.string(), v.minLength(1), v.maxLength(TEXT_LENGTH)) }),
    typing: v.object(inRoom),
    read: v.object({ ...inRoom, seq: whole }),
    create: v.object({ id, name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(NAME_LENGTH)) }),
    join: v.object(inRoom),
    leave: v.object(inRoom),
    history: v.object({ ...inRoom, before: v.nullable(whole) }),
    post: v.object({
      id,
      ...inRoom,
      picture: v.object({ width: pixels, height: pixels }),
      file: v.pipe(v.blob(), v.mimeType(PICTURE_TYPES), v.maxSize(PICTURE_BYTES)),
    }),
    picture: v.object({ seq: whole }),
  },
  options: { limits: { blobBytes: PICTURE_BYTES } },
  serve(server, { database }) {
    const chat = { server, messages: openMessages(database), rooms: openRooms(database) }
    server.on('session', (session) => {
      const place = serveRooms(session, chat)
      serveMessages(session, place, chat)
    })
    return () => {}
  },
}
