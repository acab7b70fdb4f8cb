/** A page of Chromium's, asked over the DevTools protocol. Nothing is watched unless it is switched on. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { CpuProfile } from './profile.ts'

interface Commands {
  'Performance.enable': object
  'Performance.getMetrics': { readonly metrics: readonly { readonly name: string; readonly value: number }[] }
  'HeapProfiler.collectGarbage': object
  'Runtime.getHeapUsage': { readonly usedSize: number }
  'Profiler.enable': object
  'Profiler.start': object
  'Profiler.stop': { readonly profile: CpuProfile }
}

export interface DevTools {
  ask<Method extends keyof Commands>(method: Method): Promise<Commands[Method]>
}

interface Target {
  readonly type: string
  readonly url: string
  readonly webSocketDebuggerUrl: string
}

interface Answer {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** The page at this address, as soon as there is one. */
async function findPage(host: string, url: string): Promise<Target> {
  for (;;) {
    const targets = (await (await fetch(`http://${host}/json/list`)).json()) as Target[]
    const page = targets.find((target) => target.type === 'page' && target.url === url)
    if (page) return page
    await sleep(50)
  }
}

export async function connectDevTools(host: string, url: string): Promise<DevTools> {
  const page = await findPage(host, url)
  const socket = new WebSocket(page.webSocketDebuggerUrl, { perMessageDeflate: false })
  await once(socket, 'open')
  const questions = new Map<number, (answer: Answer) => void>()
  let lastId = 0
  socket.on('message', (text: Buffer) => {
    const answer = JSON.parse(text.toString()) as Answer
    questions.get(answer.id ?? 0)?.(answer)
  })
  const ask = (method: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId
      questions.set(id, ({ result, error }) => {
        questions.delete(id)
        if (error) reject(new Error(`${method}: ${error.message}`))
        else resolve(result)
      })
      socket.send(JSON.stringify({ id, method }))
    })
  await ask('Performance.enable')
  return { ask: ask as DevTools['ask'] }
}
