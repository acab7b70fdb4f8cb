/** What is published, as its users meet it. Needs `npm run build`. */
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const text = (file: string): string => readFileSync(join(root, file), 'utf8')

interface Manifest {
  readonly version: string
  readonly files: readonly string[]
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly unpkg: string
  readonly jsdelivr: string
}
const manifest = JSON.parse(text('package.json')) as Manifest
const entries = Object.entries(manifest.exports).flatMap(([name, target]) =>
  typeof target === 'string' ? [] : [{ name: name.replace(/^\./, 'holdfast'), ...target }],
)

/** Runs a program in a Node.js of its own, with the package under its own name, and answers with what it printed. */
function run(program: string): unknown {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    encoding: 'utf8',
    timeout: 20_000,
  })
  return JSON.parse(output)
}

describe('package.json', () => {
  test.each(entries)('$name leads to a module with its types, by name', ({ name, types, default: module }) => {
    expect([existsSync(join(root, types)), existsSync(join(root, module))]).toEqual([true, true])
    expect(run(`console.log(JSON.stringify(Object.keys(await import('${name}'))))`)).not.toEqual([])
  })

  test('what uses hooks of React is left to the browser by server components, and nothing else', () => {
    const isForClients = ({ default: module }: { readonly default: string }): boolean =>
      text(module).startsWith("'use client'\n")
    expect(entries.filter(isForClients).map(({ name }) => name)).toEqual(['holdfast/react'])
  })

  test('the file for a script tag is what CDNs serve', () => {
    expect([manifest.jsdelivr, manifest.unpkg]).toEqual(Array(2).fill('./dist/holdfast.iife.min.js'))
  })

  test.each([
    ['holdfast', 'nanoevents, MIT License'],
    ['store', 'idb, ISC License'],
    ['inspector', 'nanoevents, MIT License'],
  ])('%s.iife.min.js says its licences and leads to its source map', (name, included) => {
    const file = `dist/${name}.iife.min.js`
    const licences = `holdfast ${manifest.version} | MIT License | Holdfast contributors | includes ${included}`
    expect(text(file).slice(0, 200)).toContain(licences)
    expect(text(file).trimEnd()).toMatch(new RegExp(`//# sourceMappingURL=${name}\\.iife\\.min\\.js\\.map$`))
    expect(existsSync(join(root, `${file}.map`))).toBe(true)
  })

  test('modules say the licence of what is built into them', () => {
    const modules = globSync('dist/**/*.js', { cwd: root }).filter((file) => !file.endsWith('.iife.min.js'))
    const including = modules.filter((file) => text(file).slice(0, 200).includes('includes idb, ISC License'))
    expect(including).toEqual(modules.filter((file) => text(file).includes('IDBTransaction')))
    expect(including).toHaveLength(1)
    expect(text('dist/msgpack/index.js').slice(0, 200)).toContain('includes @msgpack/msgpack, ISC License')
  })

  test('every module has a source map that carries its sources', () => {
    const modules = globSync('dist/**/*.js', { cwd: root })
    expect(modules.length).toBeGreaterThan(entries.length)
    for (const module of modules) {
      const map = JSON.parse(text(`${module}.map`)) as { sources: string[]; sourcesContent: (string | null)[] }
      expect(map.sourcesContent, module).toHaveLength(map.sources.length)
      expect(map.sourcesContent.every(Boolean), module).toBe(true)
    }
  })

  test('an error is the same class in every entry that exports it', () => {
    const imports = entries.map(({ name }) => `import('${name}')`).join(', ')
    const program = `const all = await Promise.all([${imports}]); console.log(new Set(all.map((m) => m.HoldfastError).filter(Boolean)).size)`
    expect(run(program)).toBe(1)
  })
})

describe('importing', () => {
  const spy = (entry: string): string => `
    const used = []
    const watch = (object, name) => {
      const original = object[name]
      if (typeof original !== 'function') return
      object[name] = new Proxy(original, {
        apply: (target, self, args) => (used.push(name), Reflect.apply(target, self, args)),
        construct: (target, args) => (used.push(name), Reflect.construct(target, args)),
      })
    }
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'WebSocket',
      'EventSource', 'BroadcastChannel', 'MessageChannel', 'Worker', 'addEventListener']) watch(globalThis, name)
    watch(Math, 'random')
    for (const name of ['getRandomValues', 'randomUUID']) watch(Object.getPrototypeOf(crypto), name)
    const before = Reflect.ownKeys(globalThis)
    const listening = process.eventNames().length
    await import('${entry}')
    // What is watched here is what this realm holds open afterwards: sockets, timers, ports.
    const open = process.getActiveResourcesInfo().filter((name) => !/^(FSReqPromise|PipeWrap|TTYWrap|CloseReq)$/.test(name))
    const added = Reflect.ownKeys(globalThis).filter((key) => !before.includes(key)).map(String)
    console.log(JSON.stringify({ used, open, added, listening: process.eventNames().length - listening }))`

  test.each(entries)('$name does nothing: no timer, no socket, no chance, no global', ({ name, default: module }) => {
    // Its own modules only: what ws, Vue and Node.js do when they are loaded is theirs.
    const inert = { used: [], open: [], added: [], listening: 0 }
    const others: Readonly<Record<string, string>> = { 'holdfast/server': 'ws', 'holdfast/vue': 'vue' }
    const warm = name in others ? `await import('${others[name]}');` : ''
    expect(run(`${warm}${spy(join(root, module))}`)).toEqual(inert)
  })

  test('works without WebSocket, as on a server that renders pages', () => {
    const names = run(`delete globalThis.WebSocket; console.log(JSON.stringify(Object.keys(await import('holdfast'))))`)
    expect(names).toContain('connect')
  })
})

/** Bytes of what is imported so, brotli, as .size-limit.json has it. */
const measureSizes = (): ReadonlyMap<string, number> => {
  const output = execFileSync(process.execPath, [join(root, 'node_modules/size-limit/bin.js'), '--json'], {
    cwd: root,
    encoding: 'utf8',
  })
  return new Map((JSON.parse(output) as { name: string; size: number }[]).map(({ name, size }) => [name, size]))
}

describe('sizes', () => {
  const sizes = measureSizes()
  const kilobytes = (size: number): string => `${(size / 1000).toFixed(1)} kB`

  test('README.md tells those of connect, the drop-in class and the wires', () => {
    const claims = [...text('README.md').matchAll(/<!-- size ?([\w/]*) -->\s*([\d.]+ kB)\s*<!-- \/size -->/g)]
    expect(Object.fromEntries(claims.map(([, entry, size]) => [entry || 'holdfast', size]))).toEqual({
      holdfast: kilobytes(sizes.get("import { connect } from 'holdfast'")!),
      'holdfast/websocket': kilobytes(sizes.get("import { HoldfastWebSocket } from 'holdfast/websocket'")!),
      'holdfast/wire': kilobytes(sizes.get("import { connect, plain } from 'holdfast/wire'")!),
    })
  })

  test.each(['react', 'vue', 'svelte', 'solid'])(
    'the hooks of holdfast/%s are as small as docs/hooks.md says',
    (name) => {
      const shared = "import { connect, share } from 'holdfast'"
      const added = sizes.get(`${shared}, { createHooks } from 'holdfast/${name}'`)! - sizes.get(shared)!
      expect(text('docs/hooks.md')).toContain('at most 1.4 kB')
      expect(added).toBeGreaterThan(0)
      expect(added).toBeLessThan(1_400)
    },
  )
})
