import { HoldfastError, type Status } from 'holdfast'
import { indexedDbStore } from 'holdfast/store'
import type { Chat, Message } from './contract.ts'
import type { Delivery } from './message-view.ts'
import { createComposer } from './composer.ts'
import { createConversations } from './conversations.ts'
import { count } from '../../page/dom.ts'
import { openShell } from '../../page/shell.ts'
import { randomId } from '../../page/me.ts'
import { type Unsaid, createUnsaid } from './unsaid.ts'
import { createUploads } from './uploads.ts'

const { me, connect, tell } = await openShell()
const unsaid = createUnsaid()

const socket = connect<Chat>('chat', {
  notice: (text) => conversations.notice(text),
  // Reload while something waits: it goes out all the same.
  outbox: { store: indexedDbStore(`chat:${me.id}`) },
})

const report = (error: unknown): void => {
  if (!(error instanceof HoldfastError)) throw error
  tell(error.message)
  conversations.notice(error.message)
}
const conversations = createConversations({ me, socket, report, opened: (canTalk) => composer.lock(!canTalk) })
const keep = (message: Message): void => {
  unsaid.remove(message.id)
  conversations.keep(message)
}
const uploads = createUploads({
  me,
  socket,
  unsaid,
  keep,
  notice: conversations.notice,
  timelineOf: conversations.timelineOf,
})
socket.on('said', keep)

socket.onLost(({ inDoubt }) => {
  const said = inDoubt.filter(({ name, resent }) => resent && name === 'say')
  for (const { data } of said) {
    const { id, room } = data as Chat['toServer']['say']
    conversations.timelineOf(room).mark(id, 'in doubt')
  }
  const doubt =
    said.length === 0
      ? 'nothing was in doubt'
      : `${count(said.length, 'message was', 'messages were')} in doubt and sent again. Each still shows once`
  conversations.notice(`The server forgot this session: ${doubt}.`)
  tell(`The session was lost; ${count(said.length, 'message')} in doubt.`)
  conversations.lost()
  conversations.refresh().catch(report)
})

/** False if there is no room: nothing was sent, and the journal says why. */
const say = (text: string): boolean => {
  const said = { id: randomId(), room: conversations.open, text }
  try {
    socket.send('say', said)
  } catch (error) {
    report(error)
    return false
  }
  const one = { ...said, picture: null }
  unsaid.add(one)
  show(one, socket.status.get().state === 'open' ? 'sent' : 'waiting')
  return true
}
const show = ({ id, room, text }: Unsaid, delivery: Delivery): void =>
  void conversations.timelineOf(room).say(id, { from: me, text, picture: null, at: Date.now() }, delivery)
for (const one of unsaid.left)
  if (one.picture) void uploads.again(one)
  else show(one, 'waiting')

const composer = createComposer({
  say,
  attach: (file) => void uploads.attach(file, conversations.open),
  typing: () => socket.send('typing', { room: conversations.open }, { volatile: true }),
})
let before: Status['state'] = 'idle'
socket.status.subscribe(({ state }) => {
  if (state === before) return
  before = state
  if (state === 'open') conversations.sent()
  if (state === 'closed') composer.lock(true)
})
conversations.refresh().catch(report)
