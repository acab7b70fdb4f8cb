/** The stores of the house against the suite that every store has to pass. */
import { type StoreCase, seededRandom, storeCases, virtualClock, virtualStore } from 'holdfast/testing'
import { describe, expect, test } from 'vitest'
import { type Page, createOrigin, settledBy } from './origin.ts'

const inDatabase = ({ run }: StoreCase): Promise<void> => {
  const { open, settled } = createOrigin()
  return settled(run({ open: (like) => Promise.resolve(open({ like: like as Page | undefined })) }))
}

const inVirtualStore = ({ run }: StoreCase): Promise<void> => {
  const clock = virtualClock(1_000)
  const store = virtualStore({ clock, random: seededRandom(1) })
  const tabs = new Map<unknown, { readonly tab: string; isGone: boolean }>()
  const open = (like?: unknown): ReturnType<Parameters<StoreCase['run']>[0]['open']> => {
    const former = tabs.get(like)
    const isReloaded = former?.isGone === true
    const tab = isReloaded ? former.tab : `tab ${tabs.size}`
    if (former && !isReloaded) store.duplicate(former.tab, tab)
    const { die, store: own } = store.page(tab)
    const life = { tab, isGone: false }
    const page = {
      store: own,
      end(): Promise<void> {
        life.isGone = true
        die()
        return Promise.resolve()
      },
    }
    tabs.set(page, life)
    return Promise.resolve(page)
  }
  return settledBy(clock)(run({ open }))
}

describe('indexedDbStore is a conforming store', () => {
  test.each(storeCases)('$name', async (storeCase) => {
    await expect(inDatabase(storeCase)).resolves.toBeUndefined()
  })
})

describe('virtualStore is a conforming store', () => {
  test.each(storeCases)('$name', async (storeCase) => {
    await expect(inVirtualStore(storeCase)).resolves.toBeUndefined()
  })
})
