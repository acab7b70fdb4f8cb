/** Packages to compare with: installed on demand, and no part of the project. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { install } from '../tools/programs.ts'
import { root } from '../tools/suites.ts'

const folder = join(root, 'node_modules/.cache/bench-peers')
const manifest = join(folder, 'package.json')
const manifestOf = (name: string): string => join(folder, 'node_modules', name, 'package.json')

/** Resolves them. */
export const requirePeer = createRequire(manifest)

/** Installs those that are missing. */
export async function ensurePeers(names: readonly string[]): Promise<void> {
  const missing = names.filter((name) => !existsSync(manifestOf(name)))
  if (missing.length === 0) return
  mkdirSync(folder, { recursive: true })
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n')
  await install('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, ...missing])
}

/** The version that is installed. */
export const versionOf = (name: string): string =>
  (JSON.parse(readFileSync(manifestOf(name), 'utf8')) as { version: string }).version
