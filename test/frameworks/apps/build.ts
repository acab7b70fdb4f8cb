/**
 * Builds the page of each framework with Vite, as its users would, from the packed package and nothing of the sources. What else they
 * import is that of this repository, which is found further up.
 *
 *     node test/frameworks/apps/build.ts holdfast-0.1.0.tgz
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import vue from '@vitejs/plugin-vue'
import { type PluginOption, build } from 'vite'
import solid from 'vite-plugin-solid'
import { type Page, home, pages } from './pages.ts'

/** JSX as React has it, Vite knows by itself. */
const plugins: Readonly<Record<Page['framework'], () => PluginOption>> = { react: () => [], vue, svelte, solid }

const copy = (file: string, folder: string): void =>
  cpSync(join(import.meta.dirname, file), join(folder, file), { recursive: true })

function install(tarball: string): void {
  const target = join(home, 'node_modules/holdfast')
  rmSync(home, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'])
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'apps', type: 'module', private: true }))
  copy('contract.ts', home)
}

/** Nothing in the package gives a bundler a reason to complain, but `'use client'`, which means nothing to it. */
function complain({ code, message }: { readonly code?: string; readonly message: string }): void {
  if (code !== 'MODULE_LEVEL_DIRECTIVE') throw new Error(message)
}

async function buildPage({ name, framework, mode }: Page): Promise<void> {
  const root = join(home, name)
  cpSync(join(import.meta.dirname, framework), root, { recursive: true })
  copy('index.html', root)
  copy('style.css', root)
  await build({
    configFile: false,
    root,
    mode,
    plugins: [plugins[framework]()],
    // Vite would take this from the environment, which is the same for all.
    define: { 'process.env.NODE_ENV': JSON.stringify(mode) },
    build: {
      minify: mode === 'production',
      reportCompressedSize: false,
      chunkSizeWarningLimit: Infinity,
      // How long it took, is nobody's fault.
      rolldownOptions: { onwarn: complain, checks: { bundlerTimings: false } },
    },
    logLevel: 'warn',
  })
}

const [tarball] = process.argv.slice(2)
if (tarball === undefined) throw new Error('Which tarball? `npm pack` makes one.')
install(resolve(tarball))
await Promise.all(pages.map(buildPage))
