/** Sessions that outlive their pages: reloads, closed tabs, two pages at once. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { count, goOn, isAnswered, numbers } from './lasting.ts'
import { type Page, openPage } from './page.ts'
import { type RemoteScenario, openScenario } from './remote.ts'

/** Pages come from one server and talk to another, which may be out of reach. */
let home: RemoteScenario
let server: RemoteScenario
beforeEach(async () => {
  ;[home, server] = await Promise.all([openScenario(), openScenario()])
})
afterEach(async () => {
  await Promise.all([home.close(), server.close()])
})

const open = (): Promise<Page> => openPage(`http://${location.hostname}:${home.host.split(':')[1]}`, 'store')

const heardBy = (page: Page): Promise<string[]> => page.run(() => window.socket.request('heard'))

test('a page that is loaded again and again while it sends loses nothing, and repeats nothing', async () => {
  const page = await open()
  for (let round = 0; round < 5; round++) {
    await page.run(goOn, server.host)
    if (round % 2) {
      await page.run(count, 100)
      await page.run(isAnswered)
    }
    await page.load('store', count)
  }
  await page.run(goOn, server.host)
  await page.run(() => window.socket.flush())
  expect(await heardBy(page)).toEqual(numbers(700))
  await page.run(() => window.socket.close())
})

test('what a tab could not send before it was closed goes out from the next one', async () => {
  const closed = await open()
  await closed.run(goOn, server.host)
  await server.refuse(true)
  await server.cut()
  await closed.run(count, 20)
  await closed.load('', count)
  const next = await open()
  await next.run(() => sessionStorage.clear())
  const goesOn = next.run(goOn, server.host)
  await server.refuse(false)
  await goesOn
  await expect.poll(() => heardBy(next)).toEqual(numbers(120))
  await next.run(() => window.socket.close())
})

test('a page that takes another for itself has a session of its own', async () => {
  const [one, other] = [await open(), await open()]
  await one.run(goOn, server.host)
  await other.run(goOn, server.host)
  await one.run(() => window.socket.send('say', 'one'))
  await other.run(() => window.socket.send('say', 'other'))
  await one.load('store', () => window.socket.send('say', 'last of one'))
  await one.run(goOn, server.host)
  await one.run(() => window.socket.flush())
  await other.run(() => window.socket.flush())
  expect((await heardBy(one)).toSorted()).toEqual(['last of one', 'one', 'other'])
  expect(await other.run(() => window.said)).toEqual(['other'])
  await Promise.all([one, other].map((page) => page.run(() => window.socket.close())))
})
