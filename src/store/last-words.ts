/**
 * What a page has begun to write and does not know to be kept when it goes. Browsers may drop it with the page: WebKit all of a
 * transaction that waited for another one. So it is said once more, to the tab's own memory, which has it at once.
 */
import type { Memory } from '../platform/memory.ts'
import type { StorageChange } from '../platform/storage.ts'
import { fromBase64, toBase64 } from '../protocol/base64.ts'

/**
 * Orders the changes: `generation` grows with each claim of the place, `at` is the time of the last write (milliseconds since the
 * epoch), and `count` numbers them within a generation.
 */
export type Key = [name: string, place: string, generation: number, at: number, count: number]

/** A change, and where it was to stand: its key in the database. */
export type LastWord = readonly [key: Key, change: StorageChange]

export const sayLast = (tab: Memory, name: string, words: Iterable<LastWord>): void => {
  const said = Array.from(words, ([key, { put, ...rest }]) => [
    key,
    {
      ...rest,
      put: put.map(({ frame, ...message }) => ({
        ...message,
        frame: typeof frame === 'string' ? frame : [toBase64(frame)],
      })),
    },
  ])
  tab.set(name, JSON.stringify(said))
}

/** Nothing, if it is none of ours: anybody may write there. */
export const hearLast = (tab: Memory, name: string): LastWord[] => {
  try {
    const said = JSON.parse(tab.get(name) || '[]') as [Key, { state: unknown; put: { frame: string | [string] }[] }][]
    return said.map(([key, { put, ...rest }]) => [
      key,
      {
        drop: [],
        ...rest,
        put: put.map((message) => {
          const { frame } = message
          return { ...message, frame: typeof frame === 'string' ? frame : fromBase64(frame[0]) }
        }),
      } as unknown as StorageChange,
    ])
  } catch {
    return []
  }
}
