/** The page's line to those who drive it. */
import type { FromPage, Outcome, Probe } from '../contract.ts'
import type { Task } from '../measures.ts'

type ToPage = { readonly task: Task } | { readonly answer: number | null } | { readonly visit: string }

const driver = new WebSocket(`ws://127.0.0.1:${new URLSearchParams(location.search).get('driver')}`)
const waiting: ((answer: number | null) => void)[] = []
const say = (message: FromPage): void => driver.send(JSON.stringify(message))

/** Asks the outside. */
export const probe = (probe: Probe): Promise<number | null> =>
  new Promise((resolve) => {
    waiting.push(resolve)
    say({ probe })
  })

export function obey(carryOut: (task: Task) => Promise<Outcome>): void {
  driver.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as ToPage
    if ('visit' in message) return location.assign(message.visit)
    if ('answer' in message) return waiting.shift()?.(message.answer)
    carryOut(message.task)
      .then((outcome) => say({ outcome }))
      .catch((error: unknown) => say({ error: String(error) }))
  })
}
