/** The shape of src/, as docs/architecture.md tells it. Types count: an `import type` is an import. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseSync } from 'rolldown/utils'
import { describe, expect, test } from 'vitest'

const src = resolve(import.meta.dirname, '../src')

/** From the top down: a room imports from itself and from rooms above it. */
const rooms = ['kernel', 'protocol', 'platform', 'transports', 'session', 'features', 'root']
/** They stand beside the house and use all of it; testing also uses what of the server does without Node.js, and of the drop-in what is standard; frameworks what hooks have in common. */
const annexes = [
  'server',
  'store',
  'msgpack',
  'websocket',
  'wire',
  'inspector',
  'testing',
  'hooks',
  'react',
  'vue',
  'svelte',
  'solid',
]
/** Annexes that use others: whole ones, or files. */
const uses: Readonly<Record<string, readonly string[]>> = {
  testing: ['server', 'websocket/standard.ts'],
  react: ['hooks'],
  vue: ['hooks'],
  svelte: ['hooks'],
  solid: ['hooks'],
}
/** Packages that whoever imports such an annex has. */
const peers: Readonly<Record<string, readonly string[]>> = {
  react: ['react'],
  vue: ['vue'],
  svelte: ['svelte', 'svelte/store'],
  solid: ['solid-js'],
}
/** Packages that are built into what is published. */
const inlined: Readonly<Record<string, readonly string[]>> = {
  store: ['idb'],
  msgpack: ['@msgpack/msgpack'],
}

/** Pure rooms are told the time, chance and the world. */
const pure = ['kernel', 'protocol']
const impure = new Set(
  [
    ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'],
    ['queueMicrotask', 'requestAnimationFrame', 'requestIdleCallback', 'Promise', 'AbortController', 'AbortSignal'],
    ['Date', 'performance', 'crypto', 'navigator', 'window', 'document', 'self', 'globalThis', 'global', 'process'],
    ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'localStorage', 'sessionStorage', 'indexedDB'],
    ['console', 'reportError'],
  ].flat(),
)

const longest = 250

interface File {
  readonly path: string
  readonly room: string
  readonly lines: number
  /** Files of src/ that it imports, relative to src/. */
  readonly imports: readonly string[]
  /** Everything else that it imports. */
  readonly packages: readonly string[]
  /** What it uses and mustn't, were it pure. */
  readonly impurities: readonly string[]
}

type Node = Readonly<Record<string, unknown>> & { readonly type: string }

const files = new Map(
  globSync('**/*.ts', { cwd: src })
    .toSorted()
    .map((path) => [path, read(path, readFileSync(join(src, path), 'utf8'))]),
)

