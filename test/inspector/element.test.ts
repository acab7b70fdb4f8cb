/** @vitest-environment happy-dom */
import { type TraceEntry, connect } from 'holdfast'
import { type HoldfastInspector, type Recording, createRecording, defineInspector } from 'holdfast/inspector'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

defineInspector()

const packet = (at: number, data: string, direction: 'up' | 'down' = 'up'): TraceEntry => ({
  type: 'packet',
  at,
  carrier: 'websocket',
  direction,
  data,
})
const status = (at: number, state: 'open' | 'waiting' | 'closed', change: object = {}): TraceEntry =>
  ({
    type: 'status',
    at,
    status: { state, pausedBy: null, transport: state === 'open' ? 'websocket' : null, cause: null, ...change },
  }) as TraceEntry

/** What is small is not drawn in every frame. */
const calm = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(1_200)
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
  document.body.replaceChildren()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const open = (recording?: Recording): HoldfastInspector => {
  const inspector = document.createElement('holdfast-inspector')
  if (recording) inspector.recording = recording
  document.body.append(inspector)
  return inspector
}
const within = ({ shadowRoot }: HoldfastInspector, selector: string): HTMLElement =>
  shadowRoot!.querySelector<HTMLElement>(selector)!
const textOf = (inspector: HoldfastInspector, selector: string): string => within(inspector, selector).textContent
const shown = (inspector: HoldfastInspector): string[] =>
  Array.from(inspector.shadowRoot!.querySelectorAll('.rows .row'), (row) =>
    Array.from(row.querySelectorAll('.way, .badge, .name'), (cell) => cell.textContent.trim()).join(' '),
  )
const button = (inspector: HoldfastInspector, text: string): HTMLButtonElement =>
  Array.from(inspector.shadowRoot!.querySelectorAll('button')).find((found) => found.textContent.startsWith(text))!
const press = async (inspector: HoldfastInspector, ...keys: string[]): Promise<void> => {
  for (const key of keys)
    within(inspector, '.grid').dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }))
  await calm()
}
const choose = async (inspector: HoldfastInspector, selector: string, value: string): Promise<void> => {
  const control = within(inspector, selector) as HTMLInputElement
  control.value = value
  control.dispatchEvent(new Event('input'))
  await calm()
}

/** Open, with a hello, three events and an answer. */
const talked = (): Recording => {
  const recording = createRecording()
  const { trace } = recording
  const at = Date.now()
  trace(status(at, 'open', { latency: 25, queued: 1, unacknowledged: 2 }))
  trace(packet(at, '{"hello":{"session":"…","attempt":1,"nonce":"…","from":1,"got":0}}\n["say","one"]\n["say","two"]'))
  trace(packet(at, '{"welcome":{"got":0,"from":1,"life":"…","up":1,"limit":65536}}\n["said","<b>one</b>"]', 'down'))
  trace(packet(at + 20, '{"ack":1}', 'down'))
  return recording
}

