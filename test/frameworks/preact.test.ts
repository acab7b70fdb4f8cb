import { vi } from 'vitest'
import { behaves } from './contract.ts'
import { html } from './html.ts'
import { reactDriver } from './react-driver.ts'
import { takesOver } from './servers.ts'

// What an alias does for a bundler. https://preactjs.com/guide/v10/getting-started#aliasing-react-to-preact
vi.mock('react', () => import('preact/compat'))
vi.mock('react-dom', () => import('preact/compat'))
vi.mock('react-dom/client', () => import('preact/compat/client'))

const driver = reactDriver('Preact')
behaves(driver)
takesOver(driver, html.React)
