import { HoldfastError, type Socket } from 'holdfast'
import type { Person } from '../app.ts'
import { randomId } from '../../page/me.ts'
import type { Chat, Message } from './contract.ts'
import { patient } from './patient.ts'
import { type Prepared, Unfit, prepare } from './pictures.ts'
import type { Timeline } from './timeline.ts'
import type { Unsaid, createUnsaid } from './unsaid.ts'

interface UploadsOptions {
  readonly me: Person
  readonly socket: Socket<Chat>
  readonly unsaid: ReturnType<typeof createUnsaid>
  readonly timelineOf: (room: string) => Timeline
  readonly keep: (message: Message) => void
  readonly notice: (text: string) => void
}

/** Pictures on their way. */
export const createUploads = ({ me, socket, unsaid, timelineOf, keep, notice }: UploadsOptions) => {
  const show = ({ id, room, picture }: Unsaid) => {
    const timeline = timelineOf(room)
    const view = timeline.say(id, { from: me, text: '', picture, at: Date.now() }, 'waiting')
    const drop = (): void => {
      unsaid.remove(id)
      timeline.drop(id)
    }
    return { view, drop, mark: timeline.mark }
  }
  const post = async ({ id, room }: Unsaid, { file, picture }: Prepared): Promise<void> => {
    const { view, drop, mark } = show({ id, room, text: '', picture })
    const cancel = new AbortController()
    const giveUp = (): void => cancel.abort()
    view.picture(URL.createObjectURL(file))
    view.progress(0, giveUp)
    try {
      const message = await socket.request(
        'post',
        { id, room, picture, file },
        {
          ...patient,
          signal: cancel.signal,
          onUploadProgress({ loaded, total }) {
            mark(id, 'sent')
            view.progress(loaded / total, giveUp)
          },
        },
      )
      keep(message)
    } catch (error) {
      // If all of it had left, it may have been kept all the same: then it comes back as everybody's messages do.
      if (cancel.signal.aborted) return drop()
      if (!(error instanceof HoldfastError)) throw error
      view.fail(error.message, drop)
    }
  }
  return {
    async attach(file: Blob, room: string): Promise<void> {
      try {
        const prepared = await prepare(file)
        const one: Unsaid = { id: randomId(), room, text: '', picture: prepared.picture }
        unsaid.add(one)
        void unsaid.keepFile(one.id, prepared)
        await post(one, prepared)
      } catch (error) {
        if (!(error instanceof Unfit)) throw error
        notice(error.message)
      }
    },
    /** Blobs end with their page: one of a former page is posted anew. Its id sees to it that it is there once. */
    async again(left: Unsaid): Promise<void> {
      const file = await unsaid.fileOf(left.id)
      if (file && left.picture) return post(left, { file, picture: left.picture })
      const { view, drop } = show(left)
      view.fail('It ended with its page: choose it again.', drop)
    },
  }
}
