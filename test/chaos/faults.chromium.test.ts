/** The same as in Node.js, in a page of a browser. */
import { connect } from 'holdfast'
import { test } from 'vitest'
import { openScenario } from '../browser/remote.ts'
import { changeNetwork } from '../browser/support.ts'
import type { Chatter } from './chatter.ts'
import { describeEndured, endure } from './endure.ts'
import { expectExactly, hears, optionsOf } from './expectations.ts'
import { faults } from './faults.ts'

test.concurrent.for(Object.entries(faults))(
  '%s: every message arrives once, in order, unharmed, and soon',
  async ([name, sequence], { annotate, onTestFinished }) => {
    const scenario = await openScenario('chat')
    onTestFinished(scenario.close)
    const socket = connect<Chatter>(`ws://${scenario.host}/live`, optionsOf(name))
    onTestFinished(() => socket.close({ timeout: 0 }))
    const endured = await endure({ socket, network: scenario, changed: changeNetwork, hears }, sequence)
    await annotate(describeEndured(endured))
    expectExactly(endured, name as keyof typeof faults)
  },
)
