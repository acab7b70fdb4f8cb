/** In a file of its own: one component that awaits changes how all are run. */
import { behaves } from './contract.ts'
import { html } from './html.ts'
import { takesOver } from './servers.ts'
import { svelteDriver } from './svelte-driver.ts'
import Pending from './svelte/Pending.svelte'
import Runes from './svelte/Runes.svelte'

const driver = svelteDriver('Svelte with await', Runes, Pending)
behaves(driver)
takesOver({ ...driver, hydrate: svelteDriver('', Runes).hydrate }, html.Svelte)
