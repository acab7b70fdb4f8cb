import { assert, array, nat, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HttpPart, HttpReader } from './http-reader.ts'

type Side = 'request' | 'answer'

/** Reads `text`, cut at these places, to its end. */
function read(side: Side, text: string, cuts: readonly number[] = []): HttpPart[] {
  const reader = new HttpReader(side)
  const bytes = Buffer.from(text)
  const places = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((left, right) => left - right), bytes.length]
  const parts = places.slice(1).flatMap((end, index) => reader.read(bytes.subarray(places[index], end)))
  return [...parts, ...reader.finish()]
}

/** The messages among the parts, each as its first line, its body and whether it ended; what isn't HTTP as its text. */
function messages(parts: readonly HttpPart[]): unknown[] {
  const found: ([string, string, string] | string)[] = []
  let raw = ''
  for (const part of parts) {
    const last = found.at(-1)
    if (part.type === 'head') found.push([part.head.start, '', 'open'])
    else if (part.type === 'raw') raw += part.bytes.toString('latin1')
    else if (typeof last !== 'object') throw new Error(`A ${part.type} without a head.`)
    else if (part.type === 'end') last[2] = 'complete'
    else last[1] += part.payload.toString('latin1')
  }
  return raw === '' ? found : [...found, raw]
}

const bytes = (parts: readonly HttpPart[]): string =>
  Buffer.concat(parts.map((part) => (part.type === 'end' ? Buffer.alloc(0) : part.bytes))).toString()

const lines = (...all: readonly string[]): string => all.join('\r\n')

const conversations: readonly (readonly [what: string, side: Side, text: string, messages: readonly unknown[]])[] = [
  ['a GET', 'request', lines('GET / HTTP/1.1', 'Host: a', '', ''), [['GET / HTTP/1.1', '', 'complete']]],
  [
    'several requests on one connection',
    'request',
    lines('GET /1 HTTP/1.1', '', 'POST /2 HTTP/1.1', 'Content-Length: 3', '', 'abcOPTIONS /3 HTTP/1.1', '', ''),
    [
      ['GET /1 HTTP/1.1', '', 'complete'],
      ['POST /2 HTTP/1.1', 'abc', 'complete'],
      ['OPTIONS /3 HTTP/1.1', '', 'complete'],
    ],
  ],
  [
    'a body that looks like heads',
    'request',
    lines('POST / HTTP/1.1', 'content-length: 21', '', 'GET / HTTP/1.1', '', '0', 'GET /2 HTTP/1.1', '', ''),
    [
      ['POST / HTTP/1.1', lines('GET / HTTP/1.1', '', '0', ''), 'complete'],
      ['GET /2 HTTP/1.1', '', 'complete'],
    ],
  ],
  [
    'chunks, with an extension and trailers',
    'request',
    lines(
      'POST / HTTP/1.1',
      'Transfer-Encoding: chunked',
      '',
      '5;x=y',
      '0\r\n\r\n',
      'A',
      '0123456789',
      '0',
      't: 1',
      '',
      'GET / HTTP/1.1',
      '',
      '',
    ),
    [
      ['POST / HTTP/1.1', '0\r\n\r\n0123456789', 'complete'],
      ['GET / HTTP/1.1', '', 'complete'],
    ],
  ],
  [
    'a body that breaks off',
    'request',
    lines('POST / HTTP/1.1', 'Content-Length: 9', '', 'abc'),
    [['POST / HTTP/1.1', 'abc', 'open']],
  ],
  ['a head that breaks off', 'request', 'GET / HT', ['GET / HT']],
  ['what is no HTTP', 'request', 'hello GET / HTTP/1.1\r\n\r\n', ['hello GET / HTTP/1.1\r\n\r\n']],
  [
    'answers, some without a body',
    'answer',
    lines(
      'HTTP/1.1 100 Continue',
      '',
      'HTTP/1.1 200 OK',
      'Content-Length: 2',
      '',
      'okHTTP/1.1 204 No Content',
      '',
      'HTTP/1.1 304 Not Modified',
      'Content-Length: 99',
      '',
      'HTTP/1.1 404 Not Found',
      'Content-Length: 0',
      '',
      '',
    ),
    [
      ['HTTP/1.1 100 Continue', '', 'open'],
      ['HTTP/1.1 200 OK', 'ok', 'complete'],
      ['HTTP/1.1 204 No Content', '', 'complete'],
      ['HTTP/1.1 304 Not Modified', '', 'complete'],
      ['HTTP/1.1 404 Not Found', '', 'complete'],
    ],
  ],
  [
    'an answer that ends with its connection',
    'answer',
    lines('HTTP/1.0 200 OK', '', 'all of this'),
    [['HTTP/1.0 200 OK', 'all of this', 'complete']],
  ],
  [
    'frames behind an accepted Upgrade',
    'answer',
    lines('HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', '', 'HTTP/1.1 \u0081'),
    [['HTTP/1.1 101 Switching Protocols', '', 'open'], 'HTTP/1.1 \u00c2\u0081'],
  ],
]

describe.each(conversations)('%s', (_what, side, text, expected) => {
  test('is read, and no byte is lost', () => {
    const parts = read(side, text)
    expect(messages(parts)).toEqual(expected)
    expect(bytes(parts)).toBe(text)
  })

  test('is read the same however it is cut', () => {
    assert(
      property(array(nat(), { maxLength: 20 }), (cuts) => {
        const parts = read(side, text, cuts)
        expect(messages(parts)).toEqual(expected)
        expect(bytes(parts)).toBe(text)
      }),
    )
  })
})

test('headers are found by their names in small letters, and joined if they come twice', () => {
  const [head] = read('request', lines('GET / HTTP/1.1', 'Accept: a', 'X-Odd:  a:b ', 'ACCEPT: b', '', ''))
  expect(head).toMatchObject({
    head: {
      headers: new Map([
        ['accept', 'a, b'],
        ['x-odd', 'a:b'],
      ]),
    },
  })
})

test('a body is told at once, a head when it is whole', () => {
  const reader = new HttpReader('request')
  expect(reader.read(Buffer.from('POST / HTTP/1.1\r\nContent-Length: 4\r\n'))).toEqual([])
  expect(reader.read(Buffer.from('\r\na')).map(({ type }) => type)).toEqual(['head', 'body'])
  expect(reader.read(Buffer.from('b')).map(({ type }) => type)).toEqual(['body'])
})

test('a head without an end is none', () => {
  const reader = new HttpReader('request')
  expect(reader.read(Buffer.from(`GET /${'x'.repeat(70_000)}`)).map(({ type }) => type)).toEqual(['raw'])
})

test('an answer to a HEAD has no body, the next one has', () => {
  const reader = new HttpReader('answer')
  reader.expectNoBody()
  const answer = lines('HTTP/1.1 200 OK', 'Content-Length: 1', '', '')
  const parts = reader.read(Buffer.from(`${answer}${answer}x`))
  expect(parts.map(({ type }) => type)).toEqual(['head', 'end', 'head', 'body', 'end'])
})

test('behind an accepted Upgrade requests are none', () => {
  const reader = new HttpReader('request')
  reader.read(Buffer.from(lines('GET / HTTP/1.1', 'Upgrade: websocket', '', '')))
  reader.tunnel()
  expect(reader.read(Buffer.from('GET / HTTP/1.1\r\n\r\n')).map(({ type }) => type)).toEqual(['raw'])
})
