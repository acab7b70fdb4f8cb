import type { Vitals } from '../uses/app.ts'

export const processVitals = (): Omit<Vitals, 'messages'> => {
  let last = process.cpuUsage()
  let at = performance.now()
  return {
    cpu() {
      const { user, system } = process.cpuUsage(last)
      const passed = performance.now() - at
      last = process.cpuUsage()
      at = performance.now()
      return Math.min(1, (user + system) / 1_000 / Math.max(1, passed))
    },
    memory: () => process.memoryUsage().rss,
  }
}
