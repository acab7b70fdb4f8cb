/** The same as in Node.js, in a page of a browser. */
import { connect } from 'holdfast'
import { test } from 'vitest'
import { openScenario } from '../browser/remote.ts'
import { changeNetwork } from '../browser/support.ts'
import type { Chatter } from './chatter.ts'
import { describeEndured } from './endure.ts'
import { expectExactly, hears, optionsOf } from './expectations.ts'
import { trials } from './trials.ts'

test.concurrent.for(trials)(
  '%s: every message arrives once, in order, unharmed, and soon',
  async ([name, endure], { annotate, onTestFinished }) => {
    const scenario = await openScenario('chat')
    onTestFinished(scenario.close)
    const socket = connect<Chatter>(`ws://${scenario.host}/live`, optionsOf(name))
    onTestFinished(() => socket.close({ timeout: 0 }))
    const endured = await endure({ socket, network: scenario, changed: changeNetwork, hears })
    await annotate(describeEndured(endured))
    expectExactly(endured, name)
  },
)
