import type { Socket } from 'holdfast'
import { createHooks } from 'holdfast/solid'
import {
  type Accessor,
  batch,
  createComponent,
  createEffect,
  createMemo,
  createRenderEffect,
  createRoot,
  createSignal,
} from 'solid-js'
import { describe, expect, test, vi } from 'vitest'
import { behaves } from './contract.ts'
import type { Chat } from './driver.ts'
import { html } from './html.ts'
import { takesOver } from './servers.ts'
import { solidDriver } from './solid-driver.ts'
import { type Stage, onStage, stage } from './stage.ts'

behaves(solidDriver)
takesOver(solidDriver, html.Solid)

describe('Solid’s primitives', () => {
  onStage()

  const state = ({ live }: Stage): string => live.status.get().state
  /** What a root made, and what ends that. */
  const rooted = <T>(make: () => T): readonly [T, () => void] => createRoot((end) => [make(), end])

  test('begin with the root that they are in, and end with it', async () => {
    const self = stage(solidDriver)
    const { useLatest, useStatus } = createHooks(self.live)
    const [[last, status], end] = rooted(() => [useLatest('said'), useStatus(({ state }) => state)] as const)
    expect(status()).toBe('connecting')
    await self.pass(300)
    self.say('one')
    await self.pass(100)
    expect([last(), status()]).toEqual(['one', 'open'])
    end()
    self.say('two')
    await self.pass(1_200)
    expect([last(), state(self)]).toEqual(['one', 'idle'])
  })

  test('follow accessors, and options that are getters', async () => {
    const self = stage(solidDriver)
    const { useRequest } = createHooks(self.live)
    const [number, setNumber] = createSignal(1)
    const [isWanted, want] = createSignal(false)
    const options = {
      get enabled() {
        return number() > 0 && isWanted()
      },
    }
    const [answers, end] = rooted(() => [
      useRequest('double', () => ({ number: number() })),
      useRequest('double', () => ({ number: 10 * number() }), { enabled: isWanted }),
      useRequest('double', { number: 100 }, options),
    ])
    const data = (): unknown[] => answers.map(({ data }) => data())
    await self.pass(300)
    expect(data()).toEqual([2, undefined, undefined])
    setNumber(2)
    want(true)
    await self.pass(300)
    expect([data(), self.asked.length]).toEqual([[4, 40, 200], 4])
    // That one is asked nothing new, though its getter was read again.
    setNumber(3)
    await self.pass(300)
    expect([data(), self.asked.length]).toEqual([[6, 60, 200], 6])
    end()
  })

  test('change no more than what changed', async () => {
    const self = stage(solidDriver)
    const { useRequest } = createHooks(self.live)
    const seen: Record<string, unknown[]> = { data: [], pending: [] }
    const [{ refetch }, end] = rooted(() => {
      const answer = useRequest('double', { number: 1 })
      createEffect(() => seen['data']!.push(answer.data()))
      createEffect(() => seen['pending']!.push(answer.pending()))
      return answer
    })
    await self.pass(300)
    void refetch()
    await self.pass(300)
    expect(seen).toEqual({ data: [undefined, 2], pending: [true, false, true, false] })
    end()
  })

  test('show nothing of a former question, and ask what was given just before', async () => {
    const self = stage(solidDriver)
    const { useRequest } = createHooks(self.live)
    const [number, setNumber] = createSignal(1)
    const seen: unknown[] = []
    const [refetch, end] = rooted(() => {
      const input = () => ({ number: number() })
      const { data, refetch } = useRequest('double', input, { enabled: false })
      createRenderEffect(() => seen.push([number(), data()]))
      return refetch
    })
    void refetch()
    await self.pass(300)
    const answered = batch(() => {
      setNumber(2)
      return refetch()
    })
    await self.travel(300)
    await answered
    await self.frame()
    expect(seen).toEqual([
      [1, undefined],
      [1, 2],
      [2, undefined],
      [2, 4],
    ])
    expect(self.asked).toEqual(['double {"number":1}', 'double {"number":2}'])
    end()
  })

  test('ask once in whatever follows what it reads', async () => {
    const self = stage(solidDriver)
    const { useRequest } = createHooks(self.live)
    const [again, setAgain] = createSignal(false)
    const [number, setNumber] = createSignal(2)
    const [answer, end] = rooted((): Accessor<Accessor<unknown>> => {
      const { refetch } = useRequest('double', { number: 1 }, { enabled: false })
      createEffect(() => void (again() && refetch()))
      return createMemo(() => useRequest('double', () => ({ number: number() % 10 })).data)
    })
    await self.pass(300)
    setAgain(true)
    setNumber(12)
    await self.pass(300)
    expect([answer()(), self.asked]).toEqual([4, ['double {"number":2}', 'double {"number":1}']])
    end()
  })

  test('are made once in whatever is given another socket', async () => {
    const self = stage(solidDriver)
    const { SocketProvider, useSocket } = createHooks<Chat>()
    const [socket, setSocket] = createSignal(self.live)
    const made: Accessor<Socket<Chat>>[] = []
    const [, end] = rooted(() =>
      createComponent(SocketProvider, {
        get socket() {
          return socket()
        },
        get children() {
          createMemo(() => made.push(useSocket()))
          return null
        },
      }),
    )
    const other = self.another()
    setSocket(other)
    await self.pass(100)
    expect(made.map((read) => read())).toEqual([other])
    end()
  })

  test('do not follow what is read while they listen', async () => {
    const self = stage(solidDriver)
    const { useEvent } = createHooks(self.live)
    const [token, setToken] = createSignal('a')
    const on = vi.spyOn(self.live, 'on').mockImplementation(() => (token(), () => {}))
    const [, end] = rooted(() => useEvent('said', () => {}))
    setToken('b')
    await self.pass(100)
    expect(on).toHaveBeenCalledTimes(1)
    end()
  })
})
