import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Plugin, defineConfig } from 'vite'

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const pages = ['index', 'chat', 'game', 'dashboard', 'trading', 'lab'] as const

/** Every page has the same head and the same panels: `<!-- top -->` stands for page/top.html. */
const parts = (): Plugin => ({
  name: 'parts',
  transformIndexHtml: {
    order: 'pre',
    handler: (html, { filename }) =>
      html
        .replace(/<!-- (\w+) -->/g, (_, name: string) => readFileSync(path(`page/${name}.html`), 'utf8'))
        .replace(`href="./${basename(filename)}"`, (link) => `${link} aria-current="page"`),
  },
})

/** Says on every page that there is no server, and hides what needs one. */
const withoutServer = (): Plugin => ({
  name: 'without-server',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) =>
      html
        .replace('</head>', '<link rel="stylesheet" href="./styles/static.css" /></head>')
        .replace('<p class="me"', '<p class="where">Everything runs in this page, the server too.</p>$&'),
  },
})

/** `vite build demo` is for the demo's server; `vite build demo --mode static` needs none. */
export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  base: './',
  plugins: mode === 'static' ? [parts(), withoutServer()] : [parts()],
  resolve: {
    alias: {
      '@demo/backend': path(mode === 'static' ? 'page/memory.ts' : 'page/remote.ts'),
      // The pages import the package by its names, as an application does; here these stand for the sources.
      'holdfast/store': path('../src/store/index.ts'),
      'holdfast/testing': path('../src/testing/index.ts'),
      'holdfast/inspector': path('../src/inspector/index.ts'),
      holdfast: path('../src/index.ts'),
    },
  },
  build: {
    target: 'es2022',
    sourcemap: true,
    emptyOutDir: true,
    outDir: mode === 'static' ? 'dist-static' : 'dist',
    rolldownOptions: { input: pages.map((page) => path(`${page}.html`)) },
  },
  logLevel: 'warn',
}))
