import { behaves } from './contract.ts'
import { html } from './html.ts'
import { takesOver } from './servers.ts'
import { solidDriver } from './solid-driver.ts'

behaves(solidDriver)
takesOver(solidDriver, html.Solid)
