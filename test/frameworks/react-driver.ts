import { Fragment, type ReactNode, type StrictMode, createElement as h, startTransition } from 'react'
import { type Root, createRoot, hydrateRoot } from 'react-dom/client'
import { flushSync } from 'react-dom'
import type { Driver, Scene } from './driver.ts'
import { createPage } from './react-page.ts'

/** React, and what has its names. */
export const reactDriver = (name: string, Around: typeof StrictMode | typeof Fragment = Fragment): Driver => {
  const mounted = (root: Root, page: (scene: Scene) => ReactNode) => ({
    change: (scene: Scene) => flushSync(() => root.render(h(Around, null, page(scene)))),
    unmount: () => flushSync(() => root.unmount()),
  })
  return {
    name,
    mount(scene, container) {
      const thrown: unknown[] = []
      const root = createRoot(container, { onUncaughtError: (error) => thrown.push(error) })
      const page = createPage(scene)
      const self = mounted(root, page)
      // A fallback would be shown for 300 ms of nobody's clock: this way what waits is not committed at all.
      if (scene.waitsFor) startTransition(() => root.render(h(Around, null, page(scene))))
      else self.change(scene)
      if (thrown.length > 0) throw thrown[0]
      return self
    },
    hydrate(scene, container) {
      const page = createPage(scene)
      return mounted(hydrateRoot(container, h(Around, null, page(scene))), page)
    },
  }
}
