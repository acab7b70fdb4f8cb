/**
 * Starts, once for each engine, what the pages under test need from outside: the built files for a script tag, and
 * scenarios (a server behind a fault proxy) that pages open and control over HTTP, see remote.ts.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import sirv from 'sirv'
import type { TestProject } from 'vitest/node'
import { engines, requireBrowser } from '../tools/browsers.ts'
import { Scenario, commands } from '../tools/scenario.ts'
import type { Instruction } from './remote.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** `http://127.0.0.1:port`: scenarios at /scenarios, the built files at /dist/, a page at /script-tag.html. */
    readonly outside: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = engines.find((name) => project.name.startsWith(name))
  if (engine === undefined) throw new Error(`${project.name} is no browser's project.`)
  requireBrowser(engine)

  const scenarios = new Map<string, Scenario>()
  const files = sirv(`${project.config.root}/dist`, { dev: true })
  const server = createServer((request, response) => {
    // Pages are served from another origin. A script in a tag needs no leave; a fetch does.
    response.setHeader('access-control-allow-origin', '*')
    if (request.url === '/scenarios') void obey(scenarios, request, response)
    else if (request.url?.startsWith('/dist/')) {
      request.url = request.url.slice('/dist'.length)
      files(request, response, () => void response.writeHead(404).end())
    } else if (request.url?.startsWith('/script-tag.html')) {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(readFileSync(`${import.meta.dirname}/script-tag.html`))
    } else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  project.provide('outside', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)

  return async () => {
    await Promise.all([...scenarios.values()].map((scenario) => scenario.close()))
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
}

async function obey(scenarios: Map<string, Scenario>, request: IncomingMessage, response: ServerResponse) {
  try {
    const answer = await carryOut(scenarios, JSON.parse(await text(request)) as Instruction)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? null))
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
}

async function carryOut(scenarios: Map<string, Scenario>, instruction: Instruction): Promise<unknown> {
  if (instruction.command === 'open') {
    const opened = await Scenario.open(instruction.kind)
    scenarios.set(opened.host, opened)
    return opened.host
  }
  const { host, command, args } = instruction
  const scenario = scenarios.get(host)
  if (!scenario) throw new Error(`There is no scenario at ${host}.`)
  if (!commands.includes(command)) throw new Error(`A scenario has no command ${command}.`)
  if (command === 'close') scenarios.delete(host)
  const act = scenario[command].bind(scenario) as (...values: readonly unknown[]) => unknown
  return act(...args)
}
