import { Fragment, type ReactNode, type StrictMode, Suspense, createElement as h, startTransition } from 'react'
import { type Root, createRoot, hydrateRoot } from 'react-dom/client'
import { flushSync } from 'react-dom'
import type { Driver, Scene } from './driver.ts'
import { createPage } from './react-page.ts'

/** React, and what has its names. */
export const reactDriver = (
  name: string,
  Around: typeof StrictMode | typeof Fragment = Fragment,
  pageOf: (first: Scene) => (scene: Scene) => ReactNode = createPage,
): Driver => {
  const whole = (page?: ReactNode): ReactNode => h(Around, null, h(Suspense, null, page))
  const mounted = (root: Root, page: (scene: Scene) => ReactNode) => ({
    change: (scene: Scene) => flushSync(() => root.render(whole(page(scene)))),
    unmount: () => flushSync(() => root.unmount()),
  })
  return {
    name,
    mount(scene, container) {
      const thrown: unknown[] = []
      const root = createRoot(container, { onUncaughtError: (error) => thrown.push(error) })
      const page = pageOf(scene)
      const self = mounted(root, page)
      if (scene.waitsFor) {
        // What was there stays until then; a fallback, React would show for 300 ms of nobody's clock.
        flushSync(() => root.render(whole()))
        startTransition(() => root.render(whole(page(scene))))
      } else self.change(scene)
      if (thrown.length > 0) throw thrown[0]
      return self
    },
    hydrate(scene, container) {
      const page = pageOf(scene)
      return mounted(hydrateRoot(container, h(Around, null, page(scene))), page)
    },
  }
}
