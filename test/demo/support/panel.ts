/** The panel of every page: what can be pressed there, and what it says. */
import type { Page } from 'playwright'

export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()
export const shows = async (page: Page, id: string, text: string | RegExp): Promise<void> => {
  await page.locator(`#${id}`, { hasText: text }).waitFor()
}
export const choose = async (page: Page, label: string, way: string): Promise<void> => {
  await page.getByLabel(label, { exact: true }).selectOption(way)
}
/** The journal is in a tab that may be closed. */
export const told = async (page: Page, text: string): Promise<void> => {
  await page.locator('#journal li', { hasText: text }).first().waitFor({ state: 'attached' })
}

/** Its session goes on once more after this. */
export const resumes = async (page: Page, act: () => Promise<void>): Promise<void> => {
  const lines = page.locator('#journal li', { hasText: 'the session goes on' })
  const before = await lines.count()
  await act()
  await lines.nth(before).waitFor({ state: 'attached' })
}
export const settles = async (page: Page): Promise<void> => {
  await shows(page, 'state', 'Connected')
  await page.locator('.holdfast .both .waiting', { hasText: /^[0-2]$/ }).waitFor()
}
