import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HoldfastError } from 'holdfast'
import { world } from 'holdfast/testing'
import { createUnpacking } from '../../src/session/unpack.ts'
import { decodeFrame } from '../../src/protocol/decode.ts'
import { encodeBytes, encodeMessage } from '../../src/protocol/encode.ts'
import type { ChunkFrame, LadenFrame } from '../../src/protocol/frames.ts'
import { hello, rawClient } from '../tools/raw.ts'

const bytes = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(7)
const piece = (offset: number, total: number, length: number): ChunkFrame => [null, bytes(length), offset, total]
const laden = (data: unknown, ...places: LadenFrame[3]): LadenFrame => ['photo', data, null, places]
const malformed = expect.objectContaining({ code: 'malformed-frame' }) as Error

describe('pieces', () => {
  test('make a parcel, and its message takes them', async () => {
    const unpacking = createUnpacking(10_000)
    unpacking.take(piece(0, 2_000, 1_500))
    unpacking.take(piece(1_500, 2_000, 500))
    expect(unpacking.held()).toBe(2_000)
    const [, data] = unpacking.unpack(laden([null, { b: null }], [1_000, 'a/b', null, '0'], [1_000, '', 'n', '1', 'b']))
    const [first, { b }] = data as [Blob, { b: File }]
    expect([first.type, first.size, b.name, (await b.arrayBuffer()).byteLength]).toEqual(['a/b', 1_000, 'n', 1_000])
    expect(unpacking.held()).toBe(0)
  })

  test.each<[string, ChunkFrame[]]>([
    ['begins in the middle', [piece(512, 2_000, 600)]],
    ['leaves a gap', [piece(0, 2_000, 600), piece(700, 2_000, 600)]],
    ['comes twice', [piece(0, 2_000, 600), piece(600, 2_000, 600), piece(600, 2_000, 600)]],
    ['is of another parcel', [piece(0, 2_000, 600), piece(600, 3_000, 600)]],
    ['is longer than the parcel', [piece(0, 2_000, 2_001)]],
    ['is tiny', [piece(0, 2_000, 511)]],
    ['is empty', [piece(0, 2_000, 0)]],
    ['is empty, of nothing', [piece(0, 0, 0)]],
    ['is more than may be', [piece(0, 10_001, 600)]],
    ['has no bytes', [[null, 'text', 0, 2_000]]],
  ])('one that %s is refused, and what was there discarded', (_, pieces) => {
    const unpacking = createUnpacking(10_000)
    for (const good of pieces.slice(0, -1)) unpacking.take(good)
    expect(() => unpacking.take(pieces.at(-1)!)).toThrow(malformed)
    expect(unpacking.held()).toBe(0)
  })

  test('a new parcel takes the place of one that was not finished', () => {
    const unpacking = createUnpacking(10_000)
    unpacking.take(piece(0, 2_000, 600))
    unpacking.take(piece(0, 700, 700))
    expect(unpacking.unpack(laden(null, [700, '', null]))).toEqual(['photo', expect.any(Blob)])
  })

  test('are discarded where a message without any comes: theirs was given up', () => {
    const unpacking = createUnpacking(10_000)
    unpacking.take(piece(0, 700, 700))
    expect(unpacking.unpack(laden(null, [0, '', null]))).toEqual(['photo', expect.objectContaining({ size: 0 })])
    expect(unpacking.held()).toBe(0)
  })
})

describe('a message whose Blobs', () => {
  test.each<[string, LadenFrame]>([
    ['are more than came', laden(null, [701, '', null])],
    ['are fewer than came', laden(null, [699, '', null])],
    ['have no place', laden({ a: null }, [700, '', null, 'b'])],
    ['have a place that is taken', laden({ a: 1 }, [700, '', null, 'a'])],
    ['have one place', laden({ a: null }, [300, '', null, 'a'], [400, '', null, 'a'])],
    ['are inside of another', laden({ a: null }, [300, '', null, 'a'], [400, '', null, 'a', 'size'])],
    ['are in a text', laden('text', [700, '', null, '0'])],
    ['are in what all objects have', laden({}, [700, '', null, '__proto__', 'polluted'])],
    ['are what all objects have', laden({}, [700, '', null, '__proto__'])],
    ['are in a constructor', laden({}, [700, '', null, 'constructor', 'prototype', 'polluted'])],
    ['are in bytes', laden(bytes(3), [700, '', null, '0'])],
  ])('%s is refused', (_, frame) => {
    const unpacking = createUnpacking(10_000)
    unpacking.take(piece(0, 700, 700))
    expect(() => unpacking.unpack(frame)).toThrow(malformed)
    expect([unpacking.held(), ({} as { polluted?: unknown }).polluted]).toEqual([0, undefined])
  })

  test('is called `__proto__` is one like others', () => {
    const unpacking = createUnpacking(10_000)
    unpacking.take(piece(0, 700, 700))
    const data = JSON.parse('{"__proto__":null}') as object
    unpacking.unpack(laden(data, [700, '', null, '__proto__']))
    expect(Object.getOwnPropertyDescriptor(data, '__proto__')?.value).toBeInstanceOf(Blob)
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype)
  })
})

