/** Everything that happens to networks and servers, one by one and all at once, while 200 messages a second go each way. */
import { test } from 'vitest'
import { load } from '../integration/support/page.ts'
import { Scenario } from '../tools/scenario.ts'
import type { Chatter } from './chatter.ts'
import { describeEndured } from './endure.ts'
import { expectExactly, hears, optionsOf } from './expectations.ts'
import { trials } from './trials.ts'

test.concurrent.for(trials)(
  '%s: every message arrives once, in order, unharmed, and soon',
  async ([name, endure], { annotate, onTestFinished }) => {
    const scenario = await Scenario.open('chat')
    onTestFinished(() => scenario.close())
    const { socket, happen } = load<Chatter>(`ws://${scenario.host}/live`, optionsOf(name), onTestFinished)
    const endured = await endure({ socket, network: scenario, changed: () => happen('network'), hears })
    await annotate(describeEndured(endured))
    expectExactly(endured, name)
  },
)
