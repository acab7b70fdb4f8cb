import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeToNodeWritable, renderToString, renderToWebStream } from '@vue/server-renderer'
import { type App, createSSRApp, shallowRef } from 'vue'
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
