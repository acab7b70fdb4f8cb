/** What outlives the page, for convenience only: it may be empty, forget, or hold what somebody else wrote. */
export interface Memory {
  get(key: string): string | null
  set(key: string, value: string): void
}

/** The browser's `localStorage`; nothing where there is none, or where it refuses (private windows, blocked cookies, a full disk). */
export const localMemory: Memory = {
  get(key) {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, value)
    } catch {
      // Then the next page finds out by itself.
    }
  },
}
