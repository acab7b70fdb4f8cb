import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createElement } from 'react'
import { renderToPipeableStream, renderToReadableStream, renderToString } from 'react-dom/server'
import type { Scene } from '../driver.ts'
import { html } from '../html.ts'
import { createPage } from '../react-page.ts'
import { rendersOnServers } from '../servers.ts'

const page = (scene: Scene) => createElement(() => createPage(scene)(scene))

rendersOnServers(
  {
    name: 'React',
    render: {
      renderToString: (scene) => renderToString(page(scene)),
      renderToPipeableStream: (scene) => text(renderToPipeableStream(page(scene)).pipe(new PassThrough())),
      renderToReadableStream: async (scene) => text(await renderToReadableStream(page(scene))),
    },
  },
  html.React,
)
