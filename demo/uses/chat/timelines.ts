import type { Socket } from 'holdfast'
import type { Person } from '../app.ts'
import { byId } from '../../page/dom.ts'
import type { Chat } from './contract.ts'
import { patient } from './patient.ts'
import { createGallery } from './pictures.ts'
import { type Timeline, createTimeline } from './timeline.ts'

interface TimelinesOptions {
  readonly me: Person
  readonly socket: Socket<Chat>
  readonly report: (error: unknown) => void
  /** What is to be seen of a room is another part of it. */
  readonly seen: () => void
  /** Some of a room's past came, and who is in it. */
  readonly loaded: (room: string) => void
}

/** What is said in each room that was looked at, and what of its past is asked for. */
export const createTimelines = ({ me, socket, report, seen, loaded }: TimelinesOptions) => {
  const timelines = new Map<string, Timeline>()
  const gallery = createGallery((seq) => socket.request('picture', { seq }, patient))
  const viewer = byId('viewer', HTMLDialogElement)

  const enlarge = ({ src, alt }: HTMLImageElement): void => {
    Object.assign(byId('enlarged', HTMLImageElement), { src, alt })
    viewer.showModal()
  }
  /** The newest of it, or what is before this place. */
  const load = async (room: string, before: number | null): Promise<void> => {
    const timeline = of(room)
    timeline.loading()
    timeline.past(await socket.request('history', { room, before }, patient), before === null)
    loaded(room)
  }
  const create = (room: string): Timeline => {
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
  const of = (room: string): Timeline => timelines.get(room) ?? create(room)
  return {
    load,
    of,
    /** Undefined where nobody has looked. */
    get: (room: string) => timelines.get(room),
    /** Shows this one and no other. */
    show(room: string | undefined) {
      for (const [id, timeline] of timelines) if (id !== room) timeline.hide()
      if (room !== undefined) of(room).show()
    },
    /** Somebody left the room. */
    drop(room: string) {
      const timeline = timelines.get(room)
      timeline?.hide()
      timeline?.element.remove()
      timelines.delete(room)
    },
    rooms: (): readonly string[] => [...timelines.keys()],
    /** The server forgot the session: what was said since, nobody will tell. */
    lost() {
      for (const timeline of timelines.values()) timeline.lost()
    },
    /** What waited is on its way. */
    sent() {
      for (const timeline of timelines.values()) timeline.sent()
    },
  }
}
