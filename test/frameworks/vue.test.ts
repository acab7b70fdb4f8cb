import { beforeEach, vi } from 'vitest'
import { behaves } from './contract.ts'
import { html } from './html.ts'
import { takesOver } from './servers.ts'
import { vueDriver } from './vue-driver.ts'

// Vue says of Suspense that it may change.
beforeEach(() => void vi.spyOn(console, 'info').mockImplementation(() => {}))

behaves(vueDriver)
takesOver(vueDriver, html.Vue)
