/** A page of a scenario's own server, in a frame: what it is told to do, it does there, on the server's origin. */
import type * as library from 'holdfast'
import type * as storeLibrary from 'holdfast/store'
import { onTestFinished } from 'vitest'
import type { App } from '../tools/app.ts'

declare global {
  interface Window {
    /** In pages that have a socket: that, what was said to it, and what it told of its carriers. */
    socket: library.Socket<App>
    said: string[]
    trace: library.CarrierEntry[]
  }
  /** The built file of the page's script tag. */
  var holdfast: typeof library | undefined
  /** The same for the store, in a page that was asked for with `store`. */
  var holdfastStore: typeof storeLibrary | undefined
}

interface Reply {
  /** 0: the page is loaded. */
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

export interface Page {
  /** Runs a function there. Nothing from around it goes along: what it needs comes as arguments, which are plain data. */
  run<A extends readonly unknown[], R>(act: (...args: A) => R, ...args: A): Promise<Awaited<R>>
  /** Goes to another page of the same server, or loads this one again, right after it did a last thing. Resolves when it is loaded. */
  load(query?: string, last?: () => void): Promise<void>
  /** Goes away, in the task after the one that `act` ran in, which is the page's last. */
  leave(act: () => void): void
  close(): void
}

/** Loads `/page` of a server, `http://host:port`. */
export async function openPage(server: string, query = ''): Promise<Page> {
  const frame = document.createElement('iframe')
  const waiting = new Map<number, (reply: Reply) => void>()
  const hear = ({ source, data }: MessageEvent<Reply>): void => {
    if (source === frame.contentWindow) waiting.get(data.id)?.(data)
  }
  let last = 0
  let isLoaded = false
  const tell = (act: string | ((...args: never) => unknown), args: readonly unknown[]): number => {
    frame.contentWindow!.postMessage({ id: ++last, code: String(act), args }, '*')
    return last
  }
  const page: Page = {
    run: (act, ...args) =>
      new Promise((resolve, reject) => {
        waiting.set(tell(act, args), ({ value, error }) => {
          if (error === undefined) resolve(value as never)
          else reject(new Error(error))
        })
      }),
    load: (next = query, last = () => {}) =>
      new Promise((resolve) => {
        waiting.set(0, () => {
          isLoaded = true
          resolve()
        })
        const url = `${server}/page?${next}`
        // By itself, if it can: Firefox tells a page nothing of how it came that somebody else sent there.
        if (isLoaded) tell(`(url) => { (${String(last)})(); location.href = url }`, [url])
        else frame.src = url
      }),
    leave: (act) => void tell(act, []),
    close() {
      frame.remove()
      removeEventListener('message', hear)
    },
  }
  addEventListener('message', hear)
  onTestFinished(page.close)
  const loaded = page.load()
  document.body.append(frame)
  await loaded
  return page
}

/** For {@link Page.run}: connects there, keeps what it hears, and says this first. Tells when it began, by the wall clock. */
export function connectThere(path: string, options: library.ConnectOptions, ...texts: readonly string[]): number {
  const startedAt = Date.now()
  window.said = []
  window.trace = []
  window.socket = holdfast!.connect<App>(path, {
    ...options,
    trace: (entry) => entry.type === 'carrier' && window.trace.push(entry),
  })
  window.socket.on('said', (text) => window.said.push(text))
  for (const text of texts) window.socket.send('say', text)
  return startedAt
}
