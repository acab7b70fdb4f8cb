/** What pages do whose sessions outlive them: for {@link Page.run} and the like, nothing from around it goes along. */
import type { App } from '../tools/app.ts'

/** Goes on with the session that is kept there. Resolves when it is open. */
export function goOn(host: string): Promise<void> {
  window.said = []
  window.socket = holdfast!.connect<App>(`ws://${host}/live`, {
    backoff: { base: 30, factor: 1.5, max: 200, jitter: 1 },
    outbox: { store: holdfastStore!.indexedDbStore('chat', { reloadTime: 0 }) },
  })
  window.socket.on('said', (text) => window.said.push(text))
  return new Promise((resolve) => {
    window.socket.status.subscribe(({ state }) => {
      if (state === 'open') resolve()
    })
  })
}

/** Says so many numbers, on from the last one of the tab. */
export function count(texts = 100): void {
  let last = Number(sessionStorage.getItem('last'))
  for (let text = 0; text < texts; text++) window.socket.send('say', `${++last}`)
  sessionStorage.setItem('last', `${last}`)
}

/** Resolves when an echo was there. */
export const isAnswered = (): Promise<void> =>
  new Promise((resolve) => {
    if (window.said.length > 0) resolve()
    else window.socket.once('said', () => resolve())
  })

/** The numbers from 1. */
export const numbers = (last: number): string[] => Array.from({ length: last }, (_, index) => `${index + 1}`)
