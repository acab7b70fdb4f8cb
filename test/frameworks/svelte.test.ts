import { flushSync, mount, unmount } from 'svelte'
import { fromStore, get, writable } from 'svelte/store'
import { describe, expect, test } from 'vitest'
import { createHooks } from 'holdfast/svelte'
import { behaves } from './contract.ts'
import type { Chat } from './driver.ts'
import { html, uses } from './html.ts'
import { takesOver } from './servers.ts'
import { onStage, stage } from './stage.ts'
import { svelteDriver } from './svelte-driver.ts'
import Own from './svelte/Own.svelte'
import Runes from './svelte/Runes.svelte'
import Stores from './svelte/Stores.svelte'

const drivers = [svelteDriver('Svelte with runes', Runes), svelteDriver('Svelte with stores', Stores)] as const
for (const driver of drivers) {
  behaves(driver)
  takesOver(driver, html.Svelte)
}

/** Mounts a component that calls hooks with `begin` and shows what the function shows that this returns. */
const show = (begin: () => () => unknown) => {
  const renders: unknown[] = []
  const begun = () => {
    const show = begin()
    return () => {
      renders.push(show())
      return renders.at(-1)
    }
  }
  const component = mount(Own, { target: document.body, props: { begin: begun } as never })
  flushSync()
  const destroy = (): void => {
    void unmount(component)
    flushSync()
  }
  return { renders, destroy }
}
const set = <T>(store: { set(value: T): void }, value: T): void => flushSync(() => store.set(value))

describe('Svelte', () => {
  onStage()

  test('never shows the answer to another question, not even before effects have run, and asks none in the end', async () => {
    const { live, pass, asked } = stage(drivers[0])
    const { useRequest } = createHooks(live)
    const numbers = writable(1)
    const { renders, destroy } = show(() => {
      const number = fromStore(numbers)
      const double = useRequest('double', () => ({ number: number.current }))
      return () => `${number.current} doubled: ${double.current.data}`
    })
    await pass(300)
    set(numbers, 2)
    await pass(300)
    const all = ['1 doubled: undefined', '1 doubled: 2', '2 doubled: undefined', '2 doubled: 4']
    expect([...new Set(renders)]).toEqual(all)
    destroy()
    set(numbers, 3)
    await pass(300)
    expect(asked.length).toBe(2)
  })

  test('selects anew when what the selector reads has changed, and renders where something else came of it', async () => {
    const { live, pass, here } = stage(drivers[0])
    const { useStatus } = createHooks(live)
    const limits = writable(0)
    const { renders } = show(() => {
      const limit = fromStore(limits)
      const isFull = useStatus(({ queued }) => queued > limit.current)
      return () => isFull.current
    })
    await pass(300)
    here.network.offline()
    await pass(300)
    live.send('say', 'one')
    await pass(300)
    expect(renders).toEqual([false, true])
    set(limits, 1)
    expect(renders).toEqual([false, true, false])
    set(limits, 2)
    expect(renders).toEqual([false, true, false])
  })

  test('can be read anywhere, which uses no socket', async () => {
    const { live, pass, opened } = stage(drivers[0])
    const { useStatus, useRequest, useSocket } = createHooks(live)
    const read: unknown[] = []
    const { destroy } = show(() => {
      const [status, asked, socket] = [useStatus(), useRequest('double', { number: 1 }), useSocket()]
      return () => {
        read.push(
          () => [status.current.state, asked.current.pending, socket.current === live],
          () => [get(status).state, get(asked).pending, get(socket) === live],
        )
        return ''
      }
    })
    destroy()
    await pass(3_000)
    expect([opened.length, live.status.get().state]).toEqual([1, 'idle'])
    for (const values of read as (() => unknown[])[]) expect(values()[2]).toBe(true)
    await pass(300)
    expect([opened.length, live.status.get().state]).toEqual([1, 'idle'])
  })

  test('tells the subscribers of a store what is new, and nothing else', async () => {
    const { live, pass, say } = stage(drivers[0])
    const { useLatest, useRequest } = createHooks(live)
    const told: unknown[] = []
    const answers: unknown[] = []
    show(() => {
      useLatest('said', { history: 2 }).subscribe((texts) => told.push(texts))
      useRequest('double', { number: 1 }).subscribe(({ data, pending }) => answers.push([data, pending]))
      return () => ''
    })
    await pass(300)
    say('one')
    await pass(300)
    expect(told).toEqual([[], ['one']])
    const expected = [
      [undefined, true],
      [2, false],
    ]
    expect(answers).toEqual(expected)
  })

  test.each(['a socket', 'a store', 'a function'])('is given a socket for the components below: %s', async (how) => {
    const self = stage(drivers[0])
    const sockets = writable(self.another())
    const { setSocket, useSocket } = createHooks<Chat>()
    const { renders } = show(() => {
      const socket = fromStore(sockets)
      setSocket(how === 'a socket' ? get(sockets) : how === 'a store' ? sockets : () => socket.current)
      const used = useSocket()
      return () => used.current
    })
    const expected = [get(sockets)]
    if (how !== 'a socket') expected.push(self.another())
    set(sockets, expected.at(-1)!)
    await self.pass(2_000)
    expect([...new Set(renders)]).toEqual(expected)
    expect(expected.map(({ status }) => status.get().state)).toEqual(expected.length > 1 ? ['idle', 'open'] : ['open'])
  })

  test.each(drivers)('$name takes over when the socket is open already', async (driver) => {
    const { live, pass, page, hydrate, elements } = stage(driver)
    live.on('said', () => {})
    await pass(300)
    const isTaken = hydrate(html.Svelte, uses)
    const taken = elements()
    await isTaken
    expect([page()[1], elements()[1]]).toEqual(['"open"', taken[1]])
  })
})
