/** @jsxImportSource solid-js */
import type { Socket } from 'holdfast'
import { createHooks } from 'holdfast/solid'
import { type Accessor, For, type JSX, Suspense, createResource, untrack } from 'solid-js'
import { type Chat, type Scene, type Use, text } from './driver.ts'

const create = (live: Socket<Chat> | undefined) => (live ? createHooks(live) : createHooks<Chat>())
type Hooks = ReturnType<typeof create>

/** Each uses one primitive, and gives what reads it. */
const uses: {
  readonly [H in Use['hook']]: (hooks: Hooks, use: Accessor<Extract<Use, { hook: H }>>) => Accessor<unknown>
} = {
  useSocket: ({ useSocket }) => useSocket(),
  useStatus: ({ useStatus }, use) => useStatus((status) => use().select?.(status) ?? status),
  useEvent({ useEvent }, use) {
    useEvent('said', (said) => use().listener(said))
    return () => undefined
  },
  useLatest: ({ useLatest }, use) => useLatest('said', use() as object),
  useRequest({ useRequest }, use) {
    const { data, error, pending, refetch } = useRequest(use().name, () => use().input as never, {
      enabled: () => use().enabled,
    })
    return () => ({ data: data(), error: error(), pending: pending(), refetch })
  },
  useStream({ useStream }, use) {
    const { data, error, pending, done, refetch } = useStream(use().name, () => use().input as never, {
      enabled: () => use().enabled,
      history: use().history as number,
    })
    return () => ({ data: data(), error: error(), pending: pending(), done: done(), refetch })
  },
}

/** The page, which follows the scene. */
export const Page = (props: { readonly scene: Scene }): JSX.Element => {
  const { live, provided, waitsFor } = untrack(() => props.scene)
  const hooks = create(live)
  const Place = ({ place }: { place: number }): JSX.Element => {
    let last = untrack(() => props.scene.uses[place]!)
    // One that is about to go is not in the scene any more.
    const use = (): never => (last = props.scene.uses[place] ?? last) as never
    const value = untrack(() => uses[last.hook](hooks, use))
    const [waited] = waitsFor ? createResource(() => waitsFor) : []
    const shown = (): string => {
      waited?.()
      const now = value()
      untrack(() => props.scene.show(place, now))
      return text(now)
    }
    return <p>{shown()}</p>
  }
  const Places = (): JSX.Element => (
    <For each={props.scene.uses.map(({ hook }, place) => `${place} ${hook}`)}>
      {(key) => <Place place={Number.parseInt(key)} />}
    </For>
  )
  const Waiting = (): JSX.Element => (waitsFor ? <Suspense>{<Places />}</Suspense> : <Places />)
  return provided ? (
    <hooks.SocketProvider socket={props.scene.provided!}>
      <Waiting />
    </hooks.SocketProvider>
  ) : (
    <Waiting />
  )
}
