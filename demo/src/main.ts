import { HoldfastError, type Status, connect } from 'holdfast'
import { indexedDbStore } from 'holdfast/store'
import type { Chat, Message } from '../contract.ts'
import { createCarriers } from './carriers.ts'
import { createCompany } from './company.ts'
import { createDiagnosis } from './diagnosis.ts'
import { byId, count, setText } from './dom.ts'
import { createJournal } from './journal.ts'
import { createLab } from './lab.ts'
import { randomId, whoAmI } from './me.ts'
import { createStatusView, nameOf, whatHappened } from './status-view.ts'
import { createTimeline } from './timeline.ts'
import { createUnsaid } from './unsaid.ts'

const me = whoAmI()
/** Names this page to the demo's server, which breaks only its connections. Not the session: that is a secret. */
const page = randomId()
const timeline = createTimeline(me)
const unsaid = createUnsaid()
const company = createCompany(me)
const showStatus = createStatusView()
const tell = createJournal()
const carriers = createCarriers({ tell, notice: timeline.notice })
const composer = byId('composer')
const input = byId('text', HTMLInputElement)
company.here([me])

const url = `/live?page=${page}`
const socket = connect<Chat>(url, {
  auth: me,
  trace: carriers.trace,
  // Reload while something waits: it goes out all the same.
  outbox: { store: indexedDbStore(`demo:${me.id}`) },
  // A demo shows its recovery sooner than an application needs to.
  backoff: { max: 8_000 },
  heartbeat: { idle: 5_000, timeout: 4_000 },
})

const keep = (message: Message): void => {
  unsaid.remove(message.id)
  timeline.keep(message)
}
socket.on('said', (message) => {
  company.rest(message.from.id)
  keep(message)
})
socket.on('typing', company.types)
socket.on('people', company.here)

/** Who is there, and what was said, while this page was not listening. Waits for the connection as long as it takes. */
const catchUp = async (): Promise<void> => {
  const patient = { timeout: Infinity, idempotent: true }
  const [people, past] = await Promise.all([
    socket.request('people', undefined, patient),
    socket.request('history', { after: timeline.last }, patient),
  ])
  company.here(people)
  for (const message of past) keep(message)
  timeline.loaded()
}
const report = (error: unknown): void => {
  if (!(error instanceof HoldfastError)) throw error
  tell(error.message)
}
catchUp().catch(report)

socket.onLost(({ inDoubt }) => {
  const events = inDoubt.filter(({ request, resent }) => resent && !request)
  for (const { data } of events) timeline.mark((data as Chat['toServer']['say']).id, 'in doubt')
  const doubt =
    events.length === 0
      ? 'nothing was in doubt'
      : `${count(events.length, 'message was', 'messages were')} in doubt and sent again. Each still shows once`
  timeline.notice(`The server forgot this session: ${doubt}.`)
  tell(`The session was lost; ${count(events.length, 'message')} in doubt.`)
  // What others said to the session that was lost, nobody will tell the new one.
  catchUp().catch(report)
})

for (const { id, text } of unsaid.left) timeline.say(id, text, 'waiting')

const announcement = byId('announcement')
let before: Status['state'] = 'idle'
socket.status.subscribe((status) => {
  showStatus(status)
  const { state } = status
  if (state !== before) tell(whatHappened(before, status))
  carriers.show(status)
  if (state === before) return
  before = state
  if (state === 'open') timeline.sent()
  // One by one, failed tries are noise to a listener: that it is gone and that it is back is what matters.
  if (state !== 'connecting') setText(announcement, nameOf(status))
  if (state === 'closed') composer.inert = true
})

/** False if there is no room: nothing was sent, and the journal says why. */
const say = (text: string): boolean => {
  const id = randomId()
  try {
    socket.send('say', { id, text })
  } catch (error) {
    report(error)
    return false
  }
  unsaid.add({ id, text })
  timeline.say(id, text, socket.status.get().state === 'open' ? 'sent' : 'waiting')
  return true
}

/** When the others were last told that this one types. */
let typedAt = -Infinity
composer.addEventListener('submit', (event) => {
  event.preventDefault()
  const text = input.value.trim()
  if (text === '' || !say(text)) return
  input.value = ''
  typedAt = -Infinity
})

input.addEventListener('input', () => {
  if (performance.now() - typedAt < 1_500) return
  typedAt = performance.now()
  socket.send('typing', undefined, { volatile: true })
})

byId('try-now').addEventListener('click', socket.reconnect)
createLab({ page, tell, say })
createDiagnosis(url, me)
