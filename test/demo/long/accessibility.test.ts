/** What axe finds on each page. */
import axe from 'axe-core'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { useDemo } from '../support/demo.ts'
import { shows } from '../support/panel.ts'

const demo = useDemo()

const PAGES = ['index', 'chat', 'game', 'dashboard', 'trading', 'lab']

/** What axe, which is in the page, finds to be serious by these rules, or by all. */
const findingsOf = (page: Page, within: string, rules: string[] = []): Promise<string[]> =>
  page.evaluate(
    async ({ within, rules }) => {
      const inPage = (globalThis as unknown as { axe: typeof axe }).axe
      const { violations } = await inPage.run(within, {
        resultTypes: ['violations'],
        ...(rules.length > 0 && { runOnly: { type: 'rule' as const, values: rules } }),
      })
      const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      return grave.map(
        ({ id, impact, nodes }) => `${String(impact)} ${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`,
      )
    },
    { within, rules },
  )

test.for(PAGES)('%s has no serious findings, light or dark', async (name) => {
  await using ada = await demo.visit(`${name}.html`, 'Ada')
  await shows(ada.page, 'state', 'Connected')
  await ada.page.evaluate(axe.source)
  // What is the same on every page is looked at on the first.
  const light = await findingsOf(ada.page, name === 'index' ? 'html' : 'main')
  await ada.page.emulateMedia({ colorScheme: 'dark' })
  const dark = await findingsOf(ada.page, name === 'index' ? 'html' : 'main', ['color-contrast'])
  const findings = [...light, ...dark]
  expect(findings).toEqual([])
  expect(ada.complaints).toEqual([])
})
