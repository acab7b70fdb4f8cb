import fc from 'fast-check'
import { test } from 'vitest'
import { HoldfastError } from 'holdfast'
import { CONNECT_DEFAULTS, resolveOptions } from '../../src/options.ts'
import { resolveServerOptions } from '../../src/server/options.ts'
import { fuzz } from './fuzz.ts'

const names = [
  ...Object.keys(CONNECT_DEFAULTS),
  ...Object.keys(resolveServerOptions({})),
  ...[
    'base',
    'jitter',
    'idle',
    'maxBytes',
    'messageBytes',
    'sessions',
    '__proto__',
    'constructor',
    'toString',
    '',
    '\ud800',
  ],
]
const values = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    '',
    'auto',
    'resend',
    NaN,
    -1,
    0,
    1e9,
    Infinity,
    -0,
    10n,
    Symbol('s'),
  ),
  fc.constantFrom<unknown>(
    [],
    {},
    Object.create(null),
    () => {},
    new Date(0),
    new Map(),
    /x/,
    new AbortController().signal,
  ),
  fc.anything({ maxDepth: 1, withBigInt: true, withNullPrototype: true, withSparseArray: true }),
)
const entries = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), fc.string()), values), { maxLength: 3 })
const made = entries.map((all) => Object.fromEntries(all))
const options = fc.oneof(
  values,
  made,
  fc
    .tuple(made, fc.constantFrom('backoff', 'heartbeat', 'outbox', 'limits'), made)
    .map(([outer, name, inner]) => Object.assign(outer, { [name]: inner })),
)

/** All is there, and the numbers are some, or the error says what is wrong. */
const expectResolved = (resolve: () => object, defaults: object): void => {
  const expectLike = (resolved: object, wanted: object): void => {
    for (const [name, usual] of Object.entries(wanted)) {
      const value = (resolved as Record<string, unknown>)[name]
      if (!Object.hasOwn(resolved, name)) throw new Error(`${name} is missing`)
      if (typeof usual === 'number' && !((value as number) >= 0)) throw new Error(`${name} is no number`)
      if (usual instanceof Object && !Array.isArray(usual)) expectLike(value as object, usual as object)
    }
  }
  try {
    expectLike(resolve(), defaults)
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== 'invalid-option') throw error
  }
}

test('options are completed, or refused as `invalid-option`', async () => {
  await fuzz(options, { usual: 1_200 }, (given) => {
    expectResolved(() => resolveOptions(given as object, CONNECT_DEFAULTS), CONNECT_DEFAULTS)
    expectResolved(() => resolveServerOptions(given as object), resolveServerOptions({}))
  })
})
