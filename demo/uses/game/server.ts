/** The game: the server alone decides where boats are and who has a lantern; pages say where they steer. */
import type { ServerSession } from 'holdfast/server'
import * as v from 'valibot'
import type { App, Visitor } from '../app.ts'
import { MOST_BOTS } from './bots.ts'
import { createClock } from './clock.ts'
import type { Game } from './contract.ts'
import { createHarbour } from './harbour.ts'
import { openLogbook } from './logbook.ts'
import { RATE, steering } from './world.ts'

/** Those who look. */
const AWAKE = 'awake'
/** Ticks from one snapshot to the next: thirty a second. */
const EVERY = 2

const whole = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most))
const hundredths = whole(-100, 100)

/** A person's boat, in however many tabs it is sailed. */
interface Helm {
  readonly number: number
  readonly sessions: Set<Session>
  /** Who steered last: the steps that are acknowledged are those of that page. */
  steering: Session | undefined
}
type Session = ServerSession<Game, Visitor>

export const game: App<Game> = {
  schema: {
    steer: v.strictTuple([whole(1, Number.MAX_SAFE_INTEGER), hundredths, hundredths]),
    rest: v.boolean(),
    bots: whole(0, MOST_BOTS),
  },
  // A page steers sixty times a second and acknowledges what it hears.
  options: { limits: { rate: 300 } },
  serve(server, { database }) {
    const everybody = server.to(AWAKE)
    const helms = new Map<string, Helm>()
    const awake = new Set<Session>()
    const harbour = createHarbour(openLogbook(database), Date.now(), {
      joined: (sailor) => everybody.send('joined', sailor),
      left: (number) => everybody.send('left', number),
      taken: (taken) => everybody.send('taken', taken),
    })
    const clock = createClock(RATE, () => {
      if (harbour.tick() % EVERY !== 0) return
      everybody.send('snapshot', harbour.snapshot(), { volatile: true })
      for (const { number, steering } of helms.values()) {
        const own = harbour.own(number)
        if (own && steering) steering.send('own', own, { volatile: true })
      }
    })

    /** Without anybody who looks, the harbour stands still. */
    const wake = (session: Session, { number }: Helm): void => {
      awake.add(session)
      session.join(AWAKE)
      session.send('scene', harbour.scene(number))
      clock.start()
    }
    const rest = (session: Session, helm: Helm): void => {
      awake.delete(session)
      session.leave(AWAKE)
      if (helm.steering === session) helm.steering = undefined
      if (awake.size === 0) clock.stop()
    }
    server.on('session', (session) => {
      const { id } = session.identity
      const helm: Helm = helms.get(id) ?? {
        number: harbour.board(session.identity),
        sessions: new Set(),
        steering: undefined,
      }
      helms.set(id, helm)
      helm.sessions.add(session)
      wake(session, helm)

      session.on('steer', ([seq, x, y]) => {
        if (!awake.has(session)) return
        helm.steering = session
        harbour.steer(helm.number, seq, steering(x / 100, y / 100))
      })
      session.on('rest', (isResting) => {
        if (isResting) rest(session, helm)
        else if (!awake.has(session)) wake(session, helm)
      })
      session.on('bots', (bots) => {
        harbour.setBots(bots)
        everybody.send('bots', bots, { latest: 'bots' })
      })
      session.onEnd(() => {
        rest(session, helm)
        helm.sessions.delete(session)
        if (helm.sessions.size > 0) return
        helms.delete(id)
        harbour.leave(helm.number)
      })
    })
    return clock.stop
  },
}
