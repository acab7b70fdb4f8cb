/** What outlives the page, for convenience only: it may be empty, forget, or hold what somebody else wrote. */
export interface Memory {
  get(key: string): string | null
  set(key: string, value: string): void
}

/** Nothing where there is no such storage, or where it refuses (private windows, blocked cookies, a full disk). */
const memoryIn = (storage: () => Storage): Memory => ({
  get(key) {
    try {
      return storage().getItem(key)
    } catch {
      return null
    }
  },
  set(key, value) {
    try {
      storage().setItem(key, value)
    } catch {
      // Then the next page finds out by itself.
    }
  },
})

/** What all pages of an origin share. */
export const localMemory: Memory = /* @__PURE__ */ memoryIn(() => localStorage)

/** What a tab keeps from page to page; a duplicated tab begins with a copy. */
export const tabMemory: Memory = /* @__PURE__ */ memoryIn(() => sessionStorage)
