/** The same page, once for each framework. */
import { join, resolve } from 'node:path'

/** Where they are built. */
export const home = resolve(import.meta.dirname, '../../.out/apps')

/** Where a page was built. */
export const builtAt = (name: string): string => join(home, name, 'dist')

export interface Page {
  readonly name: string
  /** The folder with its sources. */
  readonly framework: 'react' | 'vue' | 'svelte' | 'solid'
  readonly mode: 'production' | 'development'
}

export const pages: readonly Page[] = [
  { name: 'react', framework: 'react', mode: 'production' },
  // Only here, StrictMode mounts twice.
  { name: 'react-development', framework: 'react', mode: 'development' },
  { name: 'vue', framework: 'vue', mode: 'production' },
  { name: 'svelte', framework: 'svelte', mode: 'production' },
  { name: 'solid', framework: 'solid', mode: 'production' },
]
