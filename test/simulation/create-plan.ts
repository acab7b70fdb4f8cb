/** Makes a life of a seed. */
import type { SeededRandom } from 'holdfast/testing'
import { parcels } from './parcels.ts'
import { type Act, type AnswerMode, isFar, type Kind, type Plan, type Profile, type Step } from './plan.ts'
import { someTab, weather } from './weather.ts'

/** Blobs are a hundred times as much work as other messages: few lives have them. */
const PARCELS = 0.12

const directions = ['up', 'down', 'both'] as const
const sides = ['client', 'server'] as const

/** Mostly short, sometimes far longer: faults of every length are met. */
const span = (random: SeededRandom): number => random.pick([50, 400, 3_000, 15_000, 40_000]) * random.between(0.1, 1)

/** Mostly inside the next few packets. */
const someBytes = (random: SeededRandom): number => random.int(0, random.pick([20, 150, 600, 3_000, 100_000]))

const sizes = [0, 0, 0, 0, 20, 20, 300, 3_000, 70_000]
const kinds: Kind[] = ['say', 'say', 'say', 'echo', 'bytes', 'keyed', 'keyed', 'brief', 'volatile']
const modes: AnswerMode[] = ['at-once', 'at-once', 'later', 'later', 'throw', 'refuse', 'never']

/** Of the largest, few are enough to fill every packet and limit. */
const send = (random: SeededRandom): Act => {
  const [side, kind] = [random.pick(sides), random.pick(kinds)]
  const [count, size] = [random.pick([1, 1, 1, 2, 5, 20, 40]), random.pick(sizes)]
  return { do: 'send', side, kind, count: size > 10_000 ? Math.min(count, 3) : count, size }
}

const ask = (random: SeededRandom): Act => {
  const mode = random.pick(modes)
  const patience = mode === 'never' || random.chance(0.2) ? random.pick([0, 30, 300, 5_000]) * random.float() : Infinity
  const aborts = random.chance(0.5)
  return {
    do: 'ask',
    side: random.pick(sides),
    mode,
    delay: random.pick([0, 10, 200, 8_000]) * random.float(),
    timeout: aborts ? Infinity : patience,
    abortAfter: aborts ? patience : Infinity,
    idempotent: random.chance(0.3),
  }
}

const acts: readonly (readonly [weight: number, act: (random: SeededRandom, profile: Profile) => Act])[] = [
  [30, send],
  [12, ask],
  [
    2,
    (random) => ({
      do: 'stream',
      items: random.int(0, 12),
      every: random.pick([0, 5, 300]),
      breakAfter: random.chance(0.3) ? random.int(0, 6) : Infinity,
    }),
  ],
  [3, (random) => ({ do: 'flush', side: random.pick(sides) })],
  [2, () => ({ do: 'reconnect' })],
  [5, () => ({ do: 'cut' })],
  [5, (random) => ({ do: 'cut', after: { [random.pick(['up', 'down'])]: someBytes(random) } })],
  [4, (random) => ({ do: 'stall', direction: random.pick(directions), for: span(random) })],
  [3, (random) => ({ do: 'half-open', direction: random.pick(directions) })],
  [3, (random) => ({ do: 'fate', fate: random.pick(['refuse', 'hang', 'drop']), for: span(random) })],
  [
    3,
    (random) => ({
      do: 'sleep',
      what: random.pick(['timers', 'everything']),
      for: span(random),
      told: random.pick(['wake', 'freeze', 'nothing', 'nothing']),
    }),
  ],
  [2, (random) => ({ do: 'offline', for: span(random) })],
  [1, () => ({ do: 'wake' })],
  [2, (random) => ({ do: 'partition', direction: random.pick(directions), for: span(random) })],
  [
    4,
    (random, profile) =>
      profile === 'lossy' ? { do: 'restart', drain: random.chance(0.5), for: span(random) } : { do: 'cut' },
  ],
  [
    2,
    (random, profile) =>
      profile === 'lossy' ? { do: 'dismiss', back: random.chance(0.7) } : { do: 'flush', side: random.pick(sides) },
  ],
]

const total = acts.reduce((sum, [weight]) => sum + weight, 0)

const someAct = (random: SeededRandom, profile: Profile): Act => {
  let left = random.float() * total
  const chosen = acts.find(([weight]) => (left -= weight) < 0) ?? acts[0]
  return (chosen as (typeof acts)[number])[1](random, profile)
}

/** Traffic and faults, whatever comes, within `width` milliseconds. */
const flurry = (random: SeededRandom, profile: Profile, start: number, client: () => number): Step[] => {
  const width = random.pick([5, 100, 1_000])
  return Array.from({ length: random.int(2, 10) }, () => ({
    at: start + random.between(0, width),
    client: client(),
    act: someAct(random, profile),
  }))
}

