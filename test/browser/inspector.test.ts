/** The inspector in real pages: from a script tag, on a live socket that breaks. What it shows of what is in test/inspector/. */
import type { HoldfastInspector, Recording } from 'holdfast/inspector'
import { expect, onTestFinished, test, vi } from 'vitest'
import { distUrl, openScenario } from './remote.ts'
import { isOpen, join, status } from './support.ts'

/** However busy the machine is. */
const patient = { timeout: 20_000 }

const loadScript = async (): Promise<void> => {
  if (customElements.get('holdfast-inspector')) return
  const script = document.createElement('script')
  script.src = distUrl('inspector.iife.min.js')
  document.head.append(script)
  await customElements.whenDefined('holdfast-inspector')
}

const open = async (width: string, recording?: Recording): Promise<HoldfastInspector> => {
  await loadScript()
  const inspector = document.createElement('holdfast-inspector')
  if (recording) inspector.recording = recording
  inspector.style.inlineSize = width
  document.body.append(inspector)
  onTestFinished(() => inspector.remove())
  return inspector
}
const within = ({ shadowRoot }: HoldfastInspector, selector: string): HTMLElement =>
  shadowRoot!.querySelector<HTMLElement>(selector)!
const textOf = (inspector: HoldfastInspector, selector: string): string => within(inspector, selector).textContent
const names = ({ shadowRoot }: HoldfastInspector): string[] =>
  Array.from(shadowRoot!.querySelectorAll('.rows .name b'), (name) => name.textContent)
const press = (inspector: HoldfastInspector, key: string): boolean =>
  within(inspector, '.grid').dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true, bubbles: true }))
const click = (inspector: HoldfastInspector, text: string): void =>
  Array.from(inspector.shadowRoot!.querySelectorAll('button'))
    .find((button) => button.textContent.startsWith(text))!
    .click()

/** What the page would save, without a dialogue. */
const exported = async (inspector: HoldfastInspector): Promise<File> => {
  const create = vi.spyOn(URL, 'createObjectURL').mockReturnValue('data:,')
  const save = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {})
  click(inspector, 'Export')
  const [blob] = create.mock.calls[0] as [Blob]
  create.mockRestore()
  save.mockRestore()
  return new File([blob], 'session.json')
}

test('shows a socket that breaks: its states, its carriers, its frames, and again from a file', async () => {
  const scenario = await openScenario()
  onTestFinished(scenario.close)
  const inspector = await open('900px')
  // Over HTTP, a cut would not end the connection.
  const { socket, said } = join(scenario, { trace: inspector.trace, transport: 'websocket' })
  socket.send('say', 'one')
  await expect.poll(() => said, patient).toEqual(['one'])
  const broken = status(socket, ({ state }) => state !== 'open')
  await scenario.cut()
  await broken
  await status(socket, isOpen)
  socket.send('say', 'two')
  await expect.poll(() => names(inspector).filter((name) => name === 'said'), patient).toHaveLength(2)
  await expect.poll(() => textOf(inspector, '.state'), patient).toBe('Open · WebSocket')
  await expect.poll(() => textOf(inspector, '.strip'), patient).toMatch(/Open.*Waiting.*Open/)
  await expect.poll(() => textOf(inspector, '.carriers'), patient).toContain('The connection broke')

  const search = within(inspector, 'input[type=search]') as HTMLInputElement
  search.value = 'TWO'
  search.dispatchEvent(new Event('input'))
  await expect.poll(() => names(inspector), patient).toEqual(['say', 'said'])
  press(inspector, 'Home')
  await expect.poll(() => textOf(inspector, '.details pre'), patient).toBe('[\n  "say",\n  "two"\n]')
  press(inspector, 'Enter')
  expect(inspector.shadowRoot!.activeElement).toBe(within(inspector, '.details h3'))

  click(inspector, 'Pause')
  socket.send('say', 'two, again')
  await expect.poll(() => said, patient).toHaveLength(3)
  expect(names(inspector)).toEqual(['say', 'said'])
  click(inspector, 'Resume')
  await expect.poll(() => names(inspector), patient).toEqual(['say', 'said', 'say', 'said'])

  const file = await exported(inspector)
  await socket.close()
  const elsewhere = await open('320px')
  const input = within(elsewhere, 'input[type=file]') as HTMLInputElement
  Object.defineProperty(input, 'files', { value: [file] })
  input.dispatchEvent(new Event('change'))
  await expect.poll(() => textOf(elsewhere, '.banner'), patient).toContain('Imported: session.json')
  await expect.poll(() => names(elsewhere), patient).toContain('said')
  await expect.poll(() => textOf(elsewhere, '.carriers'), patient).toContain('The connection broke')
})

