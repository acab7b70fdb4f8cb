import { openShell } from '../../page/shell.ts'
import { byId, setText } from '../../page/dom.ts'
import type { Game, Sailor } from './contract.ts'
import { createControls } from './controls.ts'
import { createGauges } from './gauges.ts'
import { createHelm } from './helm.ts'
import { createInterpolation } from './interpolation.ts'
import { createScoreboard } from './scoreboard.ts'
import { type Shown, createView } from './view.ts'
import { createWords } from './words.ts'
import type { Lantern } from './world.ts'

/** Milliseconds without news after which the others begin to fade, and have faded. */
const FADES = 400
const FADED = 1_400
/** How much of them is seen then, and of boats that nobody steers. */
const FAINT = 0.3

const { backend, connect, tell } = await openShell()
const socket = connect<Game>('game')
const canvas = byId('game-harbour', HTMLCanvasElement)
const note = byId('game-note')
const news = byId('game-news')
const bots = byId('game-bots', HTMLInputElement)
const botCount = byId('game-bot-count')
const view = createView(canvas)
const board = createScoreboard()
const others = createInterpolation()
let lanterns: readonly Lantern[] = []
let me = 0
/** When the server last said where everybody is. */
let heardAt = -Infinity

const helm = createHelm({
  rudder: createControls(canvas, () => {
    const boat = helm.shown(performance.now())
    return boat ? view.place(boat.x, boat.y) : { x: 0, y: 0 }
  }),
  send(steering) {
    if (socket.status.get().state === 'open') socket.send('steer', steering, { volatile: true })
  },
})
const gauges = createGauges(backend, helm)

const showBots = (count: number): void => {
  bots.value = String(count)
  setText(botCount, String(count))
}
const say = (text: string): void => {
  setText(news, text)
  tell(text)
}
const tellRest = (): void => {
  // A page that goes is hidden after it has left.
  if (socket.status.get().state !== 'closed') socket.send('rest', document.hidden, { latest: 'rest' })
}

socket.on('scene', (scene) => {
  ;({ lanterns } = scene)
  me = scene.you.number
  others.reset()
  helm.take(scene.you)
  board.scene(scene.sailors, me)
  showBots(scene.bots)
  // A new session is told everything: if nobody looks at this page, it has to say so anew.
  if (document.hidden) tellRest()
})
socket.on('joined', (sailor) => {
  board.join(sailor)
  if (!sailor.isBot) say(`${sailor.name} came in.`)
})
socket.on('left', (number) => {
  const sailor = board.leave(number)
  if (sailor && !sailor.isBot) say(`${sailor.name} has left.`)
})
socket.on('taken', ({ lantern, by, score, next }) => {
  const taken = lanterns.find(({ id }) => id === lantern)
  if (taken) view.flash(taken.x, taken.y, performance.now())
  lanterns = lanterns.filter(({ id }) => id !== lantern).concat(next)
  board.score(by, score)
  if (by === me) setText(news, `You have a lantern: ${score} now.`)
})
socket.on('bots', showBots)
socket.on('snapshot', (snapshot) => {
  const now = performance.now()
  heardAt = now
  gauges.snapshot()
  others.push(snapshot, now)
})
socket.on('own', (own) => helm.correct(own, performance.now()))

bots.addEventListener('input', () => {
  setText(botCount, bots.value)
  // Of a slide only its end is of interest. It says how many, so that a lost session may say it twice.
  socket.send('bots', bots.valueAsNumber, { latest: 'bots' })
})
document.addEventListener('visibilitychange', tellRest)
addEventListener('pagehide', ({ persisted }) => {
  // Whoever leaves takes the boat along; a page that may come back finds its own again.
  if (!persisted) void socket.close({ timeout: 0 })
})

/** How long nothing was heard, in words, where that is long enough to be seen. */
const showNote = (silence: number): void => {
  const seconds = Math.floor(silence / 1_000)
  const text = me === 0 ? 'Entering the harbour' : seconds < 1 ? '' : `No news for ${seconds} s. Your boat waits.`
  setText(note, text)
  note.hidden = text === ''
}
const everybodyElse = (now: number, silence: number): Shown[] => {
  const left = Math.min(1, Math.max(0, (FADED - silence) / (FADED - FADES)))
  const alpha = FAINT + (1 - FAINT) * left
  const shown: Shown[] = []
  for (const [number, { x, y, heading, isAdrift }] of others.at(now)) {
    const sailor: Sailor | undefined = number === me ? undefined : board.sailor(number)
    if (!sailor) continue
    const { name, hue } = sailor
    shown.push({ number, name, hue, x, y, heading, alpha: isAdrift ? Math.min(alpha, 0.45) : alpha })
  }
  return shown
}
const frame = (): void => {
  requestAnimationFrame(frame)
  const now = performance.now()
  const silence = heardAt === -Infinity ? 0 : now - heardAt
  gauges.frame()
  helm.sail(now, silence)
  showNote(silence)
  const boat = helm.shown(now)
  const mine = board.sailor(me)
  if (!boat || !mine) return
  const { name, hue } = mine
  view.draw({
    me: { number: me, name, hue, alpha: 1, ...boat },
    others: everybodyElse(now, silence),
    lanterns,
    now,
  })
}
requestAnimationFrame(frame)

createWords({
  boats: (now) => [
    ...(me === 0 ? [] : [{ name: `${board.sailor(me)?.name ?? ''} (you)`, ...helm.shown(now)! }]),
    ...everybodyElse(now, 0),
  ],
  lanterns: () => lanterns,
})
