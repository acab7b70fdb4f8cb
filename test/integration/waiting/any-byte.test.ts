/** Property: a connection may be cut at any byte of what travels, either way, and it costs nothing. */
import { setTimeout as pause } from 'node:timers/promises'
import * as fc from 'fast-check'
import type { Lost } from 'holdfast'
import { expect, test } from 'vitest'
import { FaultProxy } from '../../tools/fault-proxy.ts'
import { open, serve } from '../support/backend.ts'
import { Seen } from '../support/seen.ts'

/**
 * The conversation below is about 1.5 kB each way with its handshake, so a cut can fall anywhere: into the upgrade, the
 * hello, the welcome, a frame's header, a character, a binary message, an acknowledgement, or after all of it.
 */
test('a cut at any byte, either way, costs nothing', { timeout: 120_000 }, async () => {
  const texts = Array.from({ length: 12 }, (_, index) => `${index} ${'ü€😀'.repeat(index)}`)
  const cut = fc.record({
    direction: fc.constantFrom('up' as const, 'down' as const),
    at: fc.integer({ min: 0, max: 1800 }),
  })
  let heard = new Seen<string>()
  const backend = await serve({
    session(session) {
      session.on('say', (text) => {
        heard.add(text)
        session.send('said', text)
      })
      session.on('bytes', (bytes) => session.send('bytes', bytes))
      session.handle('add', ([left, right]) => left + right)
      session.handleStream('count', async function* (to) {
        for (let number = 1; number <= to; number++) yield await Promise.resolve(number)
      })
    },
  })
  // A server that is hardly older than a client cannot answer for what became of the client's first connection.
  await pause(1_000)
  await fc.assert(
    fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 4 }), async (cuts) => {
      heard = new Seen<string>()
      const said = new Seen<string>()
      const bytes = new Seen<Uint8Array>()
      const before = backend.sessions.all.length
      await using proxy = await FaultProxy.start({ target: { port: backend.port } })
      void (async () => {
        for (const { direction, at } of cuts) await proxy.cutAfterBytes(direction, at)
      })()
      const socket = open(`ws://${proxy.host}/live`, { backoff: { base: 1, factor: 1, max: 1, jitter: 0 } })
      socket.on('said', said.add)
      socket.on('bytes', bytes.add)
      const lost = new Seen<Lost>()
      socket.onLost(lost.add)
      for (const text of texts.slice(0, 4)) socket.send('say', text)
      const sum = socket.request('add', [1, 2])
      for (const text of texts.slice(4, 8)) socket.send('say', text)
      socket.send('bytes', Uint8Array.of(1, 2, 3))
      await said.first(8)
      for (const text of texts.slice(8)) socket.send('say', text)
      const items: number[] = []
      for await (const item of socket.stream('count', 20)) items.push(item)
      await socket.flush()
      expect(await sum).toBe(3)
      await said.first(texts.length)
      expect(said.all).toEqual(texts)
      expect(heard.all).toEqual(texts)
      expect(bytes.all).toEqual([Uint8Array.of(1, 2, 3)])
      expect(items).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
      expect(lost.all).toEqual([])
      expect([socket.errors, backend.errors.all]).toEqual([{}, []])
      expect(backend.sessions.all.length - before).toBe(1)
      await socket.close({ timeout: 0 })
    }),
    { numRuns: 150, endOnFailure: true },
  )
})
