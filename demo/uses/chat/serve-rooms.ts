import { RequestError } from 'holdfast'
import type { ServerSession } from 'holdfast/server'
import type { App, Person, Visitor } from '../app.ts'
import type { Chat, RoomView } from './contract.ts'
import type { Messages } from './messages.ts'
import type { Rooms } from './rooms.ts'

export type Session = ServerSession<Chat, Visitor>

/** What all sessions of the chat share. */
export interface ChatServer {
  readonly server: Parameters<App<Chat>['serve']>[0]
  readonly messages: Messages
  readonly rooms: Rooms
}

/** Where somebody is. */
export interface Place {
  readonly person: Person
  /** The room as they see it; throws where there is none. */
  view(room: string): RoomView
  /** Brings them in, if they are not. */
  enter(room: string): void
}

/** No room of theirs: ids of rooms are longer. */
const EVERYBODY = '*'
const MOST_ROOMS = 200

const toPerson = ({ identity: { id, name, hue } }: Session): Person => ({ id, name, hue })

/** Who is here, who is in which room, and what they have read. */
export const serveRooms = (session: Session, { server, rooms }: ChatServer): Place => {
  const person = toPerson(session)
  const me = person.id
  /** Somebody may have the chat open twice. */
  const sessions = (): Session[] => [...server.sessions].filter(({ identity }) => identity.id === me)
  const view = (room: string): RoomView => {
    const seen = rooms.view(room, me)
    if (!seen) throw new RequestError('no-such-room', 'There is no such room')
    return seen
  }
  const tellRead = (room: string): void =>
    void server
      .to(room)
      .send('member', { room, person, read: rooms.readBy(room, me) }, { latest: `read ${room} ${me}` })
  const enter = (room: string): void => {
    if (!rooms.join(room, me)) return
    for (const each of sessions()) each.join(room)
    tellRead(room)
  }
  const whoIsHere = (): Person[] => [
    ...new Map(Array.from(server.sessions, (each) => [each.identity.id, toPerson(each)])).values(),
  ]
  const tellWhoIsHere = (): void => void server.to(EVERYBODY).send('people', whoIsHere(), { latest: 'people' })

  rooms.enter(person)
  session.join(EVERYBODY)
  for (const { id, joined } of rooms.views(me)) if (joined) session.join(id)
  session.onEnd(tellWhoIsHere)
  tellWhoIsHere()

  session.on('typing', ({ room }) => {
    if (session.rooms.has(room)) server.to(room).send('typing', { room, person }, { volatile: true })
  })
  session.on('read', ({ room, seq }) => {
    if (rooms.read(room, me, seq)) tellRead(room)
  })
  session.handle('people', whoIsHere)
  session.handle('rooms', () => rooms.views(me))
  session.handle('create', ({ id, name }) => {
    if (rooms.views(me).length >= MOST_ROOMS)
      throw new RequestError('too-many', `There are ${MOST_ROOMS} rooms already`)
    if (rooms.create(id, name)) server.to(EVERYBODY).send('room', { id, name })
    enter(id)
    return view(id)
  })
  session.handle('join', ({ room }) => {
    view(room)
    enter(room)
    return view(room)
  })
  session.handle('leave', ({ room }) => {
    if (rooms.leave(room, me)) {
      for (const each of sessions()) each.leave(room)
      server.to(room).send('left', { room, person: me })
    }
    return view(room)
  })
  return { person, view, enter }
}
