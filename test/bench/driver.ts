/**
 * A page that does what it is told over a WebSocket. Playwright watches all traffic of its own pages, which costs each request of a
 * page more than a millisecond; so pages whose time is taken are opened behind its back.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Browser, CDPSession } from 'playwright'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Task } from './page.ts'

export interface DrivenPage {
  run(task: Task): Promise<number[]>
  /** Only of a page that is watched. */
  readonly devtools: CDPSession | undefined
}

export interface Driver {
  /** The benchmark's page, from this host. */
  open(host: string, isWatched?: boolean): Promise<DrivenPage>
  close(): void
}

export async function createDriver(browser: Browser): Promise<Driver> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const whole = await browser.newBrowserCDPSession()

  const show = async (url: string, isWatched: boolean): Promise<CDPSession | undefined> => {
    if (!isWatched) {
      const context = await whole.send('Target.createBrowserContext')
      await whole.send('Target.createTarget', { url, ...context })
      return undefined
    }
    const page = await browser.newPage()
    await page.goto(url)
    return page.context().newCDPSession(page)
  }
  return {
    async open(host, isWatched = false) {
      const connected = once(server, 'connection') as Promise<[WebSocket]>
      const devtools = await show(`http://${host}/?driver=${port}`, isWatched)
      const [page] = await connected
      return {
        devtools,
        async run(task) {
          const answered = once(page, 'message') as Promise<[Buffer]>
          page.send(JSON.stringify(task))
          const answer = JSON.parse(String((await answered)[0])) as number[] | string
          if (typeof answer === 'string') throw new Error(answer)
          return answer
        },
      }
    },
    close: () => server.close(),
  }
}
