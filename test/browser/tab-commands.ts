/** Real tabs beside the one that tests run in, for what a frame cannot do: crash, or be duplicated. Where Playwright drives the browser. */
import type { BrowserContext, Page } from 'playwright'

export type TabStep =
  | { readonly do: 'open'; readonly url: string }
  | { readonly do: 'run'; readonly tab: number; readonly code: string; readonly args: readonly unknown[] }
  /** As its menu does it: the new one begins with a copy of its `sessionStorage`. */
  | { readonly do: 'duplicate' | 'reload' | 'crash' | 'close'; readonly tab: number }

const tabs: Page[] = []
/** Their number. */
const keep = (page: Page): number => tabs.push(page) - 1

/** Does a step, and answers with what came of it: a tab's number, or the value of what was run. */
export const tab = async ({ context }: { readonly context: BrowserContext }, step: TabStep): Promise<unknown> => {
  if (step.do === 'open') {
    const page = await context.newPage()
    await page.goto(step.url)
    return keep(page)
  }
  const page = tabs[step.tab]
  if (!page) throw new Error(`There is no tab ${step.tab}.`)
  switch (step.do) {
    case 'run':
      return page.evaluate(`(${step.code})(...${JSON.stringify(step.args)})`)
    case 'duplicate': {
      const [copy] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => void open(location.href))])
      await copy.waitForLoadState()
      return keep(copy)
    }
    case 'reload':
      await page.reload()
      return step.tab
    case 'crash': {
      const session = await context.newCDPSession(page)
      const crashed = page.waitForEvent('crash')
      // There is nobody left to answer.
      session.send('Page.crash').catch(() => {})
      await crashed
      return page.close()
    }
    case 'close':
      return page.close()
  }
}
