import { render } from 'svelte/server'
import { writable } from 'svelte/store'
import type { Scene } from '../driver.ts'
import { html } from '../html.ts'
import { rendersOnServers } from '../servers.ts'
import Awaiting from '../svelte/Awaiting.svelte'
import Page from '../svelte/Page.svelte'
import Runes from '../svelte/Runes.svelte'
import Stores from '../svelte/Stores.svelte'

for (const [name, Part] of Object.entries({ runes: Runes, stores: Stores })) {
  const propsOf = (scene: Scene) => ({ props: { scenes: writable(scene), Part } as never })
  const later = async (scene: Scene): Promise<string> => {
    const { body } = await render(Awaiting, propsOf(scene))
    return body.replace('<!----> later', '')
  }
  rendersOnServers(
    {
      name: `Svelte with ${name}`,
      render: { 'render()': (scene) => render(Page, propsOf(scene)).body, 'await render()': later },
    },
    html.Svelte,
  )
}
