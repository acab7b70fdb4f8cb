/** Whether everybody can use the inspector, as far as a machine can tell. */
import axe from 'axe-core'
import { type TraceEntry } from 'holdfast'
import { createRecording, defineInspector } from 'holdfast/inspector'
import { expect, onTestFinished, test } from 'vitest'

test.each(['light', 'dark'])('axe finds nothing in a %s page', async (scheme) => {
  document.documentElement.lang = 'en'
  document.documentElement.style.colorScheme = scheme
  document.body.style.background = 'Canvas'
  defineInspector()
  const recording = createRecording()
  const at = Date.now() - 8_000
  const carrier = { type: 'carrier', carrier: 'websocket' } as const
  const packet = { type: 'packet', carrier: 'websocket' } as const
  const status = (state: string): object => ({
    state,
    pausedBy: null,
    transport: null,
    cause: null,
    latency: 20,
    queued: 1,
    unacknowledged: 2,
  })
  const entries = [
    { ...carrier, at, event: 'dial', phase: 'out' },
    { type: 'status', at, status: status('connecting') },
    { ...carrier, at: at + 2_000, event: 'failed', phase: 'dialing' },
    { type: 'status', at: at + 2_000, status: status('waiting') },
    { ...carrier, at: at + 4_000, event: 'dial', phase: 'out' },
    { ...carrier, at: at + 5_000, event: 'heard', phase: 'claimed' },
    {
      ...packet,
      at: at + 5_000,
      direction: 'up',
      data: '{"hello":{"attempt":1,"from":1,"got":0}}\n["say",1]\n["ask",1,1]\n[7]\nnone\n{"bye":{"code":1000}}',
    },
    {
      ...packet,
      at: at + 5_000,
      direction: 'down',
      data: '{"welcome":{"from":1,"got":0}}\n[1,null,{"code":"x","message":"y"}]\n["photo",null,null,[]]',
    },
    { type: 'status', at: at + 5_000, status: status('open') },
    { type: 'status', at: at + 6_500, status: status('paused') },
    { type: 'status', at: at + 7_500, status: status('closed') },
  ]
  for (const entry of entries) recording.trace(entry as TraceEntry)
  const inspector = document.createElement('holdfast-inspector')
  inspector.recording = recording
  document.body.append(inspector)
  onTestFinished(() => inspector.remove())
  const rows = (): number => inspector.shadowRoot!.querySelectorAll('.rows .row').length
  await expect.poll(rows, { timeout: 20_000 }).toBe(9)
  inspector.shadowRoot!.querySelector<HTMLElement>('.rows .row .name')!.click()
  const { violations } = await axe.run(inspector)
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`)).toEqual([])
})
