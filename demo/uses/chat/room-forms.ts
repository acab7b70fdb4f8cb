import type { Socket } from 'holdfast'
import { byId } from '../../page/dom.ts'
import { randomId } from '../../page/me.ts'
import type { Chat, RoomView } from './contract.ts'
import { patient } from './patient.ts'

interface RoomFormsOptions {
  readonly socket: Socket<Chat>
  readonly report: (error: unknown) => void
  /** The room that is open. */
  readonly open: () => string
  readonly entered: (room: RoomView) => void
  readonly left: (room: RoomView) => void
}

/** Joining and leaving the open room, and making another one. */
export const listenToRoomForms = ({ socket, report, open, entered, left }: RoomFormsOptions): void => {
  byId('join').addEventListener('click', () => {
    socket.request('join', { room: open() }, patient).then(entered).catch(report)
  })
  byId('leave').addEventListener('click', () => {
    socket.request('leave', { room: open() }, patient).then(left).catch(report)
  })
  const name = byId('new-room', HTMLInputElement)
  byId('create-room').addEventListener('submit', (event) => {
    event.preventDefault()
    if (name.value.trim() === '') return
    // The id is made here: asked twice because the answer was lost, it is still one room.
    socket.request('create', { id: randomId(), name: name.value.trim() }, patient).then(entered).catch(report)
    name.value = ''
  })
  name.disabled = false
}
