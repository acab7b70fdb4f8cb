/** The suite for servers against our own, on real sockets, as somebody would run it who wrote one in another language. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type ServerHarness, serverCases, trialApplication, type TrialContract } from 'holdfast/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { createServer } from 'holdfast/server'
import { fetchPost } from '../../../src/transports/fetch.ts'
import { webSocketTransport } from '../../../src/transports/websocket.ts'
import { startHttpServer } from '../../tools/http-server.ts'

/** Reasonable here: both ends are in this process, which has other things to do. */
const LONGEST_WAIT = 20_000

const harness: { -readonly [part in keyof ServerHarness]: ServerHarness[part] } = {
  transport: webSocketTransport,
  post: fetchPost('same-origin'),
  url: '',
  until: async (condition) => {
    const deadline = performance.now() + LONGEST_WAIT
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`it did not happen within ${LONGEST_WAIT} ms`)
      await sleep(1)
    }
  },
  settle: () => sleep(50),
}

beforeAll(async () => {
  const server = createServer<TrialContract>({ authenticate: trialApplication.authenticate })
  server.on('error', () => {})
  trialApplication.serve(server)
  const http = await startHttpServer((to) => void server.attach(to))
  harness.url = `ws://127.0.0.1:${http.port}/live`
  return async () => {
    await http.kill()
    void server.close()
  }
})

describe.concurrent('our server conforms', () => {
  test.for(serverCases)('$name', async ({ run }) => {
    await expect(run(harness)).resolves.toBeUndefined()
  })
})
