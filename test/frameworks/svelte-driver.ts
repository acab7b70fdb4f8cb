import { type Component, flushSync, hydrate, mount, unmount } from 'svelte'
import { writable } from 'svelte/store'
import type { Driver, Mounted, Scene } from './driver.ts'
import Page from './svelte/Page.svelte'

/** Svelte, with hooks used by such components. */
export const svelteDriver = (name: string, Part: Component<never>, Around = Page): Driver => {
  const begin = (how: typeof mount | typeof hydrate, scene: Scene, target: Element): Mounted => {
    const scenes = writable(scene)
    const page = how(Around, { target, props: { scenes, Part } })
    flushSync()
    return {
      change: (scene) => flushSync(() => scenes.set(scene)),
      unmount: () => {
        void unmount(page)
        flushSync()
      },
    }
  }
  return {
    name,
    mount: (scene, container) => begin(mount, scene, container),
    hydrate: (scene, container) => begin(hydrate, scene, container),
  }
}
