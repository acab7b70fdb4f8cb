import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createComponent } from 'solid-js'
import { renderToStream, renderToString, renderToStringAsync } from 'solid-js/web'
import type { Scene } from '../driver.ts'
import { html } from '../html.ts'
import { rendersOnServers } from '../servers.ts'
import { Page } from '../solid-page.tsx'

const page = (scene: Scene) => () => createComponent(Page, { scene })

rendersOnServers(
  {
    name: 'Solid',
    render: {
      renderToString: (scene) => renderToString(page(scene)),
      renderToStringAsync: (scene) => renderToStringAsync(page(scene)),
      renderToStream(scene) {
        const writable = new PassThrough()
        renderToStream(page(scene)).pipe(writable)
        return text(writable)
      },
    },
  },
  html.Solid,
)
