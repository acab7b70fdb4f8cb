import { type Hooks, createHooks } from 'holdfast/react'
import { Fragment, type ReactNode, createElement as h, useLayoutEffect } from 'react'
import { type Chat, type Scene, type Use, text } from './driver.ts'

interface Place<U> {
  readonly use: U
  readonly place: number
  readonly scene: Scene
  readonly hooks: Hooks<Chat>
}
type Component<H extends Use['hook']> = (props: Place<Extract<Use, { hook: H }>>) => ReactNode

const waited = new WeakSet<Promise<unknown>>()

/** Suspends until it is there. React 18 knows no `use`. */
const wait = ({ waitsFor }: Scene): void => {
  if (!waitsFor || waited.has(waitsFor)) return
  // oxlint-disable-next-line typescript/only-throw-error -- how components suspend
  throw waitsFor.then(() => waited.add(waitsFor))
}

const useShown = (value: unknown, { scene, place }: Place<unknown>): ReactNode => {
  useLayoutEffect(() => scene.show(place, value))
  wait(scene)
  return h('p', null, text(value))
}

const components: { [H in Use['hook']]: Component<H> } = {
  useSocket: (props) => useShown(props.hooks.useSocket(), props),
  useStatus: (props) => useShown(props.hooks.useStatus(props.use.select ?? ((status) => status)), props),
  useEvent: (props) =>
    useShown(
      props.hooks.useEvent('said', (said) => props.use.listener(said)),
      props,
    ),
  useLatest: (props) => useShown(props.hooks.useLatest('said', props.use as object), props),
  useRequest: (props) => {
    const { name, input, enabled } = props.use
    const { data, error, pending, refetch } = props.hooks.useRequest(name, input, { enabled })
    return useShown({ data, error, pending, refetch }, props)
  },
  useStream: (props) => {
    const { name, input, enabled, history } = props.use
    return useShown(props.hooks.useStream(name, input as never, { enabled, history } as object), props)
  },
}

/** The page, which keeps its hooks however often it is rendered. */
export const createPage = (first: Scene): ((scene: Scene) => ReactNode) => {
  const hooks = createHooks(first.live)
  return (scene) => {
    const { SocketProvider } = hooks
    const children = scene.uses.map((use, place) =>
      h(
        components[use.hook] as unknown as Component<never>,
        { key: `${place} ${use.hook}`, use, place, scene, hooks } as never,
      ),
    )
    return scene.provided ? h(SocketProvider, { socket: scene.provided }, ...children) : h(Fragment, null, ...children)
  }
}
