import { type App, createApp, createSSRApp, shallowRef } from 'vue'
import type { Driver, Mounted, Scene } from './driver.ts'
import { createPage } from './vue-page.ts'

const mountBy =
  (create: typeof createApp) =>
  (first: Scene, container: Element): Mounted => {
    const scene = shallowRef(first)
    const app: App = create(createPage(scene))
    const thrown: unknown[] = []
    app.config.errorHandler = (error) => void thrown.push(error)
    app.mount(container)
    if (thrown.length > 0) throw thrown[0]
    return {
      change: (next) => void (scene.value = next),
      unmount: () => app.unmount(),
    }
  }

export const vueDriver: Driver = { name: 'Vue', mount: mountBy(createApp), hydrate: mountBy(createSSRApp) }
