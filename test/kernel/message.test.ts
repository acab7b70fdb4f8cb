import { expect, test } from 'vitest'
import { HoldfastError } from '../../src/kernel/errors.ts'
import { type Fate, isNamed, messageOf, settle, watch } from '../../src/kernel/message.ts'

const WHY = new HoldfastError('expired', 'too late')
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('events and questions have names, answers and withdrawals have none', () => {
  expect(['["a"]', '["",null,1]', bytes('["a",null]\nb')].map(isNamed)).toEqual([true, true, true])
  expect(['[1,2]', '[1]', bytes('[1,null]\nb'), ''].map(isNamed)).toEqual([false, false, false, false])
})

test.each([null, WHY])(
  'all who watch a message learn its fate (%s) once, early or late, and its text is let go',
  (fate) => {
    const heard: [string, Fate][] = []
    const message = messageOf('text')
    watch(message, (told) => heard.push(['first', told]))
    watch(message, (told) => heard.push(['second', told]))
    settle(message, fate)
    watch(message, (told) => heard.push(['late', told]))
    expect(heard).toEqual([
      ['first', fate],
      ['second', fate],
      ['late', fate],
    ])
    expect(message).toEqual({ frame: '', fate })
  },
)
