import type { TraceEntry } from '../session/trace.ts'
import { createPanel } from './panel.ts'
import { type Recording, createRecording } from './recording.ts'
import { STYLE } from './style.ts'

/** `<holdfast-inspector>`: shows a recording, live. */
export interface HoldfastInspector extends HTMLElement {
  /** What is shown. Default: one of its own, which {@link HoldfastInspector.trace} fills. */
  recording: Recording
  /** Of its recording: for the option `trace` of `connect`. Bound: it can be handed on as it is. */
  readonly trace: (entry: TraceEntry) => void
}

declare global {
  interface HTMLElementTagNameMap {
    'holdfast-inspector': HoldfastInspector
  }
}

/** The time goes on though nothing happens (ms). */
const TICK = 1_000

/** A day (ms): what is older was not recorded just now, or by another clock. */
const DAY = 86_400_000

const nowAfter = (until: number): number => {
  const now = Date.now()
  return now > until && now - until < DAY ? now : until
}

const traceOf =
  (live: { readonly recording: Recording }): HoldfastInspector['trace'] =>
  (entry) =>
    live.recording.trace(entry)

/** Made only where there are elements: the module can be loaded on servers. */
const createClass = (): CustomElementConstructor =>
  class extends HTMLElement implements HoldfastInspector {
    /** Apart from the element: a socket that has its trace does not keep it alive by that. */
    readonly #live: { recording: Recording } = { recording: createRecording() }
    #panel = createPanel(() => this.#invalidate())
    #frame = 0
    #ticking: ReturnType<typeof setInterval> | undefined
    #unsubscribe = (): void => {}
    #resizes = new ResizeObserver(() => this.#invalidate())

    readonly trace: HoldfastInspector['trace'] = traceOf(this.#live)

    constructor() {
      super()
      const root = this.attachShadow({ mode: 'open' })
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(STYLE)
      root.adoptedStyleSheets = [sheet]
      root.append(...this.#panel.elements)
      this.#panel.show(this.#live.recording)
      // Set before the element was defined, it would hide the accessor.
      if (!Object.hasOwn(this, 'recording')) return
      const { recording } = this as HoldfastInspector
      delete (this as Partial<HoldfastInspector>).recording
      this.recording = recording
    }

    get recording(): Recording {
      return this.#live.recording
    }

    set recording(recording: Recording) {
      this.#live.recording = recording
      this.#panel.show(recording)
      if (this.isConnected) this.#listen()
    }

    connectedCallback(): void {
      this.#listen()
      this.#ticking = setInterval(() => this.#invalidate(), TICK)
      this.#resizes.observe(this)
    }

    disconnectedCallback(): void {
      this.#unsubscribe()
      clearInterval(this.#ticking)
      cancelAnimationFrame(this.#frame)
      this.#frame = 0
      this.#resizes.disconnect()
    }

    #listen(): void {
      this.#unsubscribe()
      this.#unsubscribe = this.#live.recording.subscribe(() => this.#invalidate())
      this.#invalidate()
    }

    /** At most one rendering for each frame of the page, and none that nobody sees. */
    #invalidate(): void {
      if (this.#frame || !this.isConnected) return
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0
        if (this.getClientRects().length === 0) return
        this.#panel.render(nowAfter(this.#live.recording.history.until))
      })
    }
  }

/** Defines the element, under this name. Where there are no custom elements, or one of that name is defined, it does nothing. */
export const defineInspector = (name = 'holdfast-inspector'): void => {
  const { customElements } = globalThis as Partial<typeof globalThis>
  if (customElements && !customElements.get(name)) customElements.define(name, createClass())
}
