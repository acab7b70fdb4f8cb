import { StrictMode } from 'react'
import { behaves } from './contract.ts'
import { html } from './html.ts'
import { reactDriver } from './react-driver.ts'
import { takesOver } from './servers.ts'

for (const driver of [reactDriver('React'), reactDriver('React in StrictMode', StrictMode)]) {
  behaves(driver)
  takesOver(driver, html.React)
}
