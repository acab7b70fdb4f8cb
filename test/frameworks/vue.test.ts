import { createHooks } from 'holdfast/vue'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  type App,
  type EffectScope,
  type Ref,
  KeepAlive,
  createApp,
  defineComponent,
  effectScope,
  h,
  nextTick,
  reactive,
  ref,
  watchEffect,
} from 'vue'
import { behaves } from './contract.ts'
import type { Chat } from './driver.ts'
import { html } from './html.ts'
import { takesOver } from './servers.ts'
import { type Stage, complaints, onStage, stage } from './stage.ts'
import { vueDriver } from './vue-driver.ts'

// Vue says of Suspense that it may change.
beforeEach(() => void vi.spyOn(console, 'info').mockImplementation(() => {}))

behaves(vueDriver)
takesOver(vueDriver, html.Vue)

describe('Vue’s composables', () => {
  onStage()

  const state = ({ live }: Stage): string => live.status.get().state
  const mount = (app: App): (() => void) => {
    app.mount(document.createElement('main'))
    return () => app.unmount()
  }
  /** An app of one component, which shows nothing. */
  const appOf = (setup: () => void): App =>
    createApp(
      defineComponent(() => {
        setup()
        return () => null
      }),
    )

  test('begin at once where there is no component, and end with their scope', async () => {
    const self = stage(vueDriver)
    const { useLatest, useStatus } = createHooks(self.live)
    const scope = effectScope()
    const { last, status } = scope.run(() => ({ last: useLatest('said'), status: useStatus(({ state }) => state) }))!
    expect(status.value).toBe('connecting')
    await self.pass(300)
    self.say('one')
    await self.pass(100)
    expect([last.value, status.value]).toEqual(['one', 'open'])
    scope.stop()
    self.say('two')
    await self.pass(1_200)
    expect([last.value, state(self)]).toEqual(['one', 'idle'])
  })

  test('live as long as the store that a component made', async () => {
    const self = stage(vueDriver)
    const { useLatest } = createHooks(self.live)
    let store: { scope: EffectScope; last: Ref<string | undefined> } | undefined
    const useStore = () => {
      const scope = effectScope(true)
      return (store ??= scope.run(() => ({ scope, last: useLatest('said') })))
    }
    const unmount = mount(appOf(useStore))
    await self.pass(300)
    unmount()
    await self.pass(3_000)
    self.say('one')
    await self.pass(100)
    expect([store!.last.value, self.opened.length]).toEqual(['one', 1])
    store!.scope.stop()
    await self.pass(1_200)
    expect(state(self)).toBe('idle')
  })

  test('go on in a component that KeepAlive has put away', async () => {
    const self = stage(vueDriver)
    const { useLatest } = createHooks(self.live)
    const Room = defineComponent(() => {
      const lines = useLatest('said', { history: 3 })
      return () => h('p', lines.value.join(' '))
    })
    const Nothing = defineComponent(() => () => h('i'))
    const isHere = ref(true)
    const main = document.createElement('main')
    const app = createApp(() => h(KeepAlive, () => h(isHere.value ? Room : Nothing)))
    app.mount(main)
    await self.pass(300)
    for (const said of ['one', 'two', 'three']) {
      isHere.value = said !== 'two'
      await self.pass(3_000)
      self.say(said)
      await self.pass(100)
    }
    expect([main.textContent, self.opened.length]).toEqual(['one two three', 1])
    app.unmount()
    await self.pass(1_200)
    expect(state(self)).toBe('idle')
  })

  test('take what is provided to an app, even a socket in a deep ref', async () => {
    const self = stage(vueDriver)
    const { provideSocket, useLatest, useRequest, useStatus } = createHooks<Chat>()
    const given = ref(self.another())
    const shown: unknown[] = []
    const app = appOf(() => {
      const [state, last] = [useStatus(({ state }) => state), useLatest('said')]
      const { data } = useRequest('double', { number: 2 })
      watchEffect(() => shown.push([state.value, last.value, data.value]))
    })
    provideSocket(given, app)
    const unmount = mount(app)
    await self.pass(300)
    self.say('one')
    await self.pass(100)
    expect(shown.at(-1)).toEqual(['open', 'one', 4])
    given.value = self.another()
    await nextTick()
    expect(shown.at(-1)).toEqual(['connecting', undefined, undefined])
    unmount()
  })

  test('follow refs, getters and reactive objects that change in place', async () => {
    const self = stage(vueDriver)
    const { useRequest } = createHooks(self.live)
    const [plain, deep] = [ref(1), reactive({ number: 10 })]
    const [inRef, isWanted] = [ref({ number: 100 }), ref(false)]
    const scope = effectScope()
    const answers = scope.run(() => [
      useRequest('double', () => ({ number: plain.value })),
      useRequest('double', deep),
      useRequest('double', inRef, { enabled: isWanted }),
    ])!
    const data = (): unknown[] => answers.map(({ data }) => data.value)
    await self.pass(300)
    expect(data()).toEqual([2, 20, undefined])
    plain.value = 2
    deep.number = 20
    isWanted.value = true
    await self.pass(300)
    expect(data()).toEqual([4, 40, 200])
    inRef.value.number = 200
    await self.pass(300)
    expect([data(), self.asked.length]).toEqual([[4, 40, 400], 6])
    scope.stop()
  })

  test('ask once whatever an effect reads that refetches', async () => {
    const self = stage(vueDriver)
    const { useRequest } = createHooks(self.live)
    const again = ref(0)
    const scope = effectScope()
    scope.run(() => {
      const { refetch } = useRequest('double', { number: 1 }, { enabled: false })
      watchEffect(() => void (again.value > 0 && refetch()))
    })
    await self.pass(300)
    again.value++
    await self.pass(300)
    expect(self.asked).toEqual(['double {"number":1}'])
    scope.stop()
  })

  test('do not follow what is read while they listen', async () => {
    const self = stage(vueDriver)
    const hooks = createHooks(self.live)
    const token = ref('a')
    const on = vi.spyOn(self.live, 'on').mockImplementation(() => (token.value, () => {}))
    const scope = effectScope()
    scope.run(() => hooks.useEvent('said', () => {}))
    token.value = 'b'
    await self.pass(100)
    expect(on).toHaveBeenCalledTimes(1)
    scope.stop()
  })

  test('show nothing of a former question, and ask what was given just before', async () => {
    const self = stage(vueDriver)
    const { useRequest } = createHooks(self.live)
    const number = ref(1)
    const scope = effectScope()
    const input = () => ({ number: number.value })
    const [{ data, refetch }, { data: same }] = scope.run(() => [
      useRequest('double', input, { enabled: false }),
      useRequest('double', input),
    ])!
    void refetch()
    await self.pass(300)
    expect([data.value, same.value]).toEqual([2, 2])
    number.value = 2
    expect([data.value, same.value]).toEqual([undefined, undefined])
    const answered = refetch()
    await self.travel(300)
    await answered
    await self.frame()
    expect([data.value, same.value, self.asked.length]).toEqual([4, 4, 4])
    scope.stop()
  })

  test('throw at once where there is no socket', () => {
    const { useEvent } = createHooks<Chat>()
    const app = appOf(() => useEvent('said', () => {}))
    const thrown = vi.fn()
    app.config.errorHandler = (error, _, where) => void thrown(String(error), where)
    mount(app)()
    expect(thrown.mock.calls).toEqual([[expect.stringContaining('There is no socket'), 'setup function']])
    // It has nothing to render by.
    complaints.length = 0
  })

  test('give refs that cannot be set', () => {
    const { live } = stage(vueDriver)
    const { useLatest, useStatus, useRequest, useSocket } = createHooks(live)
    const scope = effectScope()
    const refs = scope.run(() => [useLatest('said'), useStatus(), useRequest('never', { id: 1 }).data, useSocket()])!
    const before = refs.map(({ value }) => value)
    for (const each of refs as { value: unknown }[]) each.value = 'mine'
    expect(refs.map(({ value }) => value)).toEqual(before)
    expect(complaints.splice(0).every((complaint) => /readonly/.test(String(complaint)))).toBe(true)
    scope.stop()
  })
})
