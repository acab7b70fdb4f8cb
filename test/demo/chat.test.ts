/** Two people chat while everything between them breaks. */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright'
import { beforeAll, expect, test } from 'vitest'
import { type Faults, blockades } from '../../demo/uses/faults.ts'
import { type Visit, useDemo } from './support/demo.ts'

const demo = useDemo()
/** They stay for all of it: what one test broke is no excuse in the next. */
let ada: Visit
let jonas: Visit
beforeAll(async () => {
  ;[ada, jonas] = await Promise.all([demo.visit('chat.html', 'Ada'), demo.visit('chat.html', 'Jonas')])
})

/** There is one keyboard: the next one types when the one before has sent. */
const keyboards = new WeakMap<Page, Promise<void>>()
const say = (page: Page, text: string): Promise<void> => {
  const turn = (keyboards.get(page) ?? Promise.resolve()).then(async () => {
    await page.getByLabel('Message', { exact: true }).fill(text)
    await page.keyboard.press('Enter')
  })
  keyboards.set(page, turn)
  return turn
}
const log = (page: Page) => page.getByRole('log')
const message = (page: Page, text: string) =>
  log(page)
    .getByRole('listitem')
    .filter({ has: page.getByText(text, { exact: true }) })
const kept = (page: Page, text: string): Promise<void> =>
  message(page, text)
    .getByText(/delivered|kept once/)
    .waitFor()

const rooms = (page: Page) => page.getByRole('navigation', { name: 'Rooms' })
const open = (page: Page, room: string): Promise<void> => rooms(page).getByRole('link', { name: room }).click()
const enter = async (page: Page, room: string): Promise<void> => {
  await open(page, room)
  await page.getByRole('button', { name: 'Join' }).click()
}
const soon = { timeout: 20_000 }

/** What the consoles of both pages say by now. */
const complaints = (): string[] => [...ada.complaints, ...jonas.complaints]

/** Breaks something on the line of this page: a page that was loaded anew has another. */
const befall = async <F extends keyof Faults>({ page, asked }: Visit, fault: F, value: Faults[F]): Promise<void> => {
  const lineOf = (): string | undefined =>
    asked.flatMap((url) => /\/live\/chat\?line=(\w+)/.exec(url)?.[1] ?? []).at(-1)
  await expect.poll(lineOf, soon).toBeDefined()
  const line = lineOf()
  const { status } = await fetch(`${demo.url}control`, {
    method: 'POST',
    body: JSON.stringify({ line, fault, value }),
  })
  expect([fault, status, page.isClosed()]).toEqual([fault, 204, false])
}
/** As a browser tells a page that it is in another network. */
const otherNetwork = ({ page }: Visit): Promise<boolean> => page.evaluate(() => dispatchEvent(new Event('online')))

/** It has no connection, and says so. */
const cutOff = (page: Page): Promise<void> =>
  page.getByRole('region', { name: 'Connection', exact: true }).getByText('No connection', { exact: true }).waitFor()

/** A picture that does not compress, so that it takes its time. */
const noise = async (page: Page): Promise<Buffer> =>
  Buffer.from(
    await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(160, 120)
      const image = new ImageData(canvas.width, canvas.height)
      for (let at = 0; at < image.data.length; at += 65_536)
        crypto.getRandomValues(image.data.subarray(at, at + 65_536))
      canvas.getContext('2d')!.putImageData(image, 0, 0)
      return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())]
    }),
  )

/** The fingerprint of Ada's picture, as this page has it. */
const pictureIn = async (page: Page): Promise<string> => {
  const image = log(page).getByAltText('Picture from Ada')
  await image.evaluate((element) => element.scrollIntoView())
  return image.and(page.locator('[src]')).evaluate(async (element: HTMLImageElement) => {
    const bytes = await (await fetch(element.src)).arrayBuffer()
    return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].join(' ')
  })
}
const fingerprint = (bytes: Uint8Array): string => [...createHash('sha256').update(bytes).digest()].join(' ')

/** There is no message of one's own that the server is not known to keep. */
const allKept = async (page: Page): Promise<void> => {
  const open = page.locator('.mine:not([data-delivery="delivered"], [data-delivery="sent twice, kept once"])')
  await expect.poll(() => open.count(), soon).toBe(0)
}

/** Every text of the room, as somebody reads it who goes back to its beginning. */
const readAll = async (page: Page): Promise<string[]> => {
  await log(page).focus()
  await expect
    .poll(async () => {
      await page.keyboard.press('Home')
      return log(page)
        .getByRole('button', { name: /Earlier|Loading/ })
        .isVisible()
    }, soon)
    .toBe(false)
  return log(page).locator('.bubble p').allTextContents()
}