describe('a recording is shown', () => {
  test('by its state, its counts and its frames', async () => {
    const inspector = open(talked())
    await calm()
    expect(textOf(inspector, '.state')).toBe('Open · WebSocket')
    expect(Array.from(inspector.shadowRoot!.querySelectorAll('.summary dd'), (dd) => dd.textContent)).toEqual([
      '25 ms',
      '1',
      '2',
      '3 · 96 B',
      '3 · 94 B',
      '0',
    ])
    expect(shown(inspector)).toEqual([
      '↑ hello {"hello":{"session":"…","attempt":1,"nonce":"…","from":1,"got":0}}',
      '↑ event say "one"',
      '↑ event say "two"',
      '↓ welcome {"welcome":{"got":0,"from":1,"life":"…","up":1,"limit":65536}}',
      '↓ event said "<b>one</b>"',
      '↓ ack {"ack":1}',
    ])
    const ages = Array.from(inspector.shadowRoot!.querySelectorAll('.rows .age'), (cell) => cell.textContent)
    expect(ages).toEqual(['', '20 ms', 'pending', '', 'pending', ''])
    expect(inspector.shadowRoot!.querySelector('.rows b b')).toBeNull()
  })

  test('as it goes on, and state changes are announced', async () => {
    const recording = talked()
    const inspector = open(recording)
    await calm()
    recording.trace(status(Date.now(), 'waiting', { cause: new Error('The line broke.') }))
    recording.trace(packet(Date.now(), '["later"]'))
    await calm()
    expect(textOf(inspector, '[role=status]')).toBe('Waiting. The line broke.')
    expect(shown(inspector).at(-1)).toBe('↑ event later')
    expect(within(inspector, '.strip').textContent).toBe('OpenWaiting')
  })

  test('with why carriers were left', async () => {
    const recording = createRecording()
    const step = { type: 'carrier', at: Date.now(), carrier: 'websocket' } as const
    recording.trace({ ...step, event: 'dial', phase: 'out' })
    recording.trace({ ...step, event: 'failed', phase: 'dialing' })
    const inspector = open(recording)
    await calm()
    expect(textOf(inspector, '.carriers li')).toContain('WebSocket could not be opened.')
  })

  test('once for each of the page’s frames at most, and only its end is in the page', async () => {
    const inspector = open()
    await calm()
    const render = vi.spyOn(window, 'requestAnimationFrame')
    for (let i = 0; i < 5_000; i++) inspector.trace(packet(Date.now(), `["tick",${i}]`))
    expect(render).toHaveBeenCalledOnce()
    await calm()
    expect(shown(inspector).length).toBeLessThan(50)
    expect(within(inspector, '.grid').getAttribute('aria-rowcount')).toBe('2001')
  })
})

describe('frames', () => {
  test('are searched for, by direction, and by kind', async () => {
    const inspector = open(talked())
    await choose(inspector, 'input[type=search]', 'TW')
    expect(shown(inspector)).toEqual(['↑ event say "two"'])
    expect(textOf(inspector, '.count')).toBe('1 of 6 frames')
    await choose(inspector, 'input[type=search]', '<b>')
    expect(shown(inspector)).toEqual(['↓ event said "<b>one</b>"'])
    await choose(inspector, 'input[type=search]', '(')
    expect(shown(inspector)).toEqual([])
    await choose(inspector, 'input[type=search]', '')
    await choose(inspector, '.toolbar select', 'down')
    expect(shown(inspector)).toHaveLength(3)
    await choose(inspector, '.toolbar select:nth-of-type(2)', 'Control')
    expect(shown(inspector).map((row) => row.split(' ')[1])).toEqual(['welcome', 'ack'])
  })

  test('are chosen with keys or a pointer, and told in full', async () => {
    const inspector = open(talked())
    await calm()
    await press(inspector, 'ArrowUp', 'ArrowUp')
    const chosen = (): string | null => within(inspector, '[aria-selected=true] .name').textContent
    expect(chosen()).toBe('said "<b>one</b>"')
    expect(within(inspector, '.grid').getAttribute('aria-activedescendant')).toBe(
      within(inspector, '[aria-selected=true]').id,
    )
    expect(textOf(inspector, '.details pre')).toBe('[\n  "said",\n  "<b>one</b>"\n]')
    await press(inspector, 'Home', 'ArrowDown')
    expect(chosen()).toBe('say "one"')
    expect(textOf(inspector, '.details dl')).toContain('Acknowledgedafter 20 ms')
    await press(inspector, 'Enter')
    expect(inspector.shadowRoot!.activeElement).toBe(within(inspector, '.details h3'))
    await press(inspector, 'Escape')
    expect(within(inspector, '.details').hidden).toBe(true)
    within(inspector, '.rows .row .name').click()
    expect(textOf(inspector, '.details h3')).toBe('hello')
  })

  test('stand while it is paused, though the recording goes on', async () => {
    const recording = talked()
    const inspector = open(recording)
    await calm()
    button(inspector, 'Pause').click()
    recording.trace(packet(Date.now(), '["later"]'))
    recording.trace(packet(Date.now(), '{"ack":1}'))
    await calm()
    expect(shown(inspector)).toHaveLength(6)
    expect(recording.history.frames).toHaveLength(8)
    button(inspector, 'Resume').click()
    await calm()
    expect(shown(inspector)).toHaveLength(8)
  })

  test('are forgotten', async () => {
    const recording = talked()
    const inspector = open(recording)
    await press(inspector, 'End')
    button(inspector, 'Clear').click()
    recording.trace(packet(Date.now(), '["say","three"]'))
    await calm()
    expect(shown(inspector)).toEqual(['↑ event say "three"'])
    expect(within(inspector, '.details').hidden).toBe(true)
  })
})

