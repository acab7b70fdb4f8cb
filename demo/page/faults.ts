/** The panel that breaks things. What it does is done to real sockets and processes, by whoever serves the demo. */
import type { Backend } from './backend.ts'
import { byId, make, setText } from './dom.ts'
import { type Befall, type Breakable, breakables } from './fault-list.ts'
import { createDiagnosis } from './diagnosis.ts'

interface FaultsOptions {
  readonly backend: Backend
  readonly tell: (text: string) => void
  readonly diagnose: Parameters<typeof createDiagnosis>[0]
}

/** What is on of something that can be: 0 for nothing, else which of its ways. */
interface Control {
  readonly label: string
  readonly element: HTMLElement
  /** What it is called while it is on, by way. */
  readonly words: readonly string[]
  on: number
  set(on: number): Promise<void>
  show(): void
}

export interface FaultPanel {
  /** Whether the demo answers at all. */
  reachable(is: boolean): void
  /** Undoes all that is on. */
  heal(): Promise<void>
  /** Makes `button` another one for what this label turns on and off. */
  mirror(label: string, button: HTMLElement): void
}

const DOWN = 'The whole demo is down. Start it with npm start.'

export const createFaults = ({ backend, tell, diagnose }: FaultsOptions): FaultPanel => {
  const controls: Control[] = []
  const mirrors = new Map<string, HTMLElement[]>()
  let isReachable = true
  const befall: Befall = (fault, value) => backend.befall(fault, value)

  const summarize = (): void => {
    const words = controls.map(({ words, on }) => words[on] ?? '').filter(Boolean)
    setText(byId('badge'), words.length > 0 ? String(words.length) : '')
    setText(byId('broken'), !isReachable ? DOWN : words.length > 0 ? words.join(', ') : 'Nothing is broken.')
    byId('broken').classList.toggle('some', !isReachable || words.length > 0)
    byId('heal').style.visibility = words.length > 0 ? 'visible' : 'hidden'
  }
  const turns = new Map<HTMLElement, Promise<void>>()
  /** Does it when what was asked of this control before is done. Busy, not disabled: a disabled control would lose the keyboard's focus. */
  const inTurn = (element: HTMLElement, work: () => Promise<void>, show = (): void => {}): Promise<void> => {
    const turn = (turns.get(element) ?? Promise.resolve()).then(async () => {
      element.ariaBusy = 'true'
      try {
        await work()
      } catch {
        panel.reachable(false)
      }
      element.ariaBusy = 'false'
      summarize()
      // What was chosen meanwhile stays to be seen.
      if (turns.get(element) === turn) show()
    })
    turns.set(element, turn)
    return turn
  }

  const press = ({ label, told, isHarsh, act }: Extract<Breakable, { kind: 'press' }>): HTMLElement => {
    const button = buttonOf(label, isHarsh ? 'harsh' : '')
    button.addEventListener('click', () => {
      if (button.ariaBusy === 'true') return
      void inTurn(button, async () => {
        tell(told[0])
        await act(befall)
        if (told[1] !== undefined) tell(told[1])
      })
    })
    return button
  }
  const toggle = ({ label, word, told, turn }: Extract<Breakable, { kind: 'toggle' }>): HTMLElement => {
    const element = buttonOf(label)
    element.ariaPressed = 'false'
    const control: Control = {
      label,
      element,
      words: ['', word],
      on: 0,
      async set(on) {
        await turn(befall, on === 1)
        control.on = on
        tell(told[1 - on]!)
      },
      show() {
        element.ariaPressed = String(control.on === 1)
        for (const button of mirrors.get(label) ?? []) button.ariaPressed = element.ariaPressed
      },
    }
    element.addEventListener('click', () => {
      void inTurn(element, () => control.set(1 - control.on), control.show)
    })
    controls.push(control)
    return element
  }
  const choice = ({ label, ways, choose }: Extract<Breakable, { kind: 'choice' }>): HTMLElement => {
    const element = make('select', '', ...ways.map(({ name }) => make('option', '', name)))
    element.ariaLabel = label
    const control: Control = {
      label,
      element,
      words: ways.map(({ word }) => word),
      on: 0,
      async set(on) {
        await choose(befall, on)
        control.on = on
        tell(`${label}: ${ways[on]!.name}.`)
      },
      show() {
        element.selectedIndex = control.on
        element.classList.toggle('on', control.on > 0)
      },
    }
    element.addEventListener('change', () => {
      const chosen = element.selectedIndex
      void inTurn(element, () => control.set(chosen), control.show)
    })
    controls.push(control)
    return make('span', 'choice', make('span', '', label), element)
  }

  const panel: FaultPanel = {
    reachable(is) {
      if (is === isReachable) return
      isReachable = is
      tell(is ? 'The demo is back.' : DOWN)
      summarize()
      // Its proxies are new, and know nothing of what was broken.
      if (is) void panel.heal()
    },
    async heal() {
      // Backwards: what is cut for healing's sake is cut before the network is said to be another one.
      for (const control of controls.toReversed())
        await inTurn(control.element, async () => void (control.on > 0 && (await control.set(0))), control.show)
    },
    mirror(label, button) {
      mirrors.set(label, [...(mirrors.get(label) ?? []), button])
      button.addEventListener('click', () => controls.find((control) => control.label === label)?.element.click())
    },
  }

  const rows = (item: Breakable): Node[] => {
    const element = item.kind === 'press' ? press(item) : item.kind === 'toggle' ? toggle(item) : choice(item)
    return describe(element, item.about)
  }
  const looks = buttonOf('Diagnose')
  looks.ariaHasPopup = 'dialog'
  looks.addEventListener('click', createDiagnosis(diagnose))
  byId('faults').replaceChildren(
    ...breakables.flatMap(({ title, items }) => [
      make('h2', 'group', title),
      make('div', 'faults', ...items.flatMap(rows)),
    ]),
    make('h2', 'group', 'And look'),
    make('div', 'faults', ...describe(looks, 'Tries each way to the server, and says in words what gets through.')),
    make(
      'p',
      'soft',
      'Or ',
      make('code', '', 'kill -9'),
      ' it all in the terminal, keep this page, and start it again.',
    ),
  )
  byId('heal').addEventListener('click', () => void panel.heal())
  summarize()
  return panel
}

const buttonOf = (label: string, className = ''): HTMLButtonElement => {
  const button = make('button', className, label)
  button.type = 'button'
  return button
}

/** A control, and what it does, which is read out with it. */
const describe = (element: HTMLElement, text: string): Node[] => {
  const about = make('p', '', text)
  about.id = `about-${(element.querySelector('span') ?? element).textContent.toLowerCase().replaceAll(/\W+/g, '-')}`
  const control = element.querySelector('select') ?? element
  control.setAttribute('aria-describedby', about.id)
  return [element, about]
}
