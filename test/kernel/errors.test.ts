import { describe, expect, test } from 'vitest'
import { HoldfastError, RequestError } from 'holdfast'

describe('a HoldfastError', () => {
  test('is an Error with a code, a message, a name and a stack', () => {
    const error = new HoldfastError('timeout', 'Nothing came.')
    expect(error).toBeInstanceOf(Error)
    expect([error.code, error.message, error.name]).toEqual(['timeout', 'Nothing came.', 'HoldfastError'])
    expect(error.stack).toContain('Nothing came.')
  })

  test('keeps its cause where there is one, and has none otherwise', () => {
    const cause = new Error('before')
    expect(new HoldfastError('closed', '', cause).cause).toBe(cause)
    expect(Object.hasOwn(new HoldfastError('closed', ''), 'cause')).toBe(false)
  })
})

describe('a RequestError', () => {
  test('is one of the family, with a reason of the application', () => {
    const error = new RequestError('not-a-member', 'Join the room first.')
    expect(error).toBeInstanceOf(HoldfastError)
    expect([error.code, error.reason, error.message]).toEqual([
      'request-failed',
      'not-a-member',
      'Join the room first.',
    ])
    expect(error.name).toBe('RequestError')
  })

  test('says its reason where it is given no message', () => {
    expect(new RequestError('full').message).toBe('full')
  })
})