function read(path: string, text: string): File {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join(', ')}`)
  const specifiers = new Set<string>()
  const impurities = new Set<string>()
  const declared = new Set<string>()
  const used = new Set<string>()
  walk(program, (node, parent, key) => {
    const source = importSource(node)
    if (source !== undefined) specifiers.add(source)
    if (node['async'] === true) impurities.add('async')
    if (node.type === 'AwaitExpression') impurities.add('await')
    if (isMathRandom(node)) impurities.add('Math.random')
    if (isDeclaration(parent, key)) for (const name of namesIn(node)) declared.add(name)
    if (node.type === 'Identifier' && isReference(parent, key)) used.add(node['name'] as string)
  })
  for (const name of used) if (impure.has(name) && !declared.has(name)) impurities.add(name)
  const isLocal = (specifier: string): boolean => specifier.startsWith('.')
  return {
    path,
    room: rooms.concat(annexes).find((room) => path.startsWith(`${room}/`)) ?? 'root',
    lines: text.trimEnd().split('\n').length,
    imports: [...specifiers].filter(isLocal).map((specifier) => relative(src, resolve(src, dirname(path), specifier))),
    packages: [...specifiers].filter((specifier) => !isLocal(specifier)),
    impurities: [...impurities],
  }
}

function walk(value: unknown, visit: (node: Node, parent: Node, key: string) => void, parent?: Node, key = ''): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit, parent, key)
  } else if (isNode(value)) {
    visit(value, parent ?? value, key)
    for (const [name, child] of Object.entries(value)) walk(child, visit, value, name)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}

/** `import`, `export … from`, `import()` and `import('…')` types alike. */
function importSource(node: Node): string | undefined {
  const importing = /^(Import|Export(Named|All)Declaration|TSImportType)/.test(node.type)
  const source = importing ? (node['source'] ?? node['argument']) : undefined
  const literal = isNode(source) && source.type === 'TSLiteralType' ? source['literal'] : source
  return isNode(literal) && typeof literal['value'] === 'string' ? literal['value'] : undefined
}

function isMathRandom({ type, object, property }: Node): boolean {
  const name = (node: unknown): unknown => (isNode(node) ? node['name'] : undefined)
  return type === 'MemberExpression' && name(object) === 'Math' && name(property) === 'random'
}

/** Whether this place gives names to values: variables, parameters, functions, classes, imports. */
function isDeclaration(parent: Node, key: string): boolean {
  if (parent.type.startsWith('TS')) return false
  return ['id', 'params', 'param'].includes(key) || (key === 'local' && parent.type.startsWith('Import'))
}

/** The names that a pattern gives. */
function namesIn(pattern: unknown): string[] {
  if (Array.isArray(pattern)) return pattern.flatMap(namesIn)
  if (!isNode(pattern)) return []
  if (pattern.type === 'Identifier') return [pattern['name'] as string]
  return ['elements', 'properties', 'value', 'left', 'argument'].flatMap((part) => namesIn(pattern[part]))
}

/** Whether an identifier in this place stands for a value at run time, and doesn't just name a property or a type. */
function isReference(parent: Node, key: string): boolean {
  if (parent.type.startsWith('TS')) return key === 'expression' && /(Expression|Assertion)$/.test(parent.type)
  if (key === 'property' || key === 'key') return parent['computed'] === true
  return !['imported', 'exported', 'label'].includes(key)
}

/** Every file that a file leads to, itself included. */
function reach(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen
  seen.add(path)
  for (const next of files.get(path)?.imports ?? []) reach(next, seen)
  return seen
}

const broken = (check: (file: File) => string[]): string[] =>
  [...files.values()].flatMap((file) => check(file).map((complaint) => `${file.path}: ${complaint}`))

describe('src', () => {
  test('is all in rooms that are known', () => {
    expect([...new Set([...files.keys()].map((path) => path.split('/').slice(0, -1).join('/')))].toSorted()).toEqual(
      ['', ...rooms.filter((room) => room !== 'root'), ...annexes].toSorted(),
    )
  })

  test('imports files that are there', () => {
    expect(broken(({ imports }) => imports.filter((path) => !files.has(path)))).toEqual([])
  })

  test('imports upwards only', () => {
    const forbidden = (file: File, target: string): boolean => {
      const room = files.get(target)?.room ?? 'root'
      if (room === file.room) return false
      if (annexes.includes(room)) return !uses[file.room]?.some((used) => used === room || used === target)
      return !annexes.includes(file.room) && rooms.indexOf(room) > rooms.indexOf(file.room)
    }
    expect(broken((file) => file.imports.filter((target) => forbidden(file, target)))).toEqual([])
  })

  test('imports in no circle', () => {
    expect(broken(({ path, imports }) => imports.filter((target) => reach(target).has(path)))).toEqual([])
  })

  test('imports packages that its users have', () => {
    const manifest = JSON.parse(readFileSync(resolve(src, '../package.json'), 'utf8')) as Record<string, object>
    const dependencies = Object.keys(manifest['dependencies'] ?? {})
    const onServers = [...dependencies, ...Object.keys(manifest['peerDependencies'] ?? {})]
    const had = ({ room }: File, name: string): boolean =>
      room === 'server'
        ? name.startsWith('node:') || onServers.includes(name)
        : [...dependencies, ...(inlined[room] ?? []), ...(peers[room] ?? [])].includes(name)
    expect(broken((file) => file.packages.filter((name) => !had(file, name)))).toEqual([])
  })

  test('keeps Node.js out of what browsers run', () => {
    const entries = [
      ...reach('index.ts')
        .union(reach('store/index.ts'))
        .union(reach('msgpack/index.ts'))
        .union(reach('websocket/index.ts'))
        .union(reach('wire/index.ts'))
        .union(reach('inspector/index.ts'))
        .union(reach('react/index.ts'))
        .union(reach('svelte/index.ts'))
        .union(reach('vue/index.ts'))
        .union(reach('solid/index.ts'))
        .union(reach('testing/index.ts')),
    ]
    const onNode = (path: string): boolean =>
      files.get(path)?.packages.some((name) => name === 'ws' || name.startsWith('node:')) ?? false
    expect(entries.filter(onNode)).toEqual([])
  })

  test('is pure where it says so', () => {
    expect(broken(({ room, impurities }) => (pure.includes(room) ? [...impurities] : []))).toEqual([])
  })

  test(`is in files of at most ${longest} lines`, () => {
    expect(broken(({ lines }) => (lines > longest ? [`${lines} lines`] : []))).toEqual([])
  })
})

describe('this test sees', () => {
  test.each([
    ["import type { A } from './a.ts'", 'a.ts'],
    ["export { a } from './a.ts'", 'a.ts'],
    ["export * from '../a.ts'", '../a.ts'],
    ["type A = import('./a.ts').A", 'a.ts'],
    ["const a = await import('./a.ts')", 'a.ts'],
    ["import './a.ts'", 'a.ts'],
  ])('an import: %s', (text, path) => {
    expect(read('x.ts', text).imports).toEqual([path])
  })

  test.each([
    ['setTimeout(() => {}, 1)', 'setTimeout'],
    ['export const now = (clock = Date.now) => clock()', 'Date'],
    ['const { now } = performance', 'performance'],
    ['new Promise(() => {})', 'Promise'],
    ['value instanceof Promise', 'Promise'],
    ['const late = async () => {}', 'async'],
    ['const two = Math.random() * 2', 'Math.random'],
    ['use({ document })', 'document'],
    ['clock.performance = performance', 'performance'],
    ['const { wait = setTimeout } = options', 'setTimeout'],
    ['class Late extends Promise {}', 'Promise'],
    ['use(window as unknown)', 'window'],
    ['if (typeof navigator === "object") use()', 'navigator'],
  ])('an impurity: %s', (text, impurity) => {
    expect(read('kernel/x.ts', text).impurities).toEqual([impurity])
  })

  test.each([
    'type Later = Promise<string>',
    'interface Clock { setTimeout(at: Date): void }',
    'const at = clock.performance',
    'const names = { document: 1, fetch() {} }',
    'export const slide = ({ window, at: [self] }: Slide) => window + self',
    'export function slide(window: number[]): number { return window.length }',
  ])('no impurity: %s', (text) => {
    expect(read('kernel/x.ts', text).impurities).toEqual([])
  })
})
