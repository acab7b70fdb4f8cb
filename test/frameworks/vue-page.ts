import type { Socket } from 'holdfast'
import { createHooks } from 'holdfast/vue'
import { type Component, type ShallowRef, Suspense, defineComponent, h, onMounted, onUpdated } from 'vue'
import { type Chat, type Scene, type Use, text } from './driver.ts'

const create = (live: Socket<Chat> | undefined) => (live ? createHooks(live) : createHooks<Chat>())
type Hooks = ReturnType<typeof create>

/** Each uses one composable, and gives what reads it. */
const uses: {
  readonly [H in Use['hook']]: (hooks: Hooks, use: () => Extract<Use, { hook: H }>) => () => unknown
} = {
  useSocket({ useSocket }) {
    const socket = useSocket()
    return () => socket.value
  },
  useStatus({ useStatus }, use) {
    const status = useStatus((status) => use().select?.(status) ?? status)
    return () => status.value
  },
  useEvent({ useEvent }, use) {
    useEvent('said', (said) => use().listener(said))
    return () => undefined
  },
  useLatest({ useLatest }, use) {
    const latest = useLatest('said', use() as object)
    return () => latest.value
  },
  useRequest({ useRequest }, use) {
    const { data, error, pending, refetch } = useRequest(use().name, () => use().input as never, {
      enabled: () => use().enabled,
    })
    return () => ({ data: data.value, error: error.value, pending: pending.value, refetch })
  },
  useStream({ useStream }, use) {
    const { data, error, pending, done, refetch } = useStream(use().name, () => use().input as never, {
      enabled: () => use().enabled,
      history: use().history as number,
    })
    return () => ({ data: data.value, error: error.value, pending: pending.value, done: done.value, refetch })
  },
}

/** The page: a component that renders anew whenever the scene is another one. */
export const createPage = (scene: Readonly<ShallowRef<Scene>>): Component => {
  const hooks = create(scene.value.live)
  const Place = defineComponent(
    ({ place }: { place: number }) => {
      const { waitsFor } = scene.value
      let last = scene.value.uses[place]!
      // One that is about to go is not in the scene any more.
      const use = (): never => (last = scene.value.uses[place] ?? last) as never
      const value = uses[last.hook](hooks, use)
      const show = (): void => scene.value.show(place, value())
      onMounted(show)
      onUpdated(show)
      const render = () => h('p', text(value()))
      return waitsFor ? waitsFor.then(() => render) : render
    },
    { props: ['place'] },
  )
  const Places = () => scene.value.uses.map(({ hook }, place) => h(Place, { key: `${place} ${hook}`, place }))
  return defineComponent(() => {
    if (scene.value.provided) hooks.provideSocket(() => scene.value.provided!)
    return () => (scene.value.waitsFor ? h(Suspense, () => h(Places)) : h(Places))
  })
}
