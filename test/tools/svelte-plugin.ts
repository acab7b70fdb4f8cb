import type { Plugin } from 'vitest/config'

/** Compiles components for where they are to run. The compiler is loaded when there is one: most tests have none. */
export const svelte = (): Plugin => ({
  name: 'svelte',
  async transform(code, id) {
    if (!id.endsWith('.svelte')) return null
    const { compile } = await import('svelte/compiler')
    const generate = this.environment.name === 'client' ? 'client' : 'server'
    const async = code.includes('await ')
    const { js } = compile(code, { filename: id, generate, dev: true, experimental: { async } })
    return js
  },
})
