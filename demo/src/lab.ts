import { byId, setText } from './dom.ts'

/** The page as the demo's server knows it, to break its connections and nobody else's. */
interface LabOptions {
  readonly page: string
  readonly tell: (text: string) => void
  readonly say: (text: string) => boolean
}

const OFFLINE = 10_000
const COUNT = 40

/** The buttons that break things. What they do is done to real sockets and processes, by the demo's server. */
export const createLab = ({ page, tell, say }: LabOptions): void => {
  const ask = async (fault: string, how = ''): Promise<boolean> => {
    try {
      const { ok } = await fetch(`/control/${fault}?page=${page}&ms=${OFFLINE}&how=${how}`, { method: 'POST' })
      return ok
    } catch {
      tell('The whole demo is down, so there is nothing left to break. Start it with npm start.')
      return false
    }
  }
  /** Does its work once at a time. Busy, not disabled: a disabled button would lose the keyboard's focus. */
  const onPress = (id: string, work: (label: (text: string) => void) => Promise<void>): void => {
    const button = byId(id)
    const text = button.textContent
    button.addEventListener('click', () => {
      if (button.ariaBusy === 'true') return
      button.ariaBusy = 'true'
      void work((label) => setText(button, label)).finally(() => {
        button.ariaBusy = 'false'
        if (!button.classList.contains('on')) setText(button, text)
      })
    })
  }

  interface Toggle {
    /** Does it, or undoes it; false if that was not possible. */
    readonly turn: (on: boolean) => Promise<boolean>
    /** What the button says while it is on. */
    readonly undo: string
    readonly done: string
    readonly undone: string
  }
  const onToggle = (id: string, { turn, undo, done, undone }: Toggle): void => {
    const { classList } = byId(id)
    onPress(id, async (label) => {
      const on = !classList.contains('on')
      if (!(await turn(on))) return
      classList.toggle('on', on)
      if (on) label(undo)
      tell(on ? done : undone)
    })
  }

  onToggle('cut', {
    turn: (on) => ask(on ? 'cut' : 'mend'),
    undo: 'Let it back',
    done: 'You cut the connection.',
    undone: 'You let the connection back.',
  })
  const blockade = byId('blockade', HTMLSelectElement)
  onToggle('block', {
    async turn(on) {
      if (!(await ask(on ? 'block' : 'unblock', blockade.value))) return false
      // Who leaves a network that blocks WebSockets is in another one: browsers say so, and this stands for it.
      if (!on) dispatchEvent(new Event('online'))
      return true
    },
    undo: 'Let them through',
    done: 'You block WebSockets.',
    undone: 'You are in a network without a blockade.',
  })
  blockade.addEventListener('change', () => {
    if (byId('block').classList.contains('on')) void ask('block', blockade.value)
  })
  onToggle('gather', {
    turn: (on) => ask(on ? 'gather' : 'scatter'),
    undo: 'Let answers stream',
    done: 'HTTP answers are gathered until they are complete.',
    undone: 'HTTP answers come through as they are written.',
  })
  onPress('offline', async (label) => {
    if (!(await ask('offline'))) return
    tell('Nothing gets through, and nobody is told.')
    const end = performance.now() + OFFLINE
    for (let left = OFFLINE; left > 0; left = end - performance.now()) {
      label(`Offline for ${Math.ceil(left / 1000)} s`)
      await pause(200)
    }
    tell('Everything gets through again.')
  })
  onPress('restart', async (label) => {
    label('Restarting')
    tell('The server is asked to drain and to restart.')
    if (await ask('restart')) tell('A new server process listens.')
  })
  onPress('kill', async (label) => {
    label('Killed')
    tell('The server process is killed.')
    if (await ask('kill')) tell('A new server process listens.')
  })
  onPress('count', async (label) => {
    for (let n = 1; n <= COUNT; n++) {
      label(`Counting: ${n}`)
      if (!say(String(n))) return
      await pause(250)
    }
  })

  const toggle = byId('toggle-lab')
  toggle.addEventListener('click', () => {
    const isOpen = document.body.classList.toggle('lab-open')
    toggle.ariaExpanded = String(isOpen)
    setText(toggle, isOpen ? 'Back' : 'Break it')
  })
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))
