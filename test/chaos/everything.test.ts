/** Everything at once, for a minute. */
import { test } from 'vitest'
import { load } from '../integration/support/page.ts'
import { Scenario } from '../tools/scenario.ts'
import type { Chatter } from './chatter.ts'
import { describeEndured, endureEverything } from './endure.ts'
import { expectExactly, hears, optionsOf } from './expectations.ts'

test('a minute of everything at once, and every message arrives once, in order, unharmed, and soon', async ({
  annotate,
  onTestFinished,
}) => {
  const scenario = await Scenario.open('chat')
  onTestFinished(() => scenario.close())
  const { socket, happen } = load<Chatter>(`ws://${scenario.host}/live`, optionsOf(), onTestFinished)
  const stage = { socket, network: scenario, changed: () => happen('network'), hears }
  const endured = await endureEverything(stage, 60_000)
  await annotate(describeEndured(endured))
  expectExactly(endured)
})
