import { readFileSync, rmSync } from 'node:fs'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { minify, transform } from 'rolldown/utils'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))

/** What is built in, with its licence: nanoevents where there is nobody to install it, the others wherever they are used. */
const bundled = {
  nanoevents: 'MIT License, Andrey Sitnik',
  idb: 'ISC License, Jake Archibald',
  '@msgpack/msgpack': 'ISC License, The MessagePack Community',
}
/** What server components must leave to the browser. https://react.dev/reference/rsc/use-client */
const clientOnly = ['react/index']
const banner = ({ name, moduleIds }) => {
  const included = Object.entries(bundled)
    .filter(([name]) => moduleIds.some((id) => id.includes(`/node_modules/${name}/`)))
    .map(([name, licence]) => ` | includes ${name}, ${licence}`)
  // Rollup drops the directive where a module has it.
  const directive = clientOnly.includes(name) ? "'use client'\n" : ''
  return `${directive}/*! holdfast ${version} | MIT License | Holdfast contributors${included.join('')} */`
}

/** The oldest syntax that browsers are asked to understand. */
const target = 'es2022'

/** Rollup's own parser reads JavaScript: types go, syntax comes down to the target. */
const typescript = {
  name: 'typescript',
  async transform(code, id) {
    if (!id.endsWith('.ts')) return null
    return succeeded(await transform(id, code, { target, sourcemap: true }))
  },
}

/** Names at the top level stay: one of them is the global. */
const minified = {
  name: 'minified',
  async renderChunk(code, { fileName }) {
    const options = {
      compress: { target },
      mangle: { toplevel: false },
      codegen: { legalComments: 'inline' },
      sourcemap: true,
    }
    return succeeded(await minify(fileName, code, options))
  },
}

function succeeded({ code, map, errors }) {
  if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'))
  return { code, map }
}

/** What was built before is not part of what is built now. */
const clean = {
  name: 'clean',
  buildStart() {
    rmSync(new URL('dist', import.meta.url), { recursive: true, force: true })
  },
}

const onLog = (level, log, handler) => handler(level === 'warn' ? 'error' : level, log)

/** For a script tag: everything in one file. */
const scriptTag = (input, name, file) => ({
  input,
  plugins: [nodeResolve(), typescript, minified],
  onLog,
  output: { file, format: 'iife', name, banner, sourcemap: true },
})

export default [
  {
    // One graph for all entries: what they share lies in shared chunks, so an error class is the same class everywhere.
    input: {
      index: 'src/index.ts',
      'store/index': 'src/store/index.ts',
      'msgpack/index': 'src/msgpack/index.ts',
      'websocket/index': 'src/websocket/index.ts',
      'wire/index': 'src/wire/index.ts',
      'inspector/index': 'src/inspector/index.ts',
      'react/index': 'src/react/index.ts',
      'svelte/index': 'src/svelte/index.ts',
      'vue/index': 'src/vue/index.ts',
      'solid/index': 'src/solid/index.ts',
      'server/index': 'src/server/index.ts',
      'testing/index': 'src/testing/index.ts',
    },
    external: ['nanoevents', 'react', 'solid-js', 'svelte', 'svelte/store', 'vue', 'ws', /^node:/],
    plugins: [clean, nodeResolve({ resolveOnly: ['idb', '@msgpack/msgpack'] }), typescript],
    onLog,
    output: {
      dir: 'dist',
      format: 'es',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name].js',
      banner,
      sourcemap: true,
    },
  },
  scriptTag('src/index.ts', 'holdfast', 'dist/holdfast.iife.min.js'),
  scriptTag('src/store/index.ts', 'holdfastStore', 'dist/store.iife.min.js'),
  scriptTag('src/inspector/script-tag.ts', 'holdfastInspector', 'dist/inspector.iife.min.js'),
]
