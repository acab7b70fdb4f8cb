/** Everything that can be broken from a page, and what it is called there. */
import type { Blockade, Fault, Faults } from '../uses/faults.ts'

export type Befall = <F extends Fault>(fault: F, value: Faults[F]) => Promise<void>

interface Act {
  readonly label: string
  /** What it does, and what Holdfast does about it. */
  readonly about: string
}

/** Happens once. */
interface Press extends Act {
  readonly kind: 'press'
  /** For the journal, before and after. */
  readonly told: readonly [begins: string, done?: string]
  readonly isHarsh?: true
  act(befall: Befall): Promise<void>
}

/** Is so until it is undone. */
interface Toggle extends Act {
  readonly kind: 'toggle'
  /** While it is on, in the line that says what is broken. */
  readonly word: string
  /** For the journal. */
  readonly told: readonly [on: string, off: string]
  turn(befall: Befall, on: boolean): Promise<void>
}

/** One of several ways, the first of which is none. */
interface Choice extends Act {
  readonly kind: 'choice'
  readonly ways: readonly { readonly name: string; readonly word: string }[]
  /** `index` in `ways`. */
  choose(befall: Befall, index: number): Promise<void>
}

export type Breakable = Press | Toggle | Choice

/** As a browser tells that there is no network: nothing else sets `navigator.onLine`, so the page is lied to. */
const tellOnline = (isOnline: boolean): void => {
  if (isOnline) delete (navigator as { onLine?: boolean }).onLine
  else Object.defineProperty(navigator, 'onLine', { value: false, configurable: true })
  dispatchEvent(new Event(isOnline ? 'online' : 'offline'))
}

const delays = [0, 100, 300, 1_000]
const rates = [null, 20_000, 2_000]
const blockades: readonly (Blockade | null)[] = [null, '403', 'stripped', 'hang', 'swallowed', 'killed']

const line: readonly Breakable[] = [
  {
    kind: 'press',
    label: 'Cut',
    about: 'Holdfast connects again, and sends what had not arrived.',
    told: ['You cut the connection.'],
    act: (befall) => befall('cut', null),
  },
  {
    kind: 'toggle',
    label: 'Keep it cut',
    about: 'New tries are refused. What you do waits in the page.',
    word: 'kept cut',
    told: ['You cut the connection, and keep it cut.', 'You let the connection back.'],
    turn: (befall, on) => befall('refuse', on),
  },
  {
    kind: 'toggle',
    label: 'Black hole',
    about: 'Bytes vanish, nobody is told. Silence is what gives it away.',
    word: 'black hole',
    told: ['Bytes vanish from now on.', 'New connections get through again.'],
    turn: (befall, on) => befall('blackHole', on),
  },
  {
    kind: 'toggle',
    label: 'Hold',
    about: 'A tunnel: nothing gets through for now, everything later.',
    word: 'held',
    told: ['Nothing gets through, and nobody is told.', 'What was held gets through.'],
    turn: (befall, on) => befall('hold', on),
  },
  {
    kind: 'toggle',
    label: 'Go offline',
    about: 'The same, and the browser says so: no tries until then.',
    word: 'offline',
    told: ['You go offline.', 'You are online again.'],
    async turn(befall, on) {
      await befall('hold', on)
      tellOnline(!on)
    },
  },
  {
    kind: 'choice',
    label: 'Latency',
    about: 'Each way, as on a far or busy line.',
    ways: [
      { name: 'none', word: '' },
      ...delays.slice(1).map((delay) => ({ name: `${delay} ms`, word: `${delay} ms late` })),
    ],
    choose: (befall, index) => befall('latency', delays[index] ?? 0),
  },
  {
    kind: 'choice',
    label: 'Bandwidth',
    about: 'Nothing is sent faster than the line takes it.',
    ways: [
      { name: 'as it is', word: '' },
      { name: '20 kB/s', word: '20 kB/s' },
      { name: '2 kB/s', word: '2 kB/s' },
    ],
    choose: (befall, index) => befall('bandwidth', rates[index] ?? null),
  },
]

const between: readonly Breakable[] = [
  {
    kind: 'choice',
    label: 'WebSockets',
    about: 'Five ways to block them. The session goes on over HTTP.',
    ways: [
      { name: 'get through', word: '' },
      { name: 'refused with 403', word: 'WebSockets refused' },
      { name: 'Upgrade stripped', word: 'Upgrade stripped' },
      { name: 'Upgrade hangs', word: 'Upgrade hangs' },
      { name: 'frames swallowed', word: 'frames swallowed' },
      { name: 'killed after 3 s', word: 'WebSockets killed' },
    ],
    async choose(befall, index) {
      await befall('block', blockades[index] ?? null)
      // Who leaves a network that blocks WebSockets is in another one: browsers say so, and this stands for it.
      if (index === 0) dispatchEvent(new Event('online'))
    },
  },
  {
    kind: 'toggle',
    label: 'Gather answers',
    about: 'HTTP answers come when they are whole. Then it polls.',
    word: 'answers gathered',
    told: ['HTTP answers are gathered until they are whole.', 'HTTP answers come through as they are written.'],
    turn: (befall, on) => befall('gather', on),
  },
]

const server: readonly Breakable[] = [
  {
    kind: 'press',
    label: 'Restart',
    about: 'It says what it has, and goodbye. Nothing is in doubt.',
    told: ['The server drains and restarts.', 'A new server process listens.'],
    act: (befall) => befall('restart', null),
  },
  {
    kind: 'press',
    label: 'Drain over 4 s',
    about: 'The same. Clients come back one by one, not as a storm.',
    told: ['The server drains; its clients come back over 4 s.', 'A new server process listens.'],
    act: (befall) => befall('drain', 4_000),
  },
  {
    kind: 'press',
    label: 'Kill',
    about: 'SIGKILL: sessions are gone. You hear what is in doubt.',
    told: ['The server process is killed.', 'A new server process listens.'],
    isHarsh: true,
    act: (befall) => befall('kill', null),
  },
  {
    kind: 'press',
    label: 'Expire my token',
    about: 'A new token is asked for, and the session goes on.',
    told: ['This page’s token is good for nothing now.'],
    act: (befall) => befall('expire', null),
  },
]

export const breakables: readonly { readonly title: string; readonly items: readonly Breakable[] }[] = [
  { title: 'The line of this page', items: line },
  { title: 'What stands in between', items: between },
  { title: 'The server, for everybody', items: server },
]
