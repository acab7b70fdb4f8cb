/** What the hooks of every framework do, shown by components that use them: one file for all frameworks. */
import type { Status } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import type { Driver, Use } from './driver.ts'
import { ask, asks, last, read, values } from './questions.ts'
import { complaints, onStage, reported, stage } from './stage.ts'

const nothing = (): void => {}
const state = ({ state }: Status): string => state
const hear = (listener: (text: string) => void): Use => ({ hook: 'useEvent', listener })
export const behaves = (driver: Driver): void => {
  describe(`${driver.name}’s hooks`, () => {
    onStage()

    describe('a socket', () => {
      test('is opened by the first component and is one for all', async () => {
        const { opened, pass, page, shown, live, asked } = await stage(driver).mount([
          { hook: 'useSocket' },
          { hook: 'useStatus', select: state },
          hear(nothing),
          { hook: 'useLatest' },
          ask('double', { number: 2 }),
          read('count', { to: 3 }),
        ])
        await pass(500)
        expect([opened.length, asked]).toEqual([1, ['double {"number":2}', 'count {"to":3}']])
        expect([last(shown[0]), page()[1], page()[3]]).toEqual([live, '"open"', '–'])
        expect(page()[4]).toBe('{"data":4,"pending":false}')
        expect(page()[5]).toBe('{"data":3,"pending":false,"done":true}')
      })

      test.each<[string, Use]>([
        ['useSocket', { hook: 'useSocket' }],
        ['useStatus', { hook: 'useStatus' }],
        ['useEvent', hear(nothing)],
        ['useLatest', { hook: 'useLatest' }],
        ['useRequest', ask('never')],
        ['useStream', read('endless')],
      ])('is held by %s for as long as its component is there, and a second longer', async (_, use) => {
        const { pass, unmount, live } = await stage(driver).mount([use])
        await pass(3_000)
        expect(live.status.get().state).toBe('open')
        unmount()
        await pass(900)
        expect(live.status.get().state).toBe('open')
        await pass(300)
        expect(live.status.get().state).toBe('idle')
      })

      test('is opened once, and asked once, by components that are mounted, unmounted and mounted in one go', async () => {
        const self = stage(driver)
        const uses = [ask('never', { id: 1 }), read('endless', { id: 1 }), hear(nothing)]
        void self.mount(uses)
        self.unmount()
        await self.mount(uses)
        await self.pass(500)
        expect([self.opened.length, self.asked]).toEqual([1, ['never {"id":1}', 'endless {"id":1}']])
      })

      test('stays where one component goes and another comes', async () => {
        const { change, pass, opened, asked, page } = await stage(driver).mount([{ hook: 'useLatest' }])
        await pass(500)
        await change({ uses: [] })
        await pass(900)
        await change({ uses: [ask('double', { number: 1 })] })
        await pass(2_000)
        expect([opened.length, asked, page()]).toEqual([1, ['double {"number":1}'], ['{"data":2,"pending":false}']])
      })

      test('is used by nobody while components wait to be shown', async () => {
        let go = nothing
        const waitsFor = new Promise<void>((resolve) => (go = resolve))
        const uses = [ask('never', { id: 1 }), read('endless', { id: 1 }), hear(nothing)]
        const { opened, asked, pass, page } = await stage(driver).mount(uses, { waitsFor })
        await pass(300)
        expect([opened.length, page()]).toEqual([0, []])
        go()
        await pass(500)
        expect([opened.length, asked, page().length]).toEqual([1, ['never {"id":1}', 'endless {"id":1}'], 3])
      })

      test('is exchanged: the former is not heard and asked any more', async () => {
        const heard: string[] = []
        const self = stage(driver)
        const [first, second] = [self.another(), self.another()]
        const uses: Use[] = [
          hear((text) => heard.push(text)),
          { hook: 'useLatest' },
          ask('never', { id: 1 }),
          read('endless', { id: 1 }),
          { hook: 'useSocket' },
          { hook: 'useStatus', select: state },
        ]
        await self.mount(uses, { live: undefined, provided: first })
        await self.pass(300)
        self.say('to the first')
        await self.pass(100)
        expect([heard, self.page()[1], last(self.shown[4])]).toEqual([['to the first'], '"to the first"', first])
        const both = ['never {"id":1}', 'endless {"id":1}']
        expect(self.asked).toEqual(both)
        await self.change({ provided: second })
        expect([self.page()[1], self.page()[5], last(self.shown[4])]).toEqual(['–', '"connecting"', second])
        await self.pass(300)
        self.say('to both')
        await self.pass(100)
        expect([heard, self.page()[1], self.opened.length]).toEqual([['to the first', 'to both'], '"to both"', 2])
        expect(self.asked.filter((question) => question.startsWith('withdrawn')).toSorted()).toEqual([
          'withdrawn: endless {"id":1}',
          'withdrawn: never {"id":1}',
        ])
        expect(self.asked.slice(-2)).toEqual(both)
        await self.pass(1_200)
        expect([first.status.get().state, second.status.get().state]).toEqual(['idle', 'open'])
      })

      test('is asked for where there is none', () => {
        const self = stage(driver)
        // Those who throw have their say on the console, too.
        expect(() => void driver.mount({ uses: [{ hook: 'useSocket' }], show: nothing }, document.body)).toThrow(
          // Svelte says where, too.
          expect.objectContaining({
            code: 'invalid-argument',
            message: expect.stringMatching(
              /^There is no socket. Tell createHooks\(\) which, or give one to the components\./,
            ) as string,
          }),
        )
        complaints.length = 0
        expect(self.opened).toEqual([])
      })
    })

    describe('a component that is gone', () => {
      test('hears nothing any more, asks nothing any more, and is not rendered', async () => {
        const listener = vi.fn()
        const uses: Use[] = [
          hear(listener),
          { hook: 'useLatest' },
          { hook: 'useStatus' },
          ask('never', { id: 1 }),
          read('endless', { id: 1 }),
        ]
        const { unmount, say, pass, travel, shown, asked } = await stage(driver).mount(uses)
        await pass(300)
        say('before')
        await travel(100)
        unmount()
        const before = values(shown)
        say('after')
        await pass(500)
        expect([listener.mock.calls, values(shown)]).toEqual([[['before']], before])
        expect(asked.slice(2).toSorted()).toEqual(['withdrawn: endless {"id":1}', 'withdrawn: never {"id":1}'])
      })
    })

    asks(driver)

    describe('useStatus', () => {
      test('shows how the socket is, and renders nothing while what is selected is the same', async () => {
        const { pass, page, shown, live, here, change } = await stage(driver).mount([
          { hook: 'useStatus', select: state },
          { hook: 'useStatus', select: ({ queued, state }) => `${state} ${queued}` },
          { hook: 'useStatus' },
        ])
        expect([page()[0], last(shown[2])]).toEqual(['"connecting"', live.status.get()])
        await pass(300)
        here.network.offline()
        await pass(300)
        expect(page()[0]).toBe('"paused"')
        const renders = shown[0]!.length
        live.send('say', 'one')
        live.send('say', 'two')
        await pass(100)
        expect([page()[1], shown[0]!.length]).toEqual(['"paused 2"', renders])
        expect(last(shown[2])).toBe(live.status.get())
        await change({ uses: [] })
      })
    })

    describe('useEvent', () => {
      test('calls the listener of the last render with each event, and renders nothing', async () => {
        const [first, second] = [vi.fn(), vi.fn()]
        const { pass, say, travel, change, shown, live } = await stage(driver).mount([hear(first)])
        const on = vi.spyOn(live, 'on')
        await pass(300)
        const renders = shown[0]!.length
        say('one', 'two')
        await travel(100)
        expect([first.mock.calls, shown[0]!.length]).toEqual([[['one'], ['two']], renders])
        await change({ uses: [hear(second)] })
        say('three')
        await pass(100)
        expect([first.mock.calls.length, second.mock.calls, on.mock.calls.length]).toEqual([2, [['three']], 0])
      })

      test('leaves the others alone where a listener throws', async () => {
        const heard: string[] = []
        const thrown = new Error('in a listener')
        const throwing = hear(() => {
          throw thrown
        })
        const uses: Use[] = [throwing, hear((text) => heard.push(text)), { hook: 'useLatest' }]
        const { pass, say, page, here } = await stage(driver).mount(uses)
        await pass(300)
        say('one')
        await pass(100)
        expect([heard, page()[2], here.tabs[0]!.reported]).toEqual([['one'], '"one"', [thrown]])
        expect(reported).toEqual([])
      })
    })

    describe('useLatest', () => {
      test('shows the last event, or the last ones, and those alone that are wanted', async () => {
        const filter = (text: string): boolean => text.startsWith('t')
        const { pass, say, page, shown, change } = await stage(driver).mount([
          { hook: 'useLatest' },
          { hook: 'useLatest', history: 2 },
          { hook: 'useLatest', filter },
        ])
        expect(page()).toEqual(['–', '[]', '–'])
        await pass(300)
        say('one', 'two')
        await pass(100)
        say('three')
        await pass(100)
        say('four')
        await pass(100)
        expect(page()).toEqual(['"four"', '["three","four"]', '"three"'])
        const renders = shown.map(({ length }) => length)
        say('four')
        await pass(100)
        expect(shown.map(({ length }) => length)).toEqual([renders[0], renders[1]! + 1, renders[2]])
        await change({ uses: [{ hook: 'useLatest' }] })
        expect(page()).toEqual(['"four"'])
      })

      test('renders once for a thousand messages in a frame', async () => {
        const uses: Use[] = [
          { hook: 'useLatest' },
          { hook: 'useLatest', history: 3 },
          { hook: 'useStatus', select: state },
        ]
        const { pass, say, travel, frame, page, shown } = await stage(driver).mount(uses)
        await pass(300)
        const renders = shown.map(({ length }) => length)
        say(...Array.from({ length: 1_000 }, (_, number) => `message ${number}`))
        await travel(100)
        expect(shown.map(({ length }) => length)).toEqual(renders)
        await frame()
        expect(shown.map(({ length }, place) => length - renders[place]!)).toEqual([1, 1, 0])
        expect(page()).toEqual(['"message 999"', '["message 997","message 998","message 999"]', '"open"'])
      })
    })
  })
}
