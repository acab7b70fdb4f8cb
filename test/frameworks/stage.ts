import type { Socket } from 'holdfast'
import { type World, world } from 'holdfast/testing'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { createShared } from '../../src/share.ts'
import { type Chat, type Driver, type Mounted, type Scene, type Use } from './driver.ts'

/** The time from one frame to the next. */
const FRAME = 16

/** A page on a virtual network, whose frames and timers are under control. */
export interface Stage {
  readonly here: World<Chat>
  /** A shared socket. */
  readonly live: Socket<Chat>
  /** Another one, to the same server. */
  another(): Socket<Chat>
  /** The sockets that were opened for them, oldest first. */
  readonly opened: readonly Socket<Chat>[]
  /** What the server was asked and told, in order; `withdrawn: …` what was withdrawn. */
  readonly asked: string[]
  /** What the components showed, by their place. */
  readonly shown: readonly unknown[][]
  /** What is on the page: the text of each component. */
  page(): readonly string[]
  /** The elements of the components. */
  elements(): readonly Element[]
  /** Mounts components that use `live`, unless they are given another. */
  mount(uses: readonly Use[], scene?: Partial<Scene>): Promise<Stage>
  /** Mounts them over what a server rendered. */
  hydrate(html: string, uses: readonly Use[]): Promise<Stage>
  /** Renders them again with something changed. */
  change(scene: Partial<Scene>): Promise<void>
  unmount(): void
  /** The server says it to all sessions. */
  say(...texts: readonly string[]): void
  /** Messages travel for so many milliseconds; nothing is painted. */
  travel(milliseconds: number): Promise<void>
  /** One frame is painted. */
  frame(): Promise<void>
  /** Both, for so many milliseconds. */
  pass(milliseconds: number): Promise<void>
}

/** Lets go on what only waits for promises. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

const serve = (asked: string[], heard: World<Chat>['server']['core']): void => {
  heard.on('session', (session) => {
    const note = (name: string, input: unknown, signal?: AbortSignal): void => {
      const question = `${name} ${JSON.stringify(input)}`
      asked.push(question)
      signal?.addEventListener('abort', () => asked.push(`withdrawn: ${question}`))
    }
    session.on('say', (said) => note('say', said))
    session.onEnd(() => asked.push('(gone)'))
    session.handle('double', (input) => {
      note('double', input)
      return input.number * 2
    })
    session.handle('broken', () => {
      note('broken', {})
      throw new Error('a secret of the server’s')
    })
    session.handle('never', (input, { signal }) => {
      note('never', input, signal)
      return new Promise(() => {})
    })
    session.handleStream('count', function* (input) {
      note('count', input)
      for (let number = 1; number <= input.to; number++) yield number
    })
    session.handleStream('failing', function* () {
      note('failing', {})
      yield 1
      throw new Error('a secret of the server’s')
    })
    session.handleStream('endless', async function* (input, { signal }) {
      note('endless', input, signal)
      yield input.id
      await new Promise(() => {})
    })
  })
}

/** A server, and what opens sockets to it. */
const createLive = (): Pick<Stage, 'here' | 'live' | 'another' | 'opened' | 'asked'> => {
  const asked: string[] = []
  const here: World<Chat> = world<Chat>({ clients: 0, serve: (core) => serve(asked, core) })
  const opened: Socket<Chat>[] = []
  const open = (): Socket<Chat> => {
    const { socket } = here.open(`page ${opened.length}`)
    opened.push(socket)
    return socket
  }
  const report = (error: unknown): void => void reported.push(error)
  const another = (): Socket<Chat> => createShared(open, {}, { clock: here.clock, report, held: new Set() })
  return { here, live: another(), another, opened, asked }
}

/** What went to the platform's `reportError`. */
export const reported: unknown[] = []
/** What the framework complained about on the console. */
export const complaints: unknown[] = []

/** To be called once in a file: frames and timers under control, and no complaints that are not expected. */
export const onStage = (): void => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'] })
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    for (const level of ['error', 'warn'] as const)
      vi.spyOn(console, level).mockImplementation((...words) => void complaints.push(words.map(String).join(' ')))
  })
  afterEach(() => {
    // What waits for a frame that never comes would be waited for in the next test, too.
    vi.runOnlyPendingTimers()
    vi.useRealTimers()
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
    const all = [complaints.splice(0), reported.splice(0)]
    document.body.replaceChildren()
    expect(all).toEqual([[], []])
  })
}

/** A page with nothing on it. */
export const stage = (driver: Driver): Stage => {
  const world = createLive()
  const { here, live } = world
  const shown: unknown[][] = []
  const show = (place: number, value: unknown): void => void (shown[place] ??= []).push(value)
  const container = document.createElement('main')
  document.body.append(container)
  let scene: Scene = { uses: [], show }
  let mounted: Mounted

  const frame = async (): Promise<void> => {
    // Whatever is under way is done before a page paints.
    await settle()
    vi.advanceTimersByTime(FRAME)
    await settle()
  }
  /** What is rendered is painted; some frameworks run effects after that. */
  const rendered = async (): Promise<void> => {
    await frame()
    await frame()
  }
  const elements = (): readonly Element[] => [...container.querySelectorAll('p')]
  const self: Stage = {
    ...world,
    shown,
    elements,
    page: () => elements().map((element) => element.textContent),
    async mount(uses, more = {}) {
      scene = { ...scene, live, ...more, uses }
      mounted = driver.mount(scene, container)
      await rendered()
      return self
    },
    async hydrate(html, uses) {
      container.innerHTML = html
      scene = { ...scene, live, uses }
      mounted = driver.hydrate(scene, container)
      await rendered()
      return self
    },
    async change(change) {
      scene = { ...scene, ...change }
      mounted.change(scene)
      await rendered()
    },
    unmount: () => mounted.unmount(),
    say(...texts) {
      for (const session of here.server.core.sessions) for (const said of texts) session.send('said', said)
    },
    travel: (milliseconds) => here.clock.advance(milliseconds),
    frame,
    async pass(milliseconds) {
      for (let passed = 0; passed < milliseconds; passed += FRAME) {
        await here.clock.advance(FRAME)
        await frame()
      }
    },
  }
  return self
}
