import { connect } from 'holdfast'
import type { Person } from '../../uses/app.ts'
import type { Chat, Message } from '../../uses/chat/contract.ts'
import type { Credentials } from '../../uses/visitors.ts'
import { randomId } from '../me.ts'

interface Bot {
  readonly person: Person
  /** What it says in answer, one after another. */
  readonly lines: readonly ((message: Message) => string)[]
  /** Milliseconds until it has read something, and until it answers. */
  readonly reads: number
  readonly answers: number
}

const bots: readonly Bot[] = [
  {
    person: { id: 'bot-otto', name: 'Otto (bot)', hue: 32 },
    reads: 400,
    answers: 1_600,
    lines: [
      ({ seq }) => `Got it. It is number ${seq} here, and it is here once.`,
      () => 'Cut the line and say something. I will read it when it gets here.',
      () => 'Reload the page while something waits. It goes out all the same.',
      ({ seq }) => `Number ${seq}. None is missing.`,
    ],
  },
  {
    person: { id: 'bot-rosa', name: 'Rosa (bot)', hue: 300 },
    reads: 900,
    answers: 4_200,
    lines: [
      () => 'I am a second client, on a line of my own: what you break is yours.',
      () => 'If you kill the server, my session goes with it. Then I come back, too.',
      ({ from }) => `Go on, ${from.name}.`,
    ],
  },
]

const isBot = (id: string): boolean => bots.some(({ person }) => person.id === id)

/** Somebody to talk to where nobody else can come. They are clients like the page, and answer whoever is none of them. */
export const openBots = (url: string, page: string, token: () => string): void => {
  for (const { person, lines, reads, answers } of bots) {
    const auth = (): Credentials => ({ person, page, token: token() })
    const socket = connect<Chat>(url, { auth })
    let said = 0
    socket.on('said', (message) => {
      const { room, seq, from } = message
      if (from.id === person.id) return
      setTimeout(() => socket.send('read', { room, seq }, { latest: `read ${room}` }), reads)
      if (isBot(from.id)) return
      const line = lines[said++ % lines.length]!
      setTimeout(() => socket.send('typing', { room }, { volatile: true }), answers / 2)
      setTimeout(() => socket.send('say', { id: randomId(), room, text: line(message) }), answers)
    })
    const join = (room: string): Promise<unknown> =>
      socket.request('join', { room }, { idempotent: true, timeout: Infinity })
    const joinAll = async (): Promise<void> => {
      const rooms = await socket.request('rooms', undefined, { idempotent: true, timeout: Infinity })
      await Promise.all(rooms.map(({ id }) => join(id)))
    }
    void joinAll()
    socket.on('room', ({ id }) => void join(id))
  }
}