/** A user who reconnects again and again, while what earlier tries have said is still held up somewhere. */
const haste = (random: SeededRandom, latency: number, start: number, client: number): Step[] => {
  // Opening takes four times the latency: a little later the hello is on its way.
  const opening = 4 * latency + random.between(0, random.pick([1, 1, 6]) * latency)
  const turn = (at: number): Step[] => [
    { at, client, act: { do: 'reconnect' } },
    { at: at + opening, client, act: { do: 'stall', direction: random.pick(directions), for: span(random) } },
  ]
  let at = start
  const steps = Array.from({ length: random.int(2, 4) }, () => turn((at += opening + random.between(0, 100)))).flat()
  return [...steps, { at: at + opening + random.between(0, 200), client, act: { do: 'reconnect' } }]
}

const inOrder = (steps: readonly Step[], duration: number): Step[] =>
  steps.filter(({ at }) => at <= duration).sort((one, other) => one.at - other.at)

/** A machine that falls asleep with a question under way, and wakes about when it should have been answered. */
const nap = (random: SeededRandom, latency: number, start: number, client: number): Step[] => [
  { at: start, client, act: { do: 'wake' } },
  {
    at: start + random.between(0, 2) * latency,
    client,
    act: {
      do: 'sleep',
      what: 'everything',
      for: random.pick([500, 2_500, 5_000, 9_000]),
      told: random.pick(['wake', 'nothing']),
    },
  },
]

/** From afar, finding out that HTTP works takes most of a try: there must be no other reason to wait. */
const hastened = (plan: Plan): Plan => ({
  ...plan,
  tokenDelay: Math.min(plan.tokenDelay, 30),
  checkDelay: Math.min(plan.checkDelay, 30),
  bandwidth: Math.max(plan.bandwidth, 1_000_000),
})

/**
 * The life that belongs to a seed. Things happen in flurries: what goes wrong goes wrong within milliseconds. In `plain`
 * ones all tabs know WebSocket alone, and nothing is against that; all `parcels` have messages with Blobs.
 */
export const createPlan = (seed: number, random: SeededRandom, kind: 'any' | 'plain' | 'parcels' = 'any'): Plan => {
  const profile: Profile = seed % 4 === 3 ? 'lossy' : 'lasting'
  const clients = random.pick([1, 1, 1, 2, 3])
  const duration = random.pick([2_000, 20_000, 60_000])
  const latency = random.pick([0, 1, 20, 20, 150, 900])
  const client = (): number => random.int(0, clients - 1)
  const steps = Array.from({ length: random.int(2, 9) }, (_, index) => {
    const start = index === 0 ? 0 : random.between(0, duration)
    if (random.chance(0.1)) return haste(random, latency, start, client())
    if (random.chance(0.1)) return nap(random, latency, start, client())
    return flurry(random, profile, start, client)
  }).flat()
  const plan: Plan = {
    seed,
    profile,
    clients,
    tabs: Array.from({ length: clients }, () => ({ transport: 'websocket', fastStart: false })),
    duration,
    latency,
    jitter: random.pick([0, 5, 50, 400]),
    bandwidth: random.pick([Infinity, Infinity, Infinity, 1_000_000, 40_000]),
    idle: random.pick([2_000, 10_000, 25_000]),
    tokenDelay: random.pick([0, 0, 0, 30, 3_000]),
    tokenFailure: random.pick([0, 0, 0, 0.3]),
    checkDelay: random.pick([0, 0, 0, 30, 2_000]),
    keep: profile === 'lossy' ? random.pick([1_000, 10_000, 120_000]) : 600_000,
    room: random.pick([10_000, 10_000, 10_000, 30]),
    serverRoom: profile === 'lossy' ? random.pick([10_000, 10_000, 30]) : 10_000,
    inDoubt: random.pick(['resend', 'reject']),
    ending: random.chance(0.8) ? 'in-peace' : 'abrupt',
    steps: inOrder(steps, duration),
  }
  if (kind === 'plain') return plan
  // Drawn last, so that the rest of the life is the same without it.
  const tabs = plan.tabs.map(() => someTab(random))
  const moved = { ...(isFar(plan) ? hastened(plan) : plan), tabs }
  const most = [...weather(random, tabs, plan), ...steps]
  const hasParcels = random.chance(PARCELS) || kind === 'parcels'
  return { ...moved, steps: inOrder(hasParcels ? [...most, ...parcels(random, moved)] : most, duration) }
}
