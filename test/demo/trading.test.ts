/** Orders are carried out once, whatever is broken meanwhile, and the page shows it. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { useDemo } from './support/demo.ts'

const demo = useDemo()

/** As long as a machine that has much else to do may take. */
const soon = { timeout: 20_000 }

const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const orders = (page: Page) => page.getByRole('region', { name: 'Orders' }).getByRole('row')
const audited = async (page: Page): Promise<Record<string, string>> => {
  const audit = page.getByRole('region', { name: 'Audit' })
  const [names, figures] = await Promise.all([
    audit.getByRole('term').allTextContents(),
    audit.getByRole('definition').allTextContents(),
  ])
  return Object.fromEntries(names.map((name, index) => [name, figures[index] ?? '']))
}

test('twenty orders through a cut, a kill and a reload in mid-flight are each carried out once', async () => {
  await using ada = await demo.visit('trading.html', 'Ada')
  const { page } = ada
  await page.getByText('Every order is in the ledger once.').waitFor()
  await press(page, 'Place 20 orders')
  await orders(page).nth(3).waitFor()
  await press(page, 'Cut')
  await orders(page).nth(8).waitFor()
  await press(page, 'Kill')
  await orders(page).nth(20).waitFor()
  await page.reload()
  await expect
    .poll(() => audited(page), soon)
    .toMatchObject({
      Orders: '20',
      Lost: '0',
      Doubled: '0',
      'Balance off by': '0.00',
    })
  await page.getByText('Every order is in the ledger once.').waitFor()
  expect(ada.complaints).toEqual([])
})

test('an order waits for the connection, may be withdrawn, and is refused in words', async () => {
  await using jonas = await demo.visit('trading.html', 'Jonas')
  const { page } = jonas
  const cash = page.getByRole('region', { name: 'Account' }).getByRole('definition').first()
  await page.getByText('Every order is in the ledger once.').waitFor()
  await expect.poll(() => cash.textContent(), soon).toBe('100,000.00')
  await press(page, 'Keep it cut')
  await page.getByRole('region', { name: 'Connection' }).getByText('No connection').waitFor()

  await page.getByRole('textbox', { name: 'Shares' }).fill('3')
  await press(page, 'Buy')
  await page.getByRole('textbox', { name: 'Shares' }).fill('5')
  await press(page, 'Buy')
  await page.getByRole('textbox', { name: 'Shares' }).fill('5000')
  await press(page, 'Buy')
  const [refused, withdrawn, bought] = [orders(page).nth(1), orders(page).nth(2), orders(page).nth(3)]
  await bought.getByText('Waits for the connection').waitFor()
  await withdrawn.getByRole('button').click()
  await withdrawn.getByText('Withdrawn').waitFor()

  await press(page, 'Keep it cut')
  await bought.getByText('Bought 3 for').waitFor()
  await refused.getByText('Refused: A whole number of shares, from 1 to 1,000.').waitFor()
  await expect
    .poll(() => audited(page))
    .toMatchObject({ Orders: '3', Lost: '0', Doubled: '0', 'Balance off by': '0.00' })
  expect(await page.getByRole('row', { name: /^BARQ 3 / }).count()).toBe(1)

  await page.getByRole('button', { name: /^FATH/ }).click()
  await page.getByRole('heading', { name: 'FATH · Fathom Research' }).waitFor()
  // The book is that of the share which is chosen: it stands around its price.
  const book = page.getByRole('region', { name: 'Order book' }).getByRole('row')
  await expect
    .poll(async () => {
      const [ask, bid] = await Promise.all([book.nth(10).textContent(), book.nth(12).textContent()])
      return [ask, bid].every((text) => /^(29|3[0-5])\d\.\d\d/.test(text ?? ''))
    }, soon)
    .toBe(true)
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  expect(jonas.complaints).toEqual([])
})