describe('a file', () => {
  const load = async (inspector: HoldfastInspector, text: string): Promise<void> => {
    const input = within(inspector, 'input[type=file]') as HTMLInputElement
    Object.defineProperty(input, 'files', { configurable: true, value: [new File([text], 'session.json')] })
    input.dispatchEvent(new Event('change'))
    await calm()
  }

  test('of another session is shown beside the live one, and left again', async () => {
    const inspector = open(talked())
    const other = createRecording()
    other.trace(packet(Date.now(), '["elsewhere"]'))
    await load(inspector, JSON.stringify(other))
    expect(shown(inspector)).toEqual(['↑ event elsewhere'])
    expect(textOf(inspector, '.banner')).toContain('Imported: session.json')
    expect([within(inspector, '.banner').hidden, button(inspector, 'Clear').disabled]).toEqual([false, true])
    inspector.trace(packet(Date.now(), '["meanwhile"]'))
    button(inspector, 'Back').click()
    await calm()
    expect(shown(inspector).at(-1)).toBe('↑ event meanwhile')
    expect(within(inspector, '.banner').hidden).toBe(true)
  })

  test('that is none is refused, and nothing else changes', async () => {
    const inspector = open(talked())
    await load(inspector, '{"frames":[]}')
    expect(textOf(inspector, '[role=alert]')).toContain('Not a recording')
    expect([shown(inspector).length, within(inspector, '.banner').hidden]).toEqual([6, true])
    await load(inspector, JSON.stringify(talked()))
    expect(textOf(inspector, '[role=alert]')).toBe('')
  })
})

describe('the element', () => {
  test('is defined once, whoever asks for it again, and under any name', () => {
    defineInspector()
    defineInspector('my-inspector')
    expect(document.createElement('my-inspector')).toBeInstanceOf(HTMLElement)
  })

  test('that was there before it was defined takes the recording that was set', async () => {
    document.body.innerHTML = '<late-inspector></late-inspector>'
    const inspector = document.querySelector<HoldfastInspector>('late-inspector')!
    const recording = talked()
    inspector.recording = recording
    defineInspector('late-inspector')
    customElements.upgrade(inspector)
    await calm()
    expect(inspector.recording).toBe(recording)
    expect(shown(inspector)).toHaveLength(6)
  })

  test('holds nothing while it is out of the page, and goes on when it is back', async () => {
    const recording = talked()
    const listening = new Set<symbol>()
    vi.spyOn(recording, 'subscribe').mockImplementation(() => {
      const who = Symbol('listener')
      listening.add(who)
      return () => void listening.delete(who)
    })
    const inspector = open(recording)
    await calm()
    expect([vi.getTimerCount(), listening.size]).toEqual([1, 1])
    inspector.remove()
    expect([vi.getTimerCount(), listening.size]).toEqual([0, 0])
    recording.trace(packet(Date.now(), '["meanwhile"]'))
    expect(vi.getTimerCount()).toBe(0)
    document.body.append(inspector)
    await calm()
    expect(shown(inspector).at(-1)).toBe('↑ event meanwhile')
    expect(listening.size).toBe(1)
    inspector.recording = createRecording()
    expect(listening.size).toBe(0)
  })

  test('fills a recording of its own by its trace, which can be handed on as it is', async () => {
    const inspector = open()
    const { trace } = inspector
    const socket = connect('ws://server.test', { trace, transport: 'websocket' })
    trace(packet(Date.now(), '["say"]'))
    await calm()
    expect(inspector.recording.history.stages[0]).toMatchObject({ state: 'idle' })
    expect(shown(inspector)).toEqual(['↑ event say'])
    await socket.close({ timeout: 0 })
  })
})
