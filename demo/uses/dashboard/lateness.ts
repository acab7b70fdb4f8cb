/** Milliseconds between two looks. */
const EVERY = 50

/** How late timers are, anywhere that has timers: while something holds the thread, none fires. */
export const measureLateness = (): { readonly worst: () => number; readonly end: () => void } => {
  let due = performance.now() + EVERY
  let worst = 0
  const look = (): void => {
    const now = performance.now()
    worst = Math.max(worst, now - due)
    due = now + EVERY
    timer = setTimeout(look, EVERY)
  }
  let timer = setTimeout(look, EVERY)
  return {
    /** The worst since it was asked last. */
    worst() {
      const told = Math.max(worst, performance.now() - due)
      worst = 0
      return told
    },
    end: () => clearTimeout(timer),
  }
}