test('keeps only what is in view in the page, follows what comes, and stays where somebody reads', async () => {
  const inspector = await open('600px')
  const grid = within(inspector, '.grid')
  let sent = 0
  const send = (): void =>
    inspector.trace({
      type: 'packet',
      at: Date.now(),
      carrier: 'websocket',
      direction: 'up',
      data: `["tick",${++sent}]`,
    })
  const last = (): string => Array.from(inspector.shadowRoot!.querySelectorAll('.rows .data')).at(-1)?.textContent ?? ''
  while (sent < 3_000) send()
  await expect.poll(last, patient).toBe('3000')
  expect(inspector.shadowRoot!.querySelectorAll('.rows .row').length).toBeLessThan(60)
  send()
  await expect.poll(last, patient).toBe('3001')

  grid.scrollTop = 10_000
  const top = (): string => {
    const { top } = grid.getBoundingClientRect()
    const rows = Array.from(inspector.shadowRoot!.querySelectorAll('.rows .row'))
    return rows.find((row) => row.getBoundingClientRect().top > top + 26)!.querySelector('.data')!.textContent
  }
  await expect.poll(() => within(inspector, '.newest').hidden, patient).toBe(false)
  const seen = top()
  // The oldest go meanwhile.
  for (let i = 0; i < 100; i++) send()
  await expect.poll(() => grid.scrollTop, patient).toBe(10_000 - 100 * 26)
  expect(top()).toBe(seen)
  click(inspector, 'Newest')
  await expect.poll(last, patient).toBe('3101')
})

test.each(['320px', '900px'])('%s wide, nothing sticks out', async (width) => {
  const inspector = await open(width)
  inspector.trace({
    type: 'packet',
    at: Date.now(),
    carrier: 'http',
    direction: 'down',
    data: `["${'x'.repeat(500)}"]`,
  })
  await expect.poll(() => names(inspector), patient).toHaveLength(1)
  press(inspector, 'End')
  expect(inspector.scrollWidth).toBe(inspector.clientWidth)
})

test('a page whose policy forbids inline styles shows it all the same', async () => {
  const frame = document.createElement('iframe')
  const policy = `<meta http-equiv="Content-Security-Policy" content="style-src 'self'">`
  frame.srcdoc = `<!doctype html>${policy}<holdfast-inspector></holdfast-inspector><script src="${distUrl('inspector.iife.min.js')}"></script>`
  document.body.append(frame)
  onTestFinished(() => frame.remove())
  const inspector = (): HoldfastInspector | null => frame.contentDocument!.querySelector('holdfast-inspector')
  await expect.poll(() => inspector()?.shadowRoot, patient).toBeTruthy()
  const violations: string[] = []
  frame.contentDocument!.addEventListener('securitypolicyviolation', (event) =>
    violations.push(event.violatedDirective),
  )
  inspector()!.trace({ type: 'packet', at: Date.now(), carrier: 'http', direction: 'up', data: '["say","hello"]' })
  await expect.poll(() => names(inspector()!), patient).toEqual(['say'])
  expect(getComputedStyle(within(inspector()!, '.badge')).borderRadius).toBe('5px')
  expect(getComputedStyle(within(inspector()!, '.rows .row')).transform).not.toBe('none')
  expect(violations).toEqual([])
})
