/** What is between a page and its server besides the line: who lets which protocol through, and for how long. */
import type { Fate, SeededRandom } from 'holdfast/testing'
import type { Plan, Step, TabPlan } from './plan.ts'

const transports = ['auto', 'auto', 'auto', 'auto', 'auto', 'http', 'long-polling', 'websocket'] as const

/** Mostly such a tab as most applications have. */
export const someTab = (random: SeededRandom): TabPlan => ({
  transport: random.pick(transports),
  fastStart: random.chance(0.25),
})

const againstWebSocket = (random: SeededRandom): Fate =>
  random.pick<Fate>([
    'refuse-upgrade',
    'refuse-upgrade',
    'hang-upgrade',
    'swallow',
    'hang',
    'refuse',
    'drop',
    'captive-portal',
    { status: 502 },
    { killAfter: random.pick([0, 50, 2_000, 20_000]) * random.float() },
  ])

/** Most of these let something through: then it must do. */
const againstHttp = (random: SeededRandom): Fate =>
  random.pick<Fate>([
    'buffer',
    'buffer',
    { patience: 5_000 },
    { patience: 5_000, cut: true },
    { patience: random.between(100, 2_000), cut: random.chance(0.5) },
    'lose-answer',
    'hang',
    'refuse',
    'drop',
    'captive-portal',
    { status: random.pick([403, 404, 410, 500, 504]) },
    { status: 503, retryAfter: random.pick([1_000, 5_000]) },
  ])

/** Long enough to be met, and often to be gone again before the end. */
const span = (random: SeededRandom): number => random.pick([300, 3_000, 15_000, 60_000]) * random.between(0.1, 1)

const bytes = (random: SeededRandom): number => random.int(0, random.pick([300, 400, 1_000, 5_000]))

const someSteps = (random: SeededRandom, at: number, client: number): Step[] => {
  const step = (act: Step['act'], delay = 0): Step => ({ at: at + delay, client, act })
  const cut = random.chance(0.5)
  switch (random.int(0, 9)) {
    case 0:
    case 1:
    case 2:
      return [step({ do: 'block', protocol: 'websocket', fate: againstWebSocket(random), cut, for: span(random) })]
    case 3:
    case 4:
      return [step({ do: 'block', protocol: 'http', fate: againstHttp(random), cut, for: span(random) })]
    case 5: {
      const what = random.pick(['pushes', 'polls', 'all'] as const)
      return [step({ do: 'lose', what, chance: random.pick([0.1, 0.5, 0.9]), for: span(random) })]
    }
    case 6:
      // Answers that break off in the middle of a line, or of a character.
      return Array.from({ length: random.int(1, 5) }, (_, index) =>
        step({ do: 'cut', after: { down: bytes(random) } }, index * random.between(50, 500)),
      )
    case 7:
      return [step({ do: 'leave' }), step({ do: 'send', side: 'client', kind: 'say', count: 3, size: 20 }, 1)]
    case 8:
      // From one network to the next: WebSocket works in one of them.
      return Array.from({ length: random.int(1, 4) }, (_, index): Step[] => {
        const start = index * random.between(500, 3_000)
        const blockade = { do: 'block', protocol: 'websocket', fate: againstWebSocket(random), cut: true } as const
        return [step({ ...blockade, for: 1_000 * random.float() }, start), step({ do: 'network' }, start + 1_000)]
      }).flat()
    default:
      return [step({ do: 'network' })]
  }
}

/** Blockades that come and go, answers that are lost, networks that change. */
export const weather = (random: SeededRandom, tabs: readonly TabPlan[], { duration }: Plan): Step[] =>
  tabs.flatMap((_, client) => {
    const steps: Step[] = []
    if (random.chance(0.4)) {
      const act = { do: 'block', protocol: 'websocket', fate: againstWebSocket(random), cut: false } as const
      steps.push({ at: 0, client, act: { ...act, for: span(random) } })
    }
    for (let count = random.int(0, 3); count > 0; count--)
      steps.push(...someSteps(random, random.between(0, duration), client))
    return steps
  })
