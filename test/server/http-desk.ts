/** HTTP carriers with nothing around them: a test posts as a client, and speaks as the server. */
import { type Carrier, type Packet, virtualClock } from 'holdfast/testing'
import type { HoldfastError } from 'holdfast/server'
import { createBudgets } from '../../src/server/budget.ts'
import { type HttpCarriers, type HttpCarriersHost, createHttpCarriers } from '../../src/server/http-carrier.ts'

/** One POST and its answer. */
interface Posted {
  /** 0 while there is none. */
  readonly status: number
  /** What was answered so far, line by line. */
  readonly lines: readonly string[]
  readonly ended: boolean
  /** Its answer can reach nobody any more. */
  abandon(): void
}

/** The server's side of one carrier. */
interface Taken {
  readonly carrier: Carrier
  readonly messages: Packet[]
  readonly faults: HoldfastError[]
  /** How often it was told that the carrier has closed. */
  closes: number
}

export interface Desk {
  readonly clock: ReturnType<typeof virtualClock>
  readonly carriers: HttpCarriers
  /** Carriers that were opened, in order. */
  readonly taken: readonly Taken[]
  /** Posts an envelope, completed, and lines. */
  post(envelope: object, lines?: string, origin?: string): Posted
  /** Posts a body as it is. */
  postBody(body: string, origin?: string): Posted
  /** Opens a carrier that says nothing yet, and lets its opening be answered. */
  open(id?: string): Promise<Taken>
}

/** The carrier that posts, if the envelope names no other. */
export const ID = 'the-carrier-of-a-test'
const EVIL = 'https://evil.test'

export const desk = (change: Partial<HttpCarriersHost> = {}): Desk => {
  const clock = virtualClock(1_000)
  const taken: Taken[] = []
  const carriers = createHttpCarriers({
    clock,
    messageBytes: 65_536,
    bufferedBytes: 65_536,
    budgets: createBudgets(Infinity),
    carriers: 100,
    accept(carrier) {
      const here: Taken = { carrier, messages: [], faults: [], closes: 0 }
      taken.push(here)
      return {
        message: (packet) => here.messages.push(packet),
        fault: (error) => here.faults.push(error),
        close: () => here.closes++,
      }
    },
    isAllowed: ({ headers }) => headers['origin'] !== EVIL,
    ...change,
  })

  const postBody = (body: string, origin?: string): Posted => {
    let status = 0
    let text = ''
    let ended = false
    const going = (): void => {
      if (ended) throw new Error('An answer went on after its end.')
    }
    const abandon = carriers.exchange({ url: '/live', headers: { host: 'server.test', origin } }, body, {
      send(code, whole) {
        going()
        if (status !== 0) throw new Error('An answer began twice.')
        status = code
        text = whole
        ended = true
      },
      write(part) {
        going()
        status = 200
        text += part
      },
      end() {
        going()
        ended = true
      },
    })
    return {
      get status() {
        return status
      },
      get lines() {
        if (text !== '' && !text.endsWith('\n')) throw new Error(`A line without an end: ${text}`)
        return text.split('\n').slice(0, -1)
      },
      get ended() {
        return ended
      },
      abandon,
    }
  }
  const post: Desk['post'] = (envelope, lines, origin) =>
    postBody(JSON.stringify({ carrier: ID, got: 0, ...envelope }) + (lines === undefined ? '' : `\n${lines}`), origin)
  return {
    clock,
    carriers,
    taken,
    post,
    postBody,
    async open(id = ID) {
      post({ carrier: id, push: 1, poll: 0 }, 'hello')
      await clock.advance(0)
      return taken.at(-1)!
    },
  }
}
