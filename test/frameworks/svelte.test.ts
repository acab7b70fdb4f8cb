import { behaves } from './contract.ts'
import { html } from './html.ts'
import { takesOver } from './servers.ts'
import { svelteDriver } from './svelte-driver.ts'
import Runes from './svelte/Runes.svelte'
import Stores from './svelte/Stores.svelte'

for (const driver of [svelteDriver('Svelte with runes', Runes), svelteDriver('Svelte with stores', Stores)]) {
  behaves(driver)
  takesOver(driver, html.Svelte)
}
