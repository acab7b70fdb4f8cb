/** What `diagnose` finds out in a real page: browsers tell less than platforms do. */
import { type Diagnosis, diagnose } from 'holdfast'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RemoteScenario, openScenario } from './remote.ts'

let scenario: RemoteScenario
beforeEach(async () => {
  scenario = await openScenario()
})
afterEach(async () => {
  await scenario.close()
})

const timeout = 1_500
const works = ({ findings }: Diagnosis): Record<string, boolean | null> =>
  Object.fromEntries(findings.map((finding) => [finding.layer, finding.works]))

test('all is well', async () => {
  const diagnosis = await diagnose(`ws://${scenario.host}/members`, { auth: 'password', timeout })
  expect(works(diagnosis)).toEqual({
    network: true,
    upgrade: true,
    frames: true,
    polling: true,
    streaming: true,
    auth: true,
  })
  expect(diagnosis.summary).toBe('A socket will use WebSocket.')
  await expect.poll(async () => (await scenario.exchanges()).filter(({ method }) => method === 'OPTIONS')).toEqual([])
})

test.each(['403', 'stripped', 'hang'] as const)('no Upgrade gets through: %s', async (blockade) => {
  await scenario.block(blockade)
  const diagnosis = await diagnose(`ws://${scenario.host}/live`, { timeout })
  expect(works(diagnosis)).toEqual({
    network: true,
    upgrade: false,
    frames: null,
    polling: true,
    streaming: true,
    auth: null,
  })
  expect(diagnosis.summary).toBe('WebSocket does not work here. A socket will use HTTP, with streaming.')
})

test('frames are swallowed', async () => {
  await scenario.block('swallowed')
  const diagnosis = await diagnose(`ws://${scenario.host}/live`, { timeout })
  expect(works(diagnosis)).toMatchObject({ upgrade: true, frames: false, polling: true, streaming: true })
})

test('the server is of another kind', async () => {
  const diagnosis = await diagnose(`ws://${scenario.host}/echo`, { timeout })
  expect(works(diagnosis)).toMatchObject({ network: true, upgrade: false, polling: false })
  expect(diagnosis.findings[1]?.words).toContain('`holdfast/wire` or `holdfast/websocket`')
  expect(diagnosis.summary).toBe('The server is of another kind. A socket will close.')
})

test('nothing gets through', async () => {
  await scenario.refuse(true)
  const diagnosis = await diagnose(`ws://${scenario.host}/live`, { auth: 'password', timeout })
  expect(works(diagnosis)).toEqual({
    network: false,
    upgrade: null,
    frames: null,
    polling: null,
    streaming: null,
    auth: null,
  })
  expect(diagnosis.summary).toBe('Nothing works here. A socket will go on trying.')
})

test.each(['403', undefined] as const)('the credentials are refused (blockade: %s)', async (blockade) => {
  if (blockade) await scenario.block(blockade)
  const diagnosis = await diagnose(`ws://${scenario.host}/members`, { auth: 'wrong', timeout })
  expect(works(diagnosis)).toMatchObject({ network: true, upgrade: !blockade, polling: true, auth: false })
  expect(diagnosis.summary).toBe('A connection is possible, and the server refuses these credentials.')
})
