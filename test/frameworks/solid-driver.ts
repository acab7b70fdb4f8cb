import { type JSX, createComponent, createSignal } from 'solid-js'
import { hydrate, render } from 'solid-js/web'
import type { Driver, Mounted, Scene } from './driver.ts'
import { Page } from './solid-page.tsx'

const mountBy =
  (begin: (page: () => JSX.Element, container: Element) => () => void) =>
  (first: Scene, container: Element): Mounted => {
    const [scene, change] = createSignal(first)
    const page = () =>
      createComponent(Page, {
        get scene() {
          return scene()
        },
      })
    return { change, unmount: begin(page, container) }
  }

export const solidDriver: Driver = {
  name: 'Solid',
  mount: mountBy(render),
  hydrate(scene, container) {
    // What `generateHydrationScript` leaves in the page.
    Object.assign(globalThis, { _$HY: { events: [], completed: new WeakSet(), r: {}, fe: () => {} } })
    return mountBy(hydrate)(scene, container)
  },
}
