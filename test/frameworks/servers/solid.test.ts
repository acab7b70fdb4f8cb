import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { share } from 'holdfast'
import { createHooks } from 'holdfast/solid'
import { createComponent, createRoot } from 'solid-js'
import { renderToStream, renderToString, renderToStringAsync } from 'solid-js/web'
import { expect, test, vi } from 'vitest'
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

test('a root on a server opens nothing', () => {
  const open = vi.fn(() => expect.unreachable('opened on a server'))
  const { useEvent, useStatus } = createHooks(share(open))
  const state = createRoot(() => {
    useEvent('said', () => {})
    return useStatus(({ state }) => state)
  })
  expect(state()).toBe('idle')
  expect(open).not.toHaveBeenCalled()
})
