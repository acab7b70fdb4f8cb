/** The server's clock, as well as it is known in the page. */
import type { Socket } from 'holdfast'
import type { Lab } from './contract.ts'
import { preciseTime } from './message.ts'
import { createOffset } from './offset.ts'

/** Questions at the beginning: the first ones take longer than any later. */
const AT_FIRST = 5

export const openClock = async (socket: Socket<Lab>, show: (uncertainty: number) => void) => {
  const offset = createOffset()
  const learn = async (): Promise<void> => {
    const asked = preciseTime()
    try {
      const said = await socket.request('clock', undefined, { timeout: 2_000 })
      offset.learn(asked, said, preciseTime())
      show(offset.uncertainty)
    } catch {
      // Nobody answers just now: what was learned before holds.
    }
  }
  for (let question = 0; question < AT_FIRST; question++) await learn()
  return { learn, now: () => preciseTime() + offset.value }
}
