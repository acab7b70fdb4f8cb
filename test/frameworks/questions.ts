/** The part of the contract that is about useRequest and useStream. */
import { describe, expect, test } from 'vitest'
import type { Driver, Use } from './driver.ts'
import { stage } from './stage.ts'

type Question = Extract<Use, { hook: 'useRequest' }>
type Reading = Extract<Use, { hook: 'useStream' }>

export const ask = (name: Question['name'], input: object = {}, enabled = true): Question => ({
  hook: 'useRequest',
  name,
  input: input as never,
  enabled,
})
export const read = (name: Reading['name'], input: object = {}, more: Partial<Reading> = {}): Reading => ({
  hook: 'useStream',
  name,
  input: input as never,
  ...more,
})
/** What was shown, without its functions. */
export const values = (shown: unknown): unknown => JSON.parse(JSON.stringify(shown))
export const last = <T>(shown: readonly T[] | undefined): T | undefined => shown?.at(-1)
const refetch = (shown: readonly unknown[] | undefined): Promise<void> =>
  (last(shown) as { refetch(): Promise<void> }).refetch()

export const asks = (driver: Driver): void => {
  describe('useRequest', () => {
    test('asks, and again for another input, but not for an equal one', async () => {
      const { pass, change, page, asked, shown } = await stage(driver).mount([ask('double', { number: 1 })])
      expect(page()).toEqual(['{"pending":true}'])
      await pass(300)
      expect(page()).toEqual(['{"data":2,"pending":false}'])
      const renders = shown[0]!.length
      await change({ uses: [ask('double', { number: 1 })] })
      await pass(300)
      expect(asked).toEqual(['double {"number":1}'])
      expect(shown[0]!.length - renders).toBeLessThanOrEqual(1)
      await change({ uses: [ask('double', { number: 2 })] })
      expect(page()).toEqual(['{"pending":true}'])
      await pass(300)
      expect([page(), asked]).toEqual([['{"data":4,"pending":false}'], ['double {"number":1}', 'double {"number":2}']])
    })

    test('withdraws what it asked when it asks something else', async () => {
      const { pass, change, asked } = await stage(driver).mount([ask('never', { id: 1 })])
      await pass(300)
      await change({ uses: [ask('never', { id: 2 })] })
      await pass(300)
      expect(asked.toSorted()).toEqual(['never {"id":1}', 'never {"id":2}', 'withdrawn: never {"id":1}'])
    })

    test('asks nothing before it is enabled or told to', async () => {
      const uses = [ask('double', { number: 1 }, false), ask('double', { number: 2 }, false)]
      const { pass, change, page, asked, shown } = await stage(driver).mount(uses)
      await pass(300)
      expect([page(), asked]).toEqual([['{"pending":false}', '{"pending":false}'], []])
      void refetch(shown[1])
      await pass(300)
      expect([page(), asked]).toEqual([['{"pending":false}', '{"data":4,"pending":false}'], ['double {"number":2}']])
      await change({ uses: [ask('double', { number: 1 }), uses[1]!] })
      await pass(300)
      expect([page()[0], asked.length]).toEqual(['{"data":2,"pending":false}', 2])
    })

    test('asks again when it is told to, and shows the former answer until then', async () => {
      const { pass, travel, frame, page, asked, shown } = await stage(driver).mount([ask('double', { number: 1 })])
      await pass(300)
      const answered = refetch(shown[0])
      await frame()
      expect(page()).toEqual(['{"data":2,"pending":true}'])
      await travel(300)
      await answered
      await frame()
      expect([page(), asked.length]).toEqual([['{"data":2,"pending":false}'], 2])
    })

    test('asks again in a new session, and not after a mere cut', async () => {
      const { pass, page, asked, here } = await stage(driver).mount([ask('double', { number: 1 })])
      await pass(300)
      for (const link of here.network.links) link.cut()
      await pass(3_000)
      expect(asked.length).toBe(1)
      here.restart()
      await pass(100)
      expect(page()).toEqual(['{"data":2,"pending":false}'])
      await pass(5_000)
      expect([page(), asked.length]).toEqual([['{"data":2,"pending":false}'], 2])
    })

    test('shows why there is no answer, and can be tried again', async () => {
      const { pass, page, shown, asked } = await stage(driver).mount([ask('broken')])
      await pass(300)
      expect(page()).toEqual(['{"error":"handler-failed","pending":false}'])
      void refetch(shown[0])
      await pass(300)
      expect([page(), asked.length]).toEqual([['{"error":"handler-failed","pending":false}'], 2])
    })
  })

  describe('useStream', () => {
    test('shows the last item, or the last ones, and begins anew for another input', async () => {
      const uses = [read('count', { to: 3 }), read('count', { to: 3 }, { history: 2 })]
      const { pass, change, page, asked } = await stage(driver).mount(uses)
      expect(page()).toEqual(['{"pending":true,"done":false}', '{"data":[],"pending":true,"done":false}'])
      await pass(300)
      const all = ['{"data":3,"pending":false,"done":true}', '{"data":[2,3],"pending":false,"done":true}']
      expect(page()).toEqual(all)
      await change({ uses: [read('count', { to: 3 }), read('count', { to: 5 }, { history: 2 })] })
      await pass(300)
      expect(page()).toEqual([all[0], '{"data":[4,5],"pending":false,"done":true}'])
      expect(asked.length).toBe(3)
    })

    test('reads nothing before it is enabled', async () => {
      const { pass, change, page, asked } = await stage(driver).mount([read('count', { to: 1 }, { enabled: false })])
      await pass(300)
      expect([page(), asked]).toEqual([['{"pending":false,"done":false}'], []])
      await change({ uses: [read('count', { to: 1 }, { enabled: true })] })
      await pass(300)
      expect(page()).toEqual(['{"data":1,"pending":false,"done":true}'])
    })

    test('begins anew when it is told to, and shows what it had until there is something new', async () => {
      const { pass, frame, page, asked, shown } = await stage(driver).mount([read('endless', { id: 7 })])
      await pass(300)
      void refetch(shown[0])
      await frame()
      expect(page()).toEqual(['{"data":7,"pending":true,"done":false}'])
      await pass(300)
      expect(page()).toEqual(['{"data":7,"pending":false,"done":false}'])
      expect(asked.toSorted()).toEqual(['endless {"id":7}', 'endless {"id":7}', 'withdrawn: endless {"id":7}'])
    })

    test('begins anew in a new session, and not after a mere cut', async () => {
      const { pass, page, asked, here } = await stage(driver).mount([read('endless', { id: 7 })])
      await pass(300)
      for (const link of here.network.links) link.cut()
      await pass(3_000)
      expect(asked.length).toBe(1)
      here.restart()
      await pass(5_000)
      expect([page(), asked.length]).toEqual([['{"data":7,"pending":false,"done":false}'], 2])
    })

    test('begins anew where the server had not acknowledged the question, and tells of no doubt', async () => {
      const { pass, asked, shown, here } = await stage(driver).mount([read('endless', { id: 7 })])
      await pass(300)
      here.restart()
      await pass(5_000)
      expect(asked.length).toBe(2)
      expect(shown[0]!.filter((state) => (state as { error: unknown }).error)).toEqual([])
    })

    test('shows why it ended', async () => {
      const { pass, page } = await stage(driver).mount([read('failing')])
      await pass(300)
      expect(page()).toEqual(['{"data":1,"error":"handler-failed","pending":false,"done":false}'])
    })

    test('renders once for a thousand items in a frame', async () => {
      const uses = [read('count', { to: 1_000 }), read('count', { to: 1_000 }, { history: 2 })]
      const { travel, frame, page, shown } = await stage(driver).mount(uses)
      const renders = shown.map(({ length }) => length)
      await travel(1_000)
      expect(shown.map(({ length }) => length)).toEqual(renders)
      await frame()
      expect(shown.map(({ length }, place) => length - renders[place]!)).toEqual([1, 1])
      expect(page()[1]).toBe('{"data":[999,1000],"pending":false,"done":true}')
    })
  })
}
