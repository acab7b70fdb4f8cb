import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeToNodeWritable, renderToString, renderToWebStream } from '@vue/server-renderer'
import { share } from 'holdfast'
import { createHooks } from 'holdfast/vue'
import { expect, test, vi } from 'vitest'
import { type App, createSSRApp, defineComponent, effectScope, h, shallowRef } from 'vue'
import type { Scene } from '../driver.ts'
import { html } from '../html.ts'
import { rendersOnServers } from '../servers.ts'
import { createPage } from '../vue-page.ts'

const app = (scene: Scene): App => createSSRApp(createPage(shallowRef(scene)))

rendersOnServers(
  {
    name: 'Vue',
    render: {
      renderToString: (scene) => renderToString(app(scene)),
      renderToWebStream: (scene) => text(renderToWebStream(app(scene))),
      pipeToNodeWritable(scene) {
        const writable = new PassThrough()
        pipeToNodeWritable(app(scene), {}, writable)
        return text(writable)
      },
    },
  },
  html.Vue,
)

test('a store on a server opens nothing, in a component or without one', async () => {
  const open = vi.fn(() => expect.unreachable('opened on a server'))
  const { useEvent, useStatus } = createHooks(share(open))
  const useStore = () =>
    effectScope(true).run(() => {
      useEvent('said', () => {})
      return useStatus(({ state }) => state)
    })!
  const Page = defineComponent(() => {
    const state = useStore()
    return () => h('p', state.value)
  })
  expect(useStore().value).toBe('idle')
  expect(await renderToString(createSSRApp(Page))).toBe('<p>idle</p>')
  expect(open).not.toHaveBeenCalled()
})
