/** What HTTP carriers cost on the wire, counted by the proxy, is what the protocol's description says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { HttpExchange, HttpRequest } from '../tools/http-faults.ts'
import { isOpen, open, serve, status } from './support/backend.ts'
import { Seen } from './support/seen.ts'

/** With `["say",""]` around it, or `["said",""]` around all but its first character, 100 bytes. */
const text = 'x'.repeat(90)

/** The exchanges of a session in which the client says something and the server answers, twice; each time is over before the next. */
async function converse(transport: 'http' | 'long-polling'): Promise<readonly HttpExchange[]> {
  const { proxy, url } = await serve({
    session(session) {
      session.on('say', (said) => session.send('said', said.slice(1)))
    },
  })
  const socket = open(url, { transport })
  const heard = new Seen<string>()
  socket.on('said', heard.add)
  await status(socket, isOpen)
  for (const time of [1, 2]) {
    socket.send('say', text)
    await heard.first(time)
    await expect.poll(() => proxy.exchanges.filter(isAnswered(isPush)).length).toBe(time)
  }
  return proxy.exchanges
}

const isPush = ({ text: body }: HttpRequest): boolean => body.includes('"say"')
const isPoll = ({ text: body }: HttpRequest): boolean => !body.includes('"push"')
const isAnswered =
  (fits: (request: HttpRequest) => boolean) =>
  ({ request, answer }: HttpExchange): boolean =>
    fits(request) && answer?.isComplete === true

/** The sizes of a row: heads and bodies of a request and its answer. */
const sizes = ({ request, answer }: HttpExchange): number[] => [request.head, request.body, answer!.head, answer!.body]

/** The sizes that are documented, by row. */
function documented(): Map<string, number[]> {
  const [, table = ''] = readFileSync(join(import.meta.dirname, '../../docs/protocol.md'), 'utf8').split(
    '<!-- bytes: http -->\n\n',
  )
  const rows = table.split('\n\n', 1)[0]!.split('\n').slice(2)
  return new Map(
    rows.map((row) => {
      const [name = '', ...cells] = row.split('|').slice(1, -1)
      return [name.trim(), cells.map(Number)]
    }),
  )
}

test('an exchange has as many bytes as documented', async () => {
  const polled = await converse('long-polling')
  const streamed = await converse('http')
  const stream = sizes(streamed.find(({ request }) => isPoll(request))!)
  // A line of 100 bytes and its end, in a chunk.
  const onStream = '65\r\n'.length + 101 + '\r\n'.length
  const measured = new Map([
    ['a push that brings it', sizes(polled.find(isAnswered(isPush))!)],
    ['a poll that fetches it', sizes(polled.find(isAnswered(isPoll))!)],
    ['a stream, before it', [...stream.slice(0, 3), stream[3]! - 2 * onStream]],
    ['a stream, for it', [0, 0, 0, onStream]],
  ])
  expect(documented()).toEqual(measured)
})
