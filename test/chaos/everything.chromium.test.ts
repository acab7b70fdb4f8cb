/** The same as in Node.js, in a page of a browser. */
import { connect } from 'holdfast'
import { test } from 'vitest'
import { openScenario } from '../browser/remote.ts'
import { changeNetwork } from '../browser/support.ts'
import type { Chatter } from './chatter.ts'
import { describeEndured, endureEverything } from './endure.ts'
import { expectExactly, hears, optionsOf } from './expectations.ts'

test('a minute of everything at once, and every message arrives once, in order, unharmed, and soon', async ({
  annotate,
  onTestFinished,
}) => {
  const scenario = await openScenario('chat')
  onTestFinished(scenario.close)
  const socket = connect<Chatter>(`ws://${scenario.host}/live`, optionsOf())
  onTestFinished(() => socket.close({ timeout: 0 }))
  const endured = await endureEverything({ socket, network: scenario, changed: changeNetwork, hears }, 60_000)
  await annotate(describeEndured(endured))
  expectExactly(endured)
})
