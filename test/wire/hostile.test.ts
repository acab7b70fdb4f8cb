/** Whatever a server says: no crash, no hang, and each message is heard, answered or counted. */
import fc from 'fast-check'
import { type Wire, jsonRpc, plain } from 'holdfast/wire'
import { expect, test } from 'vitest'
import { stage } from './stage.ts'

const word = fc.constantFrom<unknown>(
  'type',
  'id',
  'known',
  'asked',
  '__proto__',
  'constructor',
  1,
  2,
  null,
  true,
  -0.5,
  [],
  {},
)
const fields = fc.dictionary(
  fc.constantFrom('type', 'data', 'id', 'error', 'jsonrpc', 'method', 'params', 'result', '__proto__', 'toString'),
  fc.oneof(word, fc.array(word, { maxLength: 2 }), fc.dictionary(fc.constantFrom('code', 'message', 'toString'), word)),
)
const said = fc.oneof(
  { weight: 4, arbitrary: fields.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: fc.array(fields, { maxLength: 3 }).map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
)

test.each<[string, Wire]>([
  ['plain', plain()],
  ['plain, with a field for data', plain({ data: 'data' })],
  ['jsonRpc', jsonRpc({ ping: 'ping' })],
])('%s', async (_, wire) => {
  await fc.assert(
    fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 30 }), async (messages) => {
      const here = stage({ wire })
      let heard = 0
      const hear = (): void => void heard++
      here.socket.on('known', hear)
      here.socket.handle('asked', () => hear())
      void here.socket.request('never', {}, { timeout: Infinity }).catch(hear)
      await here.pass()
      for (const message of messages) here.peer.say(message)
      await here.pass()
      expect(here.state).toBe('open')
      // Each error is told as well as counted.
      const counted = Object.values(here.socket.errors).reduce((sum, count) => sum + count, 0)
      expect(counted).toBe(here.errors.length)
      // It works on.
      const before = heard
      here.peer.say(wire.encode({ name: 'known', data: {} }))
      await here.pass()
      expect(heard).toBe(before + 1)
      await here.socket.close({ timeout: 0 })
      expect(here.view.pending).toBe(0)
    }),
    { numRuns: 60 },
  )
})
