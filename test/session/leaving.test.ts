/** A page on HTTP that goes: what it said last arrives, because its requests outlive it. */
import { describe, expect, test } from 'vitest'
import { type World, world } from 'holdfast/testing'
import { openPage } from '../tools/virtual-page.ts'

/** A page that has been on HTTP for a while, and what its server heard. */
const stage = async () => {
  const said: unknown[] = []
  const here: World = world({
    clients: 0,
    conditions: { latency: 50, jitter: 0 },
    serve: (core) => void core.on('session', (session) => void session.on('say', (data) => said.push(data))),
  })
  here.network.block('websocket')
  const page = openPage(here)
  await here.clock.advance(3_000)
  return {
    ...page,
    said,
    /** As browsers do it: listeners, their microtasks, and nothing more of this page. */
    async hide(event: 'leave' | 'freeze', inItsListener: () => void = () => {}) {
      page.view.enter(() => {
        if (event === 'leave') page.lifecycle.happen(event)
        inItsListener()
        // After all that listens in the page.
        if (event === 'freeze') page.lifecycle.happen(event)
      })
      await here.clock.advance(0)
      page.view.stop()
      await here.clock.advance(10_000)
    },
    pass: (duration: number) => here.clock.advance(duration),
  }
}

describe.each(['leave', 'freeze'] as const)('on `%s`', (event) => {
  test('what it says in the very end', async () => {
    const { socket, said, hide } = await stage()
    await hide(event, () => socket.send('say', 'good-bye'))
    expect(said).toEqual(['good-bye'])
  })

  test('what it said a moment before', async () => {
    const { socket, said, hide } = await stage()
    socket.send('say', 'good-bye')
    await hide(event)
    expect(said).toEqual(['good-bye'])
  })

  test('what is behind a push that is under way, and that one, once each', async () => {
    const { socket, said, hide, pass } = await stage()
    socket.send('say', 'one')
    await pass(10)
    socket.send('say', 'two')
    await hide(event, () => socket.send('say', 'too late, perhaps'))
    expect(said.slice(0, 2)).toEqual(['one', 'two'])
    expect(new Set(said).size).toBe(said.length)
  })
})

test('what was on its way when the page turned out to stay arrives once, and so does what follows', async () => {
  const { socket, view, lifecycle, said, pass } = await stage()
  socket.send('say', 0)
  await pass(10)
  socket.send('say', 1)
  view.enter(() => lifecycle.happen('leave'))
  for (let index = 2; index < 50; index++) {
    socket.send('say', index)
    await pass(index % 7)
  }
  await pass(10_000)
  expect(said).toEqual(Array.from({ length: 50 }, (_, index) => index))
  expect([socket.errors, socket.status.get()]).toEqual([{}, expect.objectContaining({ state: 'open', attempt: 1 })])
})
