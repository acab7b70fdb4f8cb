import {
  type Answer,
  type Conditions,
  type Link,
  seededRandom,
  virtualClock,
  virtualNetwork,
  type VirtualRequest,
} from 'holdfast/testing'

/** A request that has arrived, and the answer to it. */
interface Question {
  readonly body: string
  readonly request: VirtualRequest
  readonly answer: Answer
}

/** What a client heard of one POST. */
export interface Reply {
  /** The parts of its text, joined. */
  text: string
  /** Each thing told, with its time; parts of the text that came at the same time are one. */
  readonly told: string[]
  readonly giveUp: () => void
}

/** One client, and one server that takes questions and answers none by itself. */
export const setUp = (conditions: Partial<Conditions> = { latency: 10, jitter: 0 }, seed = 1) => {
  const clock = virtualClock()
  const network = virtualNetwork({ clock, random: seededRandom(seed), conditions })
  const [page, process] = [clock.view(), clock.view()]
  const client = network.client('a', { origin: 'https://page', view: page })
  const questions: Question[] = []
  const up: string[] = []
  const unlisten = network.listen(
    'host',
    {
      exchange: (request, body, answer) => {
        questions.push({ body, request: request as VirtualRequest, answer })
        up.push(`${body} at ${clock.now()}`)
        return () => up.push(`${body} abandoned at ${clock.now()}`)
      },
    },
    process,
  )
  const post = (body: string, outlive = false, url = 'https://host/live?route=x'): Reply => {
    const told: string[] = []
    const giveUp = client.post(url, body, outlive, {
      text: (part) => {
        reply.text += part
        const line = `text at ${clock.now()}`
        if (told.at(-1) !== line) told.push(line)
      },
      done: (status, text, retryAfter) => {
        const patience = retryAfter === undefined ? '' : `, come back after ${retryAfter}`
        told.push(`${[status, text].join(' ').trimEnd()} at ${clock.now()}${patience}`)
      },
    })
    const reply: Reply = { text: '', told, giveUp }
    return reply
  }
  return { clock, network, client, page, process, questions, up, unlisten, post }
}

/** The same, with a connection that was used once and is free. It is 60 ms by then. */
export const setUpWarm = async (conditions?: Partial<Conditions>, seed?: number) => {
  const desk = setUp(conditions, seed)
  const first = desk.post('first')
  await desk.clock.runUntil(() => desk.questions.length === 1)
  desk.questions.shift()?.answer.send(200, 'ok')
  await desk.clock.runUntil(() => first.told.at(-1)?.startsWith('200') === true)
  await desk.clock.runUntil(60)
  desk.up.length = 0
  const [link] = desk.network.links as [Link]
  return { ...desk, link }
}

/** The same, with an exchange under way on it that arrived and was not answered: 70 ms. */
export const setUpAsked = async (conditions?: Partial<Conditions>, seed?: number) => {
  const desk = await setUpWarm(conditions, seed)
  const reply = desk.post('asked')
  await desk.clock.runUntil(() => desk.questions.length === 1)
  desk.up.length = 0
  const [{ answer }] = desk.questions as [Question]
  return { ...desk, reply, answer }
}
