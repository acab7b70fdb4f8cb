import { type Diagnosis, type Layer, diagnose } from 'holdfast'
import { byId, make, setText } from './dom.ts'

const layers: Readonly<Record<Layer, string>> = {
  network: 'Network',
  upgrade: 'WebSocket: Upgrade',
  frames: 'WebSocket: frames',
  polling: 'HTTP: polling',
  streaming: 'HTTP: streaming',
  auth: 'Credentials',
}

/** `works` is undefined while it is being found out. */
const item = (layer: Layer, works?: boolean | null, took = 0, words = ''): HTMLLIElement => {
  const verdict = works ? `works, ${took} ms` : works === false ? 'fails' : works === null ? 'cannot be told' : '…'
  return make(
    'li',
    works ? 'works' : works === false ? 'fails' : '',
    make('p', 'finding', make('strong', '', layers[layer]), make('span', 'verdict', verdict)),
    make('p', 'words', words),
  )
}

/** The panel that says what gets through between this page and the server. Returns what opens it. */
export const createDiagnosis = (ask: () => Promise<{ url: string; auth: unknown }>): (() => void) => {
  const panel = byId('diagnosis', HTMLDialogElement)
  const summary = byId('summary')
  const findings = byId('findings')
  let run = 0

  const show = (diagnosis: Diagnosis): void => {
    setText(summary, diagnosis.summary)
    findings.replaceChildren(
      ...diagnosis.findings.map(({ layer, works, took, words }) => item(layer, works, took, words)),
    )
  }
  const look = async (): Promise<void> => {
    const mine = ++run
    setText(summary, 'Trying each way to the server. That takes up to ten seconds.')
    findings.replaceChildren(...(Object.keys(layers) as Layer[]).map((layer) => item(layer)))
    const { url, auth } = await ask()
    const diagnosis = await diagnose(url, { auth })
    if (mine === run) show(diagnosis)
  }
  byId('diagnose-again').addEventListener('click', () => void look())
  return () => {
    panel.showModal()
    void look()
  }
}
