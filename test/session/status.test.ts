import { describe, expect, test } from 'vitest'
import type { Status } from 'holdfast'
import { type Tab, world } from 'holdfast/testing'

const watch = ({ socket }: Tab): Status[] => {
  const told: Status[] = []
  socket.status.subscribe((status) => told.push(status))
  return told
}

describe('the status', () => {
  test('from connecting to closed', async () => {
    const { clock, tabs } = world()
    const [a] = tabs
    const told = watch(a!)
    expect(a!.socket.status.get()).toEqual({
      state: 'connecting',
      pausedBy: null,
      transport: null,
      attempt: 1,
      retryAt: null,
      cause: null,
      latency: null,
      queued: 0,
      unacknowledged: 0,
      resumed: false,
    })
    await clock.advance(1_000)
    expect(a!.socket.status.get()).toMatchObject({ state: 'open', transport: 'websocket', attempt: 1, resumed: false })
    expect(a!.socket.status.get().latency).toBeGreaterThan(39)
    expect(a!.socket.status.get().latency).toBeLessThan(60)
    await Promise.all([a!.socket.close(), clock.advance(1_000)])
    expect(a!.socket.status.get()).toMatchObject({ state: 'closed', transport: null, retryAt: null, cause: null })
    expect(told.map(({ state }) => state)).toEqual(['connecting', 'open', 'closed'])
  })

  test('shows the countdown to the next try, which try it will be, and why', async () => {
    const { clock, network, tabs } = world()
    await clock.advance(1_000)
    network.fate('refuse')
    network.cut()
    await clock.advance(100)
    const { state, attempt, retryAt, cause } = tabs[0]!.socket.status.get()
    expect({ state, attempt, cause: cause?.code }).toEqual({ state: 'waiting', attempt: 1, cause: 'unreachable' })
    expect(retryAt).toBeGreaterThan(clock.now())
    await clock.runUntil(retryAt!)
    expect(tabs[0]!.socket.status.get()).toMatchObject({ state: 'connecting', attempt: 2, retryAt: null })
  })

  test('says why it is paused', async () => {
    const { clock, network, tabs } = world()
    const { lifecycle, socket } = tabs[0]!
    await clock.advance(1_000)
    lifecycle.happen('offline')
    expect(socket.status.get()).toMatchObject({ state: 'open', pausedBy: null })
    network.cut()
    await clock.advance(100)
    expect(socket.status.get()).toMatchObject({ state: 'paused', pausedBy: 'offline', retryAt: null })
    lifecycle.happen('online')
    await clock.advance(1_000)
    expect(socket.status.get()).toMatchObject({ state: 'open', pausedBy: null, cause: null, resumed: true })
  })

  test('counts what waits and what is out', async () => {
    const { clock, network, tabs } = world({
      serve: (core) => void core.on('session', (s) => void s.on('say', () => {})),
    })
    const { socket } = tabs[0]!
    for (let index = 0; index < 3; index++) socket.send('say', index)
    expect(socket.status.get()).toMatchObject({ queued: 3, unacknowledged: 0 })
    await clock.advance(100)
    network.stall('down')
    socket.send('say', 3)
    await clock.advance(100)
    expect(socket.status.get()).toMatchObject({ queued: 0, unacknowledged: 4 })
    network.heal()
    await clock.advance(2_000)
    expect(socket.status.get()).toMatchObject({ queued: 0, unacknowledged: 0 })
  })
})

describe('a snapshot', () => {
  test('is the same object until something in it changes, and another one then', async () => {
    const { clock, tabs } = world()
    const { socket } = tabs[0]!
    await clock.advance(5_000)
    const before = socket.status.get()
    await clock.advance(5_000)
    expect(socket.status.get()).toBe(before)
    socket.send('say')
    const after = socket.status.get()
    expect([after === before, before.queued, after.queued]).toEqual([false, 0, 1])
  })

  test('is told once a task, however much was sent in it', async () => {
    const { clock, tabs } = world()
    await clock.advance(1_000)
    const told = watch(tabs[0]!)
    for (let index = 0; index < 1_000; index++) tabs[0]!.socket.send('say')
    expect(told).toHaveLength(1)
    await clock.advance(5)
    expect(told).toHaveLength(2)
    expect(told[1]).toMatchObject({ queued: 0, unacknowledged: 1_000 })
  })

  test('is not told for traffic that changes nothing', async () => {
    const { clock, tabs, server } = world()
    const { socket } = tabs[0]!
    await clock.advance(1_000)
    socket.on('tick', () => {})
    const told = watch(tabs[0]!)
    for (const session of server.core.sessions) for (let index = 0; index < 50; index++) session.send('tick', index)
    await clock.advance(1_000)
    expect(told).toHaveLength(1)
  })
})

test('a listener that throws harms nobody, and is reported and counted', async () => {
  const { clock, tabs } = world()
  const { socket, reported } = tabs[0]!
  const error = new Error('mine')
  socket.status.subscribe(({ state }) => {
    if (state === 'open') throw error
  })
  const told = watch(tabs[0]!)
  await clock.advance(1_000)
  expect(told.at(-1)?.state).toBe('open')
  expect(reported).toEqual([error])
  expect(socket.errors).toEqual({ 'handler-failed': 1 })
})
