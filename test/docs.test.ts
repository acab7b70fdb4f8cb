/** What the documents say is so: links lead somewhere, programs compile, tables are complete, frames are as they are sent. */
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { world, type World } from 'holdfast/testing'
import { describe, expect, test } from 'vitest'
import { CONNECT_DEFAULTS, resolveOptions } from '../src/options.ts'
import { resolveServerOptions } from '../src/server/options.ts'

const root = resolve(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const documents = globSync(['*.md', 'docs/*.md'], { cwd: root }).toSorted()

/** A document without its code blocks. */
const prose = (file: string): string => read(file).replaceAll(/^```[^]*?^```$/gm, '')

/** The anchors of a document, as GitHub makes them of headings, and those that are written out. */
const anchors = (file: string): string[] => [
  ...[...prose(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  ),
  ...[...prose(file).matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id),
]

const leadsNowhere = (from: string, link: string): boolean => {
  const [path = '', anchor] = link.split('#')
  const file = path === '' ? from : relative(root, resolve(root, dirname(from), path))
  if (!existsSync(join(root, file))) return true
  return anchor !== undefined && !anchors(file).includes(anchor)
}

describe('links', () => {
  test.each(documents)('of %s lead somewhere', (file) => {
    const links = [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    expect(links.filter((link) => !/^https?:/.test(link) && leadsNowhere(file, link))).toEqual([])
  })

  test('of the sources lead somewhere', () => {
    const links = globSync('{src,test}/**/*.ts', { cwd: root }).flatMap((file) =>
      [...read(file).matchAll(/docs\/[a-z]+\.md(#[a-z-]+)?/g)].map(([link]) => ({ file, link })),
    )
    expect(links.length).toBeGreaterThan(10)
    expect(links.filter(({ link }) => leadsNowhere('README.md', link))).toEqual([])
  })
})

/** What a piece of a program may take for granted; a block that imports something is a program of its own. */
const prelude = `
import { connect, HoldfastError, RequestError, type Socket, type Schemas, type Codec } from 'holdfast'
import { createServer, type Server, type ServerSession } from 'holdfast/server'
import { world } from 'holdfast/testing'
import type { Chat, Message } from './chat.ts'
declare const socket: Socket<Chat>
interface User { id: string; name: string }
declare const server: Server<Chat, User>
declare const session: ServerSession<Chat, User>
declare const url: string
declare function getToken(): Promise<string>
`

/** What a document's blocks of code are as modules; of single-file components, their script. */
const programs = (file: string): { readonly name: string; readonly code: string }[] =>
  [...read(file).matchAll(/^```(tsx?|vue|svelte)\n([^]*?)^```$/gm)].map(([, language = '', block = ''], i) => {
    const script = /^<script[^>]*>\n([^]*?)^<\/script>$/m.exec(block)?.[1] ?? ''
    const unnamed = `${file.replaceAll(/\W/g, '-')}-${i}`
    if (language === 'vue') return { name: `${unnamed}.ts`, code: inFramework('vue', script) }
    if (language === 'svelte')
      return {
        name: `${unnamed}.svelte.ts`,
        code: `/// <reference types="svelte" />\n${inFramework('svelte', script)}`,
      }
    const name = /^\/\/ (\S+\.tsx?)\n/.exec(block)?.[1] ?? `${unnamed}.${language}`
    if (/ from 'solid-js/.test(block))
      return { name: `solid-${name}`, code: `/** @jsxImportSource solid-js */\n${inFramework('solid', block)}` }
    const isWhole = /^(import|export) /m.test(block)
    return { name, code: isWhole ? block : `${prelude}async () => {\n${block}\n}\n` }
  })

/** The hooks and components that documents import are React's; those of other frameworks stand beside them. */
const frameworks = ['vue', 'svelte', 'solid']
const inFramework = (framework: string, code: string): string =>
  code.replaceAll(/'\.\/(live\.ts|room\.tsx)'/g, `'./${framework}-$1'`)
/** What a single-file component is to those who import it. */
const components = `/// <reference types="svelte" />
declare module '*.vue' { const component: import('vue').Component; export default component }
`

test('programs compile', () => {
  const out = join(root, 'test/.out')
  mkdirSync(out, { recursive: true })
  const folder = mkdtempSync(join(out, 'docs-'))
  try {
    let count = 0
    writeFileSync(join(folder, 'components.d.ts'), components)
    for (const file of documents)
      for (const { name, code } of programs(file)) {
        writeFileSync(join(folder, name), code)
        if (name === 'live.ts')
          for (const framework of frameworks)
            writeFileSync(
              join(folder, `${framework}-live.ts`),
              code.replaceAll('holdfast/react', `holdfast/${framework}`),
            )
        count++
      }
    expect(count).toBeGreaterThan(10)
    const config = {
      extends: relative(folder, join(root, 'tsconfig.json')),
      compilerOptions: {
        // As pages are built: what other libraries export by default is CommonJS's, and bundlers find it.
        module: 'esnext',
        moduleResolution: 'bundler',
        jsx: 'react-jsx',
        paths: { holdfast: ['../../../src/index.ts'], 'holdfast/*': ['../../../src/*/index.ts'] },
        noUnusedLocals: false,
        noUnusedParameters: false,
      },
      include: ['.'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    let complaints = ''
    try {
      execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
        encoding: 'utf8',
      })
    } catch (error) {
      complaints = (error as { stdout: string }).stdout
    }
    expect(complaints).toBe('')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)

/** The first cells of all table rows. */
const firstCells = (file: string): string[] =>
  [...prose(file).matchAll(/^\| (`[^|]+`) +\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code),
  )

describe('tables', () => {
  test('of errors have each code once, and no other', () => {
    const codes = [...read('src/kernel/errors.ts').matchAll(/^ {2}\| '([a-z-]+)'$/gm)].map(([, code = '']) => code)
    expect(codes.length).toBeGreaterThan(10)
    expect(
      firstCells('docs/errors.md')
        .filter((code) => !/^\d/.test(code))
        .toSorted(),
    ).toEqual(codes.toSorted())
  })

  /** Each option with its default, as the tables show them. */
  const rows = (defaults: object, path = ''): [option: string, value: string][] =>
    Object.entries(defaults).flatMap(([name, value]: [string, object | string | number | undefined]) =>
      value instanceof Object ? rows(value, `${path}${name}.`) : [[path + name, `${value ?? '–'}`] as [string, string]],
    )

  test.each([
    ['docs/client.md', resolveOptions({}, CONNECT_DEFAULTS)],
    ['docs/server.md', resolveServerOptions({})],
  ])('of %s have each option with its default', (file, defaults) => {
    const told = [...prose(file).matchAll(/^\| `([\w.]+)` +\| (\S+(?: \d{3})*) +\|/gm)].map(
      ([, name = '', value = '']) => [name, value.replaceAll(/[`' ]/g, '')],
    )
    expect(told).toEqual(expect.arrayContaining(rows(defaults)))
  })

  test('of options in README.md have each name', () => {
    expect(firstCells('README.md')).toEqual(expect.arrayContaining(Object.keys(CONNECT_DEFAULTS)))
  })
})

interface Chat {
  toServer: { say: { text: string } }
  toClient: { said: { text: string } }
  requests: { history(input: { room: string }): string[] }
}

/** The client has heard of the break, is back, and what was left has been said. */
const comeBack = async ({ tabs, clock }: World<Chat>): Promise<void> => {
  await clock.advance(50)
  await clock.runUntil(() => tabs[0]!.socket.status.get().state === 'open')
  await clock.advance(100)
}

/** What each example of docs/protocol.md does, after the client's first event. */
const examples: Readonly<Record<string, (chat: World<Chat>) => Promise<unknown>>> = {
  connection: async ({ tabs, clock }) => {
    const { socket } = tabs[0]!
    const history = socket.request('history', { room: 'all' })
    await clock.advance(1_500)
    await history
    socket.send('say', { text: 'goodbye' })
    await Promise.all([socket.close(), clock.advance(500)])
  },
  resume: async (chat) => {
    const { tabs, clock, network } = chat
    await clock.advance(1_500)
    tabs[0]!.socket.send('say', { text: 'one' })
    await clock.advance(30)
    network.cut()
    await clock.advance(10)
    tabs[0]!.socket.send('say', { text: 'two' })
    await comeBack(chat)
  },
  lost: async (chat) => {
    const { tabs, clock, restart } = chat
    await clock.advance(1_500)
    tabs[0]!.socket.send('say', { text: 'one' })
    await clock.advance(10)
    restart()
    await comeBack(chat)
  },
  drain: async (chat) => {
    const { tabs, clock, server, restart } = chat
    await clock.advance(1_500)
    tabs[0]!.socket.send('say', { text: 'one' })
    await clock.advance(30)
    tabs[0]!.socket.send('say', { text: 'two' })
    await clock.advance(10)
    server.core.close({ retry: { after: 500, spread: 1_000 } })
    await clock.advance(100)
    restart()
    await comeBack(chat)
  },
}

/** The packets of a conversation in the manner of the document: what was sent, and where connections break. */
const talk = async (example: keyof typeof examples): Promise<string[]> => {
  const said: string[] = []
  const chat = world<Chat>({
    seed: 7,
    conditions: { latency: 20, jitter: 0 },
    server: { authenticate: ({ auth }) => auth },
    client: () => ({ auth: 'ann' }),
    serve: (server) =>
      server.on('session', (session) => {
        session.join('all')
        session.on('say', (message) => {
          said.push(message.text)
          server.to('all').send('said', message)
        })
        session.handle('history', () => said)
      }),
  })
  const { socket } = chat.tabs[0]!
  socket.on('said', () => {})
  socket.send('say', { text: 'hello' })
  await examples[example]!(chat)
  return chat.trace.events.flatMap(([, , what, detail]) => {
    const side = /^(client|server) sends$/.exec(what)?.[1]
    if (side) return `${side}  ${(detail as string).replaceAll('\n', '\n        ')}`
    return what === 'is cut' ? '# The connection breaks.' : []
  })
}

/** Random values by the order in which they are met. */
const anonymous = (packets: string): string => {
  const met: string[] = []
  return packets.replaceAll(/"[\w-]{22}"/g, (id) => {
    if (!met.includes(id)) met.push(id)
    return `<${met.indexOf(id)}>`
  })
}

test.each(Object.keys(examples))('the %s example of the protocol is what is sent', async (example) => {
  const block = new RegExp(`<!-- frames: ${example} -->\\s*\`\`\`text\n([^]*?)\n\`\`\``).exec(read('docs/protocol.md'))
  expect(anonymous(block?.[1] ?? '')).toBe(anonymous((await talk(example)).join('\n\n')))
})
