import { describe, expect, test } from 'vitest'
import type { Untyped } from 'holdfast'
import { type Fate, seededRandom, type World, world } from 'holdfast/testing'
import { createDiagnosis } from '../src/diagnose.ts'
import type { Diagnosis, Layer } from '../src/diagnosis.ts'

interface Weather {
  readonly websocket?: Fate
  readonly http?: Fate
  readonly unreachable?: boolean
  readonly offline?: boolean
  /** The server is of another kind. */
  readonly other?: boolean
  readonly auth?: unknown
}
const examine = async ({
  websocket,
  http,
  unreachable,
  offline,
  other,
  auth,
}: Weather): Promise<Diagnosis & { here: World<Untyped, string> }> => {
  const here = world<Untyped, string>({
    clients: 0,
    server: { authenticate: ({ auth: credentials }) => credentials === 'ann' && 'ann' },
  })
  if (websocket) here.network.block('websocket', websocket)
  if (http) here.network.block('http', http)
  if (other) here.network.listen('server.test', { bare: true, accept: () => ({ message: () => {}, close: () => {} }) })
  const view = here.clock.view()
  const { transport, post } = here.network.client('a', { view, origin: 'https://server.test' })
  const diagnosis = createDiagnosis(
    'wss://server.test/live',
    { auth },
    {
      clock: view,
      random: seededRandom(1),
      transport,
      post,
      reach: () => (unreachable ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve()),
      online: () => !offline,
    },
  )
  await here.clock.advance(30_000)
  expect(view.pending).toBe(0)
  return { ...(await diagnosis), here }
}
const working = ({ findings }: Diagnosis): Partial<Record<Layer, boolean | null>> =>
  Object.fromEntries(findings.map(({ layer, works }) => [layer, works]))
const wordsOf = ({ findings }: Diagnosis, layer: Layer): string | undefined =>
  findings.find((finding) => finding.layer === layer)?.words

const fine = { network: true, upgrade: true, frames: true, polling: true, streaming: true, auth: true }

describe('diagnose()', () => {
  test('finds nothing wrong where nothing is, and leaves nothing behind', async () => {
    const diagnosis = await examine({ auth: 'ann' })
    expect(working(diagnosis)).toEqual(fine)
    expect(diagnosis.summary).toBe('A socket will use WebSocket.')
    expect([diagnosis.here.server.core.sessions.size, diagnosis.here.server.core.errors]).toEqual([0, {}])
    expect(diagnosis.here.network.links.filter(({ held }) => held)).toEqual([])
  })

  test.each<[string, Weather, Partial<Record<Layer, boolean | null>>, Layer, string, string]>([
    [
      'a refused Upgrade',
      { websocket: 'refuse-upgrade' },
      { upgrade: false, frames: null },
      'upgrade',
      'is refused',
      'HTTP, with streaming',
    ],
    [
      'an Upgrade that hangs',
      { websocket: 'hang-upgrade' },
      { upgrade: false, frames: null },
      'upgrade',
      'not answered within 5000 ms',
      'HTTP, with streaming',
    ],
    [
      'swallowed frames',
      { websocket: 'swallow' },
      { frames: false },
      'frames',
      'nothing came back',
      'HTTP, with streaming',
    ],
    [
      'a server that answers no POSTs',
      { http: { status: 404 } },
      { polling: false, streaming: null },
      'polling',
      'HTTP 404',
      'use WebSocket',
    ],
    [
      'a server that is not there',
      { websocket: 'refuse', http: 'refuse', unreachable: true },
      { network: false, upgrade: null, frames: null, polling: null, streaming: null, auth: null },
      'network',
      'certificate',
      'Nothing works',
    ],
    [
      'a server of another kind',
      { other: true },
      { upgrade: false, frames: null, polling: false, streaming: null, auth: null },
      'upgrade',
      'use `holdfast/wire` or `holdfast/websocket`',
      'of another kind',
    ],
    [
      'no network',
      { websocket: 'refuse', http: 'refuse', unreachable: true, offline: true },
      { network: false, upgrade: null, frames: null, polling: null, streaming: null, auth: null },
      'network',
      'no network',
      'Nothing works',
    ],
    [
      'credentials that are not accepted',
      { auth: 'bob' },
      { auth: false },
      'auth',
      'The credentials were not accepted',
      'refuses these credentials',
    ],
  ])('finds %s', async (_, weather, expected, layer, words, summary) => {
    const diagnosis = await examine({ auth: 'ann', ...weather })
    expect(working(diagnosis)).toEqual({ ...fine, ...expected })
    expect(wordsOf(diagnosis, layer)).toContain(words)
    expect(diagnosis.summary).toContain(summary)
  })

  test('says nothing of credentials that it was not given', async () => {
    expect(working(await examine({}))).toEqual({ ...fine, auth: null })
  })
})
