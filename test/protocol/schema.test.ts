import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { type Schemas, validate } from '../../src/protocol/schema.ts'

const schemas: Schemas = {
  say: v.object({ room: v.string(), tags: v.array(v.object({ name: v.string() })) }),
  count: v.pipe(
    v.string(),
    v.transform((text) => text.length),
  ),
  late: v.pipeAsync(
    v.string(),
    v.checkAsync(() => Promise.resolve(true)),
  ),
  broken: v.pipe(
    v.any(),
    v.transform(() => {
      throw new Error('mine')
    }),
  ),
}
const refused = (message: unknown): unknown => expect.objectContaining({ code: 'invalid-payload', message })

describe('data', () => {
  test('that fits is let through, as its schema makes it', () => {
    const data = { room: 'r', tags: [] }
    expect(validate(schemas, 'say', data)).toEqual(data)
    expect(validate(schemas, 'count', 'four')).toBe(4)
  })

  test('that does not fit is refused, with what is wrong where', () => {
    const data = { room: 1, tags: [{ name: 't' }, {}] }
    expect(() => validate(schemas, 'say', data)).toThrow(
      refused(expect.stringMatching(/^"say" does not fit its schema: room: Invalid.*; tags: 1: name: Invalid/)),
    )
    expect(() => validate(schemas, 'count', undefined)).toThrow(refused(expect.stringContaining('"count"')))
  })

  test('of a name without a schema is let through', () => {
    const data = { anything: 1 }
    expect(validate(schemas, 'other', data)).toBe(data)
    expect(validate(undefined, 'say', data)).toBe(data)
  })

  test.each(['__proto__', 'constructor', 'toString'])('of a name like %s has no schema by inheritance', (name) => {
    expect(validate(schemas, name, 1)).toBe(1)
  })
})

describe('a schema', () => {
  test('that is asynchronous is refused, and the error says so', () => {
    expect(() => validate(schemas, 'late', 'x')).toThrow(refused(expect.stringContaining('asynchronous')))
  })

  test('that throws refuses; what it threw is the cause, and not in the message that may travel', () => {
    const expected = { code: 'invalid-payload', cause: new Error('mine') }
    expect(() => validate(schemas, 'broken', 1)).toThrow(expect.objectContaining(expected))
    expect(() => validate(schemas, 'broken', 1)).not.toThrow('mine')
  })

  test('may say its path in either of the standard’s two ways', () => {
    const schema = (path: readonly unknown[]): Schemas => ({
      a: { '~standard': { validate: () => ({ issues: [{ message: 'no', path }] }) } },
    })
    const message = '"a" does not fit its schema: list: 0: no'
    expect(() => validate(schema(['list', 0]), 'a', 1)).toThrow(message)
    expect(() => validate(schema([{ key: 'list' }, { key: 0 }]), 'a', 1)).toThrow(message)
  })
})