test('rooms: made by one, joined by another, with what is new in them', async () => {
  await ada.page.getByLabel('Name of a new room').fill('Tea')
  await ada.page.keyboard.press('Enter')
  await ada.page.getByRole('heading', { name: 'Tea' }).waitFor()
  await enter(jonas.page, 'Tea')
  await say(jonas.page, 'Milk?')
  await message(ada.page, 'Milk?').waitFor()
  await open(ada.page, 'Lobby')
  await say(jonas.page, 'Sugar?')
  await rooms(ada.page).getByRole('link', { name: 'Tea 1 new message' }).click()
  await message(ada.page, 'Sugar?').waitFor()
  await rooms(ada.page).getByRole('link', { name: 'Tea', exact: true }).waitFor()
  await message(jonas.page, 'Sugar?').getByText('Read by Ada').waitFor({ state: 'attached' })
  await ada.page.getByRole('button', { name: 'Leave' }).click()
  await ada.page.getByRole('button', { name: 'Join' }).waitFor()
  for (const { page } of [ada, jonas]) await open(page, 'Lobby')
  expect(complaints()).toEqual([])
})

test('a picture can be given up, and what is none is refused', async () => {
  await befall(ada, 'hold', true)
  const chooser = ada.page.locator('#file')
  await chooser.setInputFiles({ name: 'noise.png', mimeType: 'image/png', buffer: await noise(ada.page) })
  await ada.page.getByRole('button', { name: 'Cancel' }).click()
  await allKept(ada.page)
  await chooser.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('…') })
  await log(ada.page).getByText('Only pictures can be sent here.').waitFor()
  await chooser.setInputFiles({ name: 'torn.png', mimeType: 'image/png', buffer: Buffer.from('…') })
  await log(ada.page).getByText('This browser cannot read that picture.').waitFor()
  await befall(ada, 'hold', false)
  expect(complaints()).toEqual([])
})

test('a reload in the middle of sending loses nothing, not even a picture', async () => {
  for (const { page } of [ada, jonas]) await enter(page, 'Pictures')
  await say(ada.page, 'Look')
  await kept(ada.page, 'Look')
  const picture = await noise(ada.page)
  await befall(ada, 'refuse', true)
  await cutOff(ada.page)
  await ada.page.locator('#file').setInputFiles({ name: 'noise.png', mimeType: 'image/png', buffer: picture })
  await ada.page.getByRole('progressbar', { name: 'Picture sent' }).waitFor()
  for (const text of ['one', 'two', 'three']) await say(ada.page, text)
  await ada.page.reload()
  for (const text of ['one', 'two', 'three']) await kept(ada.page, text)
  await allKept(ada.page)
  await expect
    .poll(() => log(jonas.page).locator('.bubble p').allTextContents(), soon)
    .toEqual(['Look', 'one', 'two', 'three'])
  expect(await pictureIn(jonas.page)).toBe(fingerprint(picture))
  expect(
    await log(ada.page)
      .getByRole('listitem')
      .filter({ has: ada.page.locator('.bubble') })
      .count(),
  ).toBe(5)
  expect(complaints()).toEqual([])
})

test('through every fault, each message is there once, and in one order', async () => {
  for (const { page } of [ada, jonas]) await open(page, 'Lobby')
  await say(ada.page, 'Hello, Jonas')
  await kept(ada.page, 'Hello, Jonas')
  await log(jonas.page).getByText('Hello, Jonas').waitFor()

  const said = ['Hello, Jonas']
  let isOver = false
  /** Four numbers a second, as the people of this page say them: by the keyboard. */
  const talk = async ({ page }: Visit, name: string): Promise<void> => {
    for (let n = 1; !isOver; n++) {
      const text = `${name} ${n}`
      await say(page, text)
      said.push(text)
      await pause(250)
    }
  }
  /** Nobody waits for anything to recover: each fault falls into the recovery from those before. */
  const breakLineOfAda = async (): Promise<void> => {
    await befall(ada, 'cut', null)
    for (const fault of ['refuse', 'hold', 'gather', 'blackHole'] as const) {
      await befall(ada, fault, true)
      await pause(600)
      await befall(ada, fault, false)
    }
    await otherNetwork(ada)
    await befall(ada, 'expire', null)
  }
  const breakLineOfJonas = async (): Promise<void> => {
    for (const blockade of [...blockades, null]) {
      await befall(jonas, 'block', blockade)
      await otherNetwork(jonas)
      await pause(600)
    }
  }
  const breakServer = async (): Promise<void> => {
    await befall(ada, 'restart', null)
    await befall(ada, 'drain', 300)
    await befall(ada, 'kill', null)
  }

  const picture = await noise(ada.page)
  const talking = [talk(ada, 'ada'), talk(jonas, 'jonas')]
  await Promise.all([
    breakLineOfAda(),
    breakLineOfJonas(),
    breakServer(),
    ada.page.locator('#file').setInputFiles({ name: 'noise.png', mimeType: 'image/png', buffer: picture }),
  ])
  isOver = true
  await Promise.all(talking)
  for (const each of [ada, jonas]) {
    await otherNetwork(each)
    await allKept(each.page)
  }

  // Who had a new session asks for what was said meanwhile, in a few round trips.
  const whole = said.toSorted()
  for (const { page } of [ada, jonas])
    await expect.poll(async () => (await readAll(page)).toSorted(), soon).toEqual(whole)
  expect(await readAll(jonas.page)).toEqual(await readAll(ada.page))
  expect(await pictureIn(jonas.page)).toBe(fingerprint(picture))
  await log(ada.page).getByText('Read by Jonas').waitFor({ state: 'attached' })
  expect(complaints()).toEqual([])
})
