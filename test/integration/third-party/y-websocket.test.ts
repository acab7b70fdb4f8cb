/** Yjs over y-websocket with its server: what is written on either side of a broken connection comes together. */
import { docs, setupWSConnection } from '@y/websocket-server/utils'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'
import { expect, onTestFinished, test } from 'vitest'
import { OneConnection, serve } from './support/backend.ts'

const patient = { timeout: 15_000, interval: 5 }

test('two documents come to be the same, whatever is written while they cannot talk', async () => {
  const { proxy, url } = await serve((websockets) =>
    websockets.on('connection', (socket, request) => setupWSConnection(socket, request)),
  )
  onTestFinished(() => docs.get('paper')?.destroy())
  const writers = ['ann', 'bob'].map((name) => {
    const doc = new Doc()
    const provider = new WebsocketProvider(url, 'paper', doc, {
      WebSocketPolyfill: OneConnection,
      maxBackoffTime: 20,
      // They would talk past the server.
      disableBc: true,
    })
    onTestFinished(() => {
      provider.destroy()
      doc.destroy()
    })
    return { name, provider, lines: doc.getArray<string>('lines') }
  })
  const written: string[] = []
  const write = (what: string): void => {
    for (const { name, lines } of writers) {
      const line = `${name}, ${what}`
      lines.push([line])
      written.push(line)
    }
  }
  const same = async (): Promise<void> => {
    const all = written.toSorted()
    await expect.poll(() => writers.map(({ lines }) => lines.toArray().toSorted()), patient).toEqual([all, all])
  }

  for (let round = 1; round <= 4; round++) {
    await expect.poll(() => writers.map(({ provider }) => provider.synced), patient).toEqual([true, true])
    write(`${round}: over a connection that breaks`)
    proxy.cut()
    write(`${round}: while there is none`)
    await same()
    write(`${round}: over one that holds`)
    await same()
  }
  const [ann, bob] = writers.map(({ lines }) => lines.toArray())
  expect(ann).toEqual(bob)
  expect(proxy.accepted).toBe(10)
  await expect.poll(() => proxy.open).toBe(2)
})
