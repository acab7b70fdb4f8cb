/** The built store in the browser's own IndexedDB and Web Locks. */
import type { StoragePlace } from 'holdfast'
import type * as library from 'holdfast/store'
import { type StoreHarness, type TrialPage, storeCases } from 'holdfast/testing'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { openPage } from './page.ts'
import { distUrl, openScenario } from './remote.ts'

declare global {
  interface Window {
    /** In pages that try the store alone. */
    place: StoragePlace
    round: number
  }
}

interface PageWindow extends Window {
  /** The built file of the page's script tag. */
  readonly holdfastStore: typeof library
}

/** A frame. */
interface Page extends TrialPage {
  /** Its `sessionStorage`: frames of one tab share theirs, and these are tabs of their own. */
  readonly tab: Map<string, string>
}

const script = await (await fetch(distUrl('store.iife.min.js'))).text()
let names = 0

const openFrame = async (name: string, tab: Map<string, string>): Promise<Page> => {
  const frame = document.createElement('iframe')
  document.body.append(frame)
  const { contentWindow, contentDocument } = frame as unknown as {
    contentWindow: PageWindow
    contentDocument: Document
  }
  Object.defineProperty(contentWindow, 'sessionStorage', {
    value: {
      getItem: (key: string) => tab.get(key) ?? null,
      setItem: (key: string, value: string) => void tab.set(key, value),
    },
  })
  contentDocument.head.append(Object.assign(contentDocument.createElement('script'), { textContent: script }))
  const life = `life of page ${++names}`
  await new Promise((isHeld) => {
    void contentWindow.navigator.locks.request(life, () => new Promise(() => isHeld(undefined))).catch(() => {})
  })
  return {
    tab,
    store: contentWindow.holdfastStore.indexedDbStore(name, { reloadTime: 0 }),
    async end() {
      frame.remove()
      // Its locks go all at once, a moment later.
      await navigator.locks.request(life, () => {})
    },
  }
}

/** For each case a store of its own, in the one database of this origin. */
const createHarness = (): StoreHarness & { open(like?: TrialPage): Promise<Page> } => {
  const gone = new Set<TrialPage>()
  const name = `store ${++names} of ${performance.timeOrigin}`
  return {
    async open(like) {
      const former = (like as Page | undefined)?.tab
      const page = await openFrame(name, former && gone.has(like!) ? former : new Map(former))
      const own: Page = {
        ...page,
        async end() {
          gone.add(own)
          await page.end()
        },
      }
      return own
    },
  }
}

afterEach(() => {
  for (const frame of document.querySelectorAll('iframe')) frame.remove()
})

describe('indexedDbStore is a conforming store', () => {
  test.each(storeCases)('$name', async ({ run }) => {
    await expect(run(createHarness())).resolves.toBeUndefined()
  })
})

test('a page that is torn away leaves what it had just begun to write', async () => {
  const harness = createHarness()
  let page = await harness.open()
  const found: unknown[] = []
  for (let round = 1; round <= 5; round++) {
    const { kept, write } = (await page.store.claim())!
    found.push(kept?.state)
    void write({ state: round, put: [{ key: 1, frame: `${round}`.repeat(10_000) }], drop: [] }).catch(() => {})
    await page.end()
    page = await harness.open(page)
  }
  // WebKit may have nothing yet of a transaction that is that young; then there is what was there before.
  const isWebKit = navigator.vendor.startsWith('Apple')
  const former = (state: unknown, round: number): boolean => state === (round || undefined)
  const fits = isWebKit ? (state: unknown, round: number) => state === undefined || Number(state) <= round : former
  expect(found.filter((state, round) => !fits(state, round))).toEqual([])
})

test('a page that is loaded again has its place again, and in it what it wrote in its last moment', async () => {
  const scenario = await openScenario()
  onTestFinished(scenario.close)
  const page = await openPage(`http://${location.hostname}:${scenario.host.split(':')[1]}`, 'store')
  const claimed: unknown[] = []
  const rounds = Array.from({ length: 10 }, (_, round) => round)
  for (const round of rounds) {
    claimed.push(
      await page.run(async (round) => {
        window.round = round
        window.place = (await holdfastStore!.indexedDbStore('chat').claim())!
        return window.place.kept?.state
      }, round),
    )
    await page.load('store', () => {
      const put = Array.from({ length: 50 }, (_, key) => ({ key, frame: 'x'.repeat(2_000) }))
      void window.place.write({ state: window.round, put, drop: [] })
    })
  }
  expect(claimed).toEqual([undefined, ...rounds.slice(0, -1)])
})
