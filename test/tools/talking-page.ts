/** A page of a world, with what each side heard. */
import { expect } from 'vitest'
import type { ConnectOptions, Lost } from 'holdfast'
import { type World, world } from 'holdfast/testing'
import { openPage, type PageOptions } from './virtual-page.ts'

export type WorldOptions = NonNullable<Parameters<typeof world>[0]>

export const carriers = ['websocket', 'http', 'long-polling'] as const satisfies readonly ConnectOptions['transport'][]

/** A page that has been open for a while, and its server. */
export const talkingPage = async (options: PageOptions = {}, { conditions = {}, server = {} }: WorldOptions = {}) => {
  const said: unknown[] = []
  const here: World = world({
    clients: 0,
    conditions: { latency: 50, jitter: 0, ...conditions },
    server,
    serve: (core) => void core.on('session', (session) => void session.on('say', (data) => said.push(data))),
  })
  const page = openPage(here, options)
  const { socket } = page
  const heard: unknown[] = []
  socket.on('said', (data) => heard.push(data))
  const losses: Lost[] = []
  socket.onLost((lost) => losses.push(lost))
  await here.clock.advance(10_000)
  const [session] = here.server.core.sessions
  expect(socket.status.get().state).toBe('open')
  return { ...page, here, said, heard, losses, session: session!, pass: here.clock.advance }
}
