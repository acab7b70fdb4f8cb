/** What might arrive: JSON of all sorts, and the corpus, changed in its structure, its text and its bytes. */
import fc from 'fast-check'
import { bodies, lines, talks } from './corpus.ts'

type Text = fc.Arbitrary<string>

const numbers: Text = fc.oneof(
  fc.nat(4).map(String),
  fc.constantFrom(
    '-0',
    '-1',
    '0.5',
    '1e3',
    '1e308',
    '1e999',
    '9007199254740991',
    '9007199254740993',
    '4294967296',
    '01',
  ),
  fc.maxSafeInteger().map(String),
)
const words = ['__proto__', 'constructor', 'prototype', 'toString', 'say', 'said', 'add', 'count', 'ask', 'polluted']
const keys = [
  ...words,
  ...['hello', 'welcome', 'ack', 'ping', 'pong', 'bye', 'volatile', 'carrier', 'push', 'poll', 'stream', 'close'],
  ...[
    'session',
    'attempt',
    'nonce',
    'from',
    'got',
    'life',
    'age',
    'code',
    'reason',
    'message',
    'retry',
    'after',
    'limit',
  ],
]
const odd = ['', '\ud800', '\udc00\ud800', '\0', '\n', '\r\n', '\r', '\u2028', '\ufeff', '=', '🥊', 'x'.repeat(100)]
const marks = ['{', '}', '[', ']', '"', ',', ':', '0', '1']
const strings: Text = fc
  .oneof(fc.constantFrom(...keys, ...odd), fc.string({ unit: 'binary', maxLength: 8 }))
  .map((text) => JSON.stringify(text))

/** JSON as text, so that it may say what no value does: `__proto__` as a key, the same key twice, 1e999. */
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false'),
    numbers,
    strings,
    fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items.join()}]`),
    fc
      .array(fc.tuple(strings, tie('json')), { maxLength: 4 })
      .map((entries) => `{${entries.map((e) => e.join(':')).join()}}`),
  ),
}))

/** Larger, or deeper, than anybody would send. */
const monsters: Text = fc.constantFrom(
  '['.repeat(100_000),
  `["say",${'['.repeat(5_000)}${']'.repeat(5_000)}]`,
  `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
  `["say","${'x'.repeat(1_000_000)}"]`,
  'y'.repeat(1_000_000),
  `["say",[${'0,'.repeat(50_000)}0]]`,
  `{${Array.from({ length: 10_000 }, (_, i) => `"k${i}":0`).join()}}`,
  '\n'.repeat(50_000),
  `=${'A'.repeat(100_000)}`,
)

const HOLE = '\u0001hole'
/** The places of a value, as functions that put something else there. */
const places = (value: unknown): ((other: unknown) => unknown)[] => [
  (other) => other,
  ...(Array.isArray(value)
    ? value.flatMap((item, i) => places(item).map((put) => (other: unknown) => value.with(i, put(other)) as unknown))
    : value instanceof Object
      ? Object.entries(value).flatMap(([key, item]) =>
          places(item).map(
            (put) => (other: unknown) => Object.fromEntries([...Object.entries(value), [key, put(other)]]),
          ),
        )
      : []),
]
/** A line whose value at one place is another, or is missing. */
const restructured: Text = fc
  .tuple(fc.constantFrom(...lines), fc.nat(), fc.option(json, { freq: 4 }))
  .map(([line, at, text]) => {
    try {
      const all = places(JSON.parse(line))
      const changed = JSON.stringify(all[at % all.length]!(text === null ? undefined : HOLE)) as string | undefined
      return (changed ?? '').replace(JSON.stringify(HOLE), () => text ?? '')
    } catch {
      return line
    }
  })
/** A line of which some characters are gone, doubled, or others. */
const retyped: Text = fc
  .tuple(
    fc.constantFrom(...lines),
    fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.oneof(strings, fc.constantFrom(...odd, ...marks))), {
      maxLength: 3,
    }),
  )
  .map(([line, edits]) =>
    edits.reduce((text, [at, gone, come]) => {
      const from = at % (text.length + 1)
      return text.slice(0, from) + come + text.slice(from + gone)
    }, line),
  )

/** One line, more or less. */
export const line: Text = fc.oneof(
  { weight: 300, arbitrary: fc.constantFrom(...lines) },
  { weight: 400, arbitrary: restructured },
  { weight: 300, arbitrary: retyped },
  { weight: 100, arbitrary: json },
  { weight: 100, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  { weight: 1, arbitrary: monsters },
)

const between = fc.constantFrom('\n', '\n', '\n', '\n\n', '\r\n', '\r', '\0', '')
/** Some lines. */
const text: Text = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 5 }), between)
  .map(([parts, separator]) => parts.join(separator))

const encoder = new TextEncoder()
/** Lines as bytes, some of which are others: half characters, frames with bytes, neither. */
export const bytes: fc.Arbitrary<Uint8Array> = fc
  .tuple(line, fc.uint8Array({ maxLength: 6 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
  .map(([head, tail, edits]) => {
    const packet = encoder.encode(`${head}\n${String.fromCharCode(...tail)}`)
    for (const [at, byte] of edits) packet[at % packet.length] = byte
    return packet
  })

/** What a carrier may bring. */
const packet: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 5, arbitrary: text },
  { weight: 1, arbitrary: bytes },
)

/** What one side says: it begins well, and goes on with whatever. */
export const speech = (side: 'client' | 'server'): fc.Arbitrary<(string | Uint8Array)[]> =>
  fc
    .tuple(
      fc.constantFrom(...talks).map((talk) => talk.filter((said) => said.side === side).map((said) => said.packet)),
      fc.nat(4),
      fc.array(packet, { maxLength: 5 }),
    )
    .map(([good, count, rest]) => rest.toSpliced(0, 0, ...good.slice(0, count)))

/** The bodies of POSTs, or of their answers. */
export const body = (side: 'client' | 'server'): Text => {
  const good = bodies.filter((said) => said.side === side).map((said) => said.packet)
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...good) },
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...good), text).map((parts) => parts.join('\n')) },
    { weight: 2, arbitrary: fc.tuple(restructured, text).map((parts) => parts.join('\n')) },
    { weight: 1, arbitrary: text },
  )
}
