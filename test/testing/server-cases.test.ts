/** The suite for servers against our own, in memory. */
import { type ServerHarness, serverCases, trialApplication, type TrialContract, world } from 'holdfast/testing'
import { describe, expect, test } from 'vitest'

const harness = (): ServerHarness => {
  const { network, clock } = world<TrialContract, { readonly name: unknown }>({
    clients: 0,
    server: { authenticate: trialApplication.authenticate },
    serve: trialApplication.serve,
  })
  const { transport, post } = network.client('peer')
  return {
    transport,
    post,
    url: 'wss://server.test/live',
    until: async (condition) => {
      if (!(await clock.runUntil(condition, 10_000))) throw new Error('it did not happen within 10 s')
    },
    settle: () => clock.advance(1_500),
  }
}

describe('our server conforms', () => {
  test.each(serverCases)('$name', async ({ run }) => {
    await expect(run(harness())).resolves.toBeUndefined()
  })
})
