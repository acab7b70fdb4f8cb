/** The rooms of the page: which is open, what is said in them, what has been read. */
import type { Socket } from 'holdfast'
import type { Person } from '../app.ts'
import { byId, setText } from '../../page/dom.ts'
import { createCompany } from './company.ts'
import type { Chat, Message, RoomView } from './contract.ts'
import { patient } from './patient.ts'
import { listenToRoomForms } from './room-forms.ts'
import { createRoomList, roomInAddress } from './room-list.ts'
import { createTimelines } from './timelines.ts'

interface ConversationsOptions {
  readonly me: Person
  readonly socket: Socket<Chat>
  /** What becomes of requests that end otherwise than well. */
  readonly report: (error: unknown) => void
  /** Another room is open: whether one can talk there. */
  readonly opened: (canTalk: boolean) => void
}

/** The rooms that the page before a reload knew, for as long as there is no connection. */
const recall = (): RoomView[] => JSON.parse(sessionStorage.getItem('rooms') ?? '[]') as RoomView[]

export const createConversations = ({ me, socket, report, opened }: ConversationsOptions) => {
  const rooms = new Map(recall().map((room) => [room.id, room]))
  /** Up to where the server was told that they were read. */
  const read = new Map<string, number>()
  const list = createRoomList()
  const company = createCompany(me)
  let open = roomInAddress()

  const show = (): void => {
    list.show([...rooms.values()], open)
    sessionStorage.setItem('rooms', JSON.stringify([...rooms.values()]))
  }
  const update = (room: RoomView): void => {
    rooms.set(room.id, room)
    show()
  }
  /** What is in front of somebody's eyes has been read. */
  const seen = (): void => {
    const timeline = timelines.get(open)
    const room = rooms.get(open)
    if (!timeline?.isAtEnd || !room?.joined || document.visibilityState !== 'visible') return
    if (room.unread > 0) update({ ...room, unread: 0 })
    if (timeline.last <= (read.get(open) ?? 0)) return
    try {
      socket.send('read', { room: open, seq: timeline.last }, { latest: `read ${open}` })
      read.set(open, timeline.last)
    } catch (error) {
      report(error)
    }
  }
  const timelines = createTimelines({
    me,
    socket,
    report,
    seen,
    loaded: (room) => showMembers(room),
  })
  const showMembers = (room: string): void => {
    if (room === open) company.members(timelines.get(room)?.members ?? [])
  }
  /** Shows the open room as far as it is known. */
  const present = (): void => {
    const room = rooms.get(open)
    setText(byId('room-name'), room?.name ?? '')
    document.title = `${room?.name ?? 'Chat'} · Holdfast`
    byId('join-panel').hidden = room?.joined !== false
    byId('leave').hidden = room?.joined !== true
    timelines.show(room?.joined === false ? undefined : open)
    showMembers(open)
    opened(room?.joined !== false)
    show()
    seen()
  }
  const go = (): void => {
    open = roomInAddress()
    if (rooms.size > 0 && !rooms.has(open)) return location.replace('#lobby')
    company.clear()
    list.fold()
    const isNew = !timelines.get(open)
    present()
    if (isNew && rooms.get(open)?.joined) timelines.load(open, null).catch(report)
  }
  addEventListener('hashchange', go)
  document.addEventListener('visibilitychange', seen)

  /** The rooms as they are by now, and in those that were open what was missed. */
  const refresh = async (): Promise<void> => {
    present()
    await Promise.all([
      socket.request('people', undefined, patient).then(company.here),
      // As soon as it comes: what is heard behind it, a room that was made just now, must not be forgotten.
      socket.request('rooms', undefined, patient).then((views) => {
        rooms.clear()
        for (const view of views) rooms.set(view.id, view)
        if (!rooms.has(open)) open = 'lobby'
      }),
    ])
    present()
    const shown = timelines.rooms().filter((room) => rooms.get(room)?.joined)
    await Promise.all(shown.map((room) => timelines.load(room, null)))
  }

  socket.on('people', company.here)
  socket.on('room', ({ id, name }) => {
    if (!rooms.has(id)) update({ id, name, joined: false, unread: 0 })
  })
  socket.on('typing', ({ room, person }) => {
    if (room === open) company.types(person)
  })
  socket.on('member', ({ room, ...member }) => {
    timelines.get(room)?.member(member)
    showMembers(room)
    const view = rooms.get(room)
    // Another tab of the same person came in, or has read.
    if (member.person.id === me.id && view && (!view.joined || view.unread > 0)) refresh().catch(report)
  })
  socket.on('left', ({ room, person }) => {
    timelines.get(room)?.left(person)
    showMembers(room)
  })

  listenToRoomForms({
    socket,
    report,
    open: () => open,
    entered(view) {
      rooms.set(view.id, view)
      location.hash = encodeURIComponent(view.id)
      if (view.id === open) go()
    },
    left(view) {
      timelines.drop(view.id)
      update(view)
      if (view.id === open) present()
    },
  })

  return {
    get open() {
      return open
    },
    timelineOf: timelines.of,
    /** A message that the server keeps. */
    keep(message: Message) {
      const { room, from } = message
      if (room === open) company.rest(from.id)
      timelines.get(room)?.keep(message)
      const view = rooms.get(room)
      const isSeen = room === open && timelines.get(room)?.isAtEnd && document.visibilityState === 'visible'
      if (view && !isSeen && from.id !== me.id) update({ ...view, unread: view.unread + 1 })
    },
    /** The server forgot the session: what was said since, nobody will tell. */
    lost() {
      timelines.lost()
      read.clear()
    },
    refresh,
    sent: timelines.sent,
    notice(text: string) {
      timelines.get(open)?.notice(text)
    },
  }
}
