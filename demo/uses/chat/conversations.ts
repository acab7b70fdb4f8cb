/** The rooms of the page: which is open, what is said in them, what has been read. */
import type { Socket } from 'holdfast'
import type { Person } from '../app.ts'
import { byId, setText } from '../../page/dom.ts'
import { randomId } from '../../page/me.ts'
import { createCompany } from './company.ts'
import type { Chat, Message, RoomView } from './contract.ts'
import { createGallery } from './pictures.ts'
import { createRoomList, roomInAddress } from './room-list.ts'
import { type Timeline, createTimeline } from './timeline.ts'

interface ConversationsOptions {
  readonly me: Person
  readonly socket: Socket<Chat>
  /** What becomes of requests that end otherwise than well. */
  readonly report: (error: unknown) => void
  /** Another room is open: whether one can talk there. */
  readonly opened: (canTalk: boolean) => void
}

/** Waits for the connection, and for the next session, as long as it takes. */
export const patient = { timeout: Infinity, idempotent: true } as const

/** The rooms that the page before a reload knew, for as long as there is no connection. */
const recall = (): RoomView[] => JSON.parse(sessionStorage.getItem('rooms') ?? '[]') as RoomView[]

export const createConversations = ({ me, socket, report, opened }: ConversationsOptions) => {
  const rooms = new Map(recall().map((room) => [room.id, room]))
  const timelines = new Map<string, Timeline>()
  /** Up to where the server was told that they were read. */
  const read = new Map<string, number>()
  const list = createRoomList()
  const company = createCompany(me)
  const gallery = createGallery((seq) => socket.request('picture', { seq }, patient))
  const viewer = byId('viewer', HTMLDialogElement)
  let open = roomInAddress()

  const show = (): void => {
    list.show([...rooms.values()], open)
    sessionStorage.setItem('rooms', JSON.stringify([...rooms.values()]))
  }
  const update = (room: RoomView): void => {
    rooms.set(room.id, room)
    show()
  }
  const enlarge = ({ src, alt }: HTMLImageElement): void => {
    Object.assign(byId('enlarged', HTMLImageElement), { src, alt })
    viewer.showModal()
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
  const load = async (room: string, before: number | null): Promise<void> => {
    const timeline = timelineOf(room)
    timeline.loading()
    timeline.past(await socket.request('history', { room, before }, patient), before === null)
    if (room === open) company.members(timeline.members)
  }
  const timelineOf = (room: string): Timeline => {
    const known = timelines.get(room)
    if (known) return known
    let isLoading = false
    const timeline = createTimeline({
      me,
      seen,
      open: enlarge,
      load: gallery.load,
      older() {
        if (isLoading) return
        isLoading = true
        load(room, timeline.first)
          .catch(report)
          .finally(() => {
            isLoading = false
          })
      },
    })
    timelines.set(room, timeline)
    byId('timelines').append(timeline.element, timeline.jump)
    return timeline
  }
  /** Shows the open room as far as it is known. */
  const present = (): void => {
    const room = rooms.get(open)
    setText(byId('room-name'), room?.name ?? '')
    document.title = `${room?.name ?? 'Chat'} · Holdfast`
    byId('join-panel').hidden = room?.joined !== false
    byId('leave').hidden = room?.joined !== true
    const timeline = room?.joined === false ? undefined : timelineOf(open)
    for (const each of timelines.values()) if (each !== timeline) each.hide()
    timeline?.show()
    company.members(timeline?.members ?? [])
    opened(room?.joined !== false)
    show()
    seen()
  }
  const go = (): void => {
    open = roomInAddress()
    if (rooms.size > 0 && !rooms.has(open)) return location.replace('#lobby')
    company.clear()
    list.fold()
    const isNew = !timelines.has(open)
    present()
    if (isNew && rooms.get(open)?.joined) load(open, null).catch(report)
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
    const shown = [...timelines.keys()].filter((room) => rooms.get(room)?.joined)
    await Promise.all(shown.map((room) => load(room, null)))
  }

  socket.on('people', company.here)
  socket.on('room', ({ id, name }) => {
    if (!rooms.has(id)) update({ id, name, joined: false, unread: 0 })
  })
  socket.on('typing', ({ room, person }) => {
    if (room === open) company.types(person)
  })
  socket.on('member', ({ room, ...member }) => {
    const timeline = timelines.get(room)
    timeline?.member(member)
    if (room === open && timeline) company.members(timeline.members)
    const view = rooms.get(room)
    // Another tab of the same person came in, or has read.
    if (member.person.id === me.id && view && (!view.joined || view.unread > 0)) refresh().catch(report)
  })
  socket.on('left', ({ room, person }) => {
    const timeline = timelines.get(room)
    timeline?.left(person)
    if (room === open && timeline) company.members(timeline.members)
  })

  const enter = (view: RoomView): void => {
    rooms.set(view.id, view)
    location.hash = encodeURIComponent(view.id)
    if (view.id === open) go()
  }
  byId('join').addEventListener('click', () => {
    socket.request('join', { room: open }, patient).then(enter).catch(report)
  })
  byId('leave').addEventListener('click', () => {
    const room = open
    socket
      .request('leave', { room }, patient)
      .then((view) => {
        timelines.get(room)?.hide()
        timelines.get(room)?.element.remove()
        timelines.delete(room)
        update(view)
        if (room === open) present()
      })
      .catch(report)
  })
  const name = byId('new-room', HTMLInputElement)
  byId('create-room').addEventListener('submit', (event) => {
    event.preventDefault()
    if (name.value.trim() === '') return
    // The id is made here: asked twice because the answer was lost, it is still one room.
    socket.request('create', { id: randomId(), name: name.value.trim() }, patient).then(enter).catch(report)
    name.value = ''
  })
  name.disabled = false

  return {
    get open() {
      return open
    },
    timelineOf,
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
      for (const timeline of timelines.values()) timeline.lost()
      read.clear()
    },
    refresh,
    /** What waited is on its way. */
    sent() {
      for (const timeline of timelines.values()) timeline.sent()
    },
    notice(text: string) {
      timelines.get(open)?.notice(text)
    },
  }
}
