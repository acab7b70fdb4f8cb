/** Numbers beside the picture, once a second. */
import { byId, setText } from '../../page/dom.ts'
import type { Helm } from './helm.ts'
import type { Backend } from '../../page/backend.ts'

const size = (bytes: number): string =>
  bytes < 1_000 ? `${Math.round(bytes)} B/s` : `${(bytes / 1_000).toFixed(1)} kB/s`

export const createGauges = (backend: Backend, helm: Helm) => {
  let frames = 0
  let snapshots = 0
  let at = performance.now()
  let before: { readonly up: number; readonly down: number } | undefined

  const look = async (): Promise<void> => {
    const now = performance.now()
    const seconds = (now - at) / 1_000
    at = now
    setText(byId('game-frames'), `${Math.round(frames / seconds)}`)
    setText(byId('game-snapshots'), `${Math.round(snapshots / seconds)}`)
    frames = snapshots = 0
    const { roundTrip: trip } = helm
    setText(byId('game-trip'), trip === null ? '–' : trip < 1 ? '< 1 ms' : `${Math.round(trip)} ms`)
    setText(byId('game-correction'), `${Math.round(helm.takeCorrection())} m`)
    const bytes = await backend.counts().then(
      (counts) => counts.bytes,
      () => undefined,
    )
    const rate = (way: 'up' | 'down'): string => (bytes && before ? size((bytes[way] - before[way]) / seconds) : '–')
    setText(byId('game-down'), rate('down'))
    setText(byId('game-up'), rate('up'))
    before = bytes
  }
  setInterval(() => {
    if (!document.hidden) void look()
  }, 1_000)
  return {
    frame: () => void frames++,
    snapshot: () => void snapshots++,
  }
}