test('Blobs come out where they went in, wherever that is', () => {
  const blob = fc.nat(3).map((size) => new Blob([bytes(size)]))
  const data = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      blob,
      fc.constantFrom(null, 1, 'x', '{}'),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', '0', 'a')), tie('tree'), { maxKeys: 4 }),
    ),
  })).tree
  fc.assert(
    fc.property(data, fc.option(fc.nat(), { nil: undefined }), (tree, id) => {
      const frame = encodeMessage('x', tree, undefined, id)
      if (typeof frame === 'string' || !('blobs' in frame)) return
      const unpacking = createUnpacking(10_000)
      const total = frame.blobs.reduce((sum, { size }) => sum + size, 0)
      if (total > 0) unpacking.take(piece(0, total, total))
      const plain = unpacking.unpack(decodeFrame(frame.text) as LadenFrame)
      const sizes = (value: unknown): unknown =>
        value instanceof Blob
          ? `Blob ${value.size}`
          : typeof value === 'object' && value
            ? Object.entries(value).map(([key, inner]) => [key, sizes(inner)])
            : value
      expect(sizes(plain[1])).toEqual(sizes(tree))
      expect(plain[2]).toBe(id)
    }),
  )
})

test('a client that sends nonsense of Blobs is told nothing, costs itself, and the session goes on', async () => {
  const came: unknown[] = []
  const here = world({
    clients: 0,
    server: { limits: { blobBytes: 1_000 } },
    serve: (core) => void core.on('session', (session) => session.on('photo', (data) => came.push(data))),
  })
  const client = rawClient(here.network)
  await here.clock.advance(100)
  client.say(hello())
  await here.clock.advance(100)
  client.send(encodeBytes('[null,null,0,2000]', bytes(2_000)))
  client.send(encodeBytes('[null,null,5,600]', bytes(600)))
  client.send(encodeBytes('[null,null]', bytes(600)))
  client.send(encodeBytes('[null,null,0,600]', bytes(600)))
  client.say(
    [null],
    ['photo', null, null, [[600, '', null]]],
    ['photo', null, null, [[600, '']]],
    ['photo', null, 'id', []],
    [1, null, 1, []],
    ['photo', 'plain', null, []],
  )
  await here.clock.advance(2_000)
  expect(came).toEqual(['plain'])
  expect(here.server.core.errors).toEqual({ 'malformed-frame': 7 })
  expect(here.server.core.sessions.size).toBe(1)
  expect(client.lines.at(-1)).toEqual({ ack: 10 })
})

test('a server that keeps too much of what is not whole lets the largest go', async () => {
  const here = world({ clients: 0, server: { limits: { totalBytes: 20_000, bufferedBytes: 20_000 } } })
  const ends: unknown[] = []
  here.server.core.on('session', (session) => session.onEnd((reason) => ends.push(reason)))
  const client = rawClient(here.network)
  await here.clock.advance(100)
  client.say(hello())
  await here.clock.advance(100)
  for (let offset = 0; offset < 30_000; offset += 10_000)
    client.send(encodeBytes(`[null,null,${offset},100000]`, bytes(10_000)))
  await here.clock.advance(1_000)
  expect([ends, here.server.core.errors]).toEqual([['overflow'], { overflow: 1 }])
})

test('what JSON would make {} of is refused wherever it stands, and plain objects are not', () => {
  for (const data of [new Map(), [new Set()], { a: { b: /x/ } }, [new Error('x')], { a: new ArrayBuffer(1) }])
    expect(() => encodeMessage('x', data)).toThrow(HoldfastError)
  for (const data of [
    {},
    [{}],
    { a: Object.create(null) as object },
    { a: Object('') as string },
    '{}',
    [new Date(0), {}],
  ])
    expect(encodeMessage('x', data)).toBe(`["x",${JSON.stringify(data)}]`)
  const many = Array.from({ length: 1_001 }, () => new Blob())
  expect(() => encodeMessage('x', many)).toThrow('1001 Blobs are more than 1000')
})
