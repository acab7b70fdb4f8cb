/** Tabs that crash, and tabs that are duplicated. */
import { expect, onTestFinished, test } from 'vitest'
import { commands } from 'vitest/browser'
import { count, goOn, isAnswered, numbers } from './lasting.ts'
import { openScenario } from './remote.ts'
import type { TabStep } from './tab-commands.ts'

declare module 'vitest/browser' {
  interface BrowserCommands {
    tab(step: TabStep): Promise<unknown>
  }
}

/** A tab, and what it does. */
class Tab {
  readonly #tab: number

  private constructor(tab: number) {
    this.#tab = tab
    onTestFinished(() => void this.#do('close').catch(() => {}))
  }

  static async open(url: string): Promise<Tab> {
    return new Tab((await commands.tab({ do: 'open', url })) as number)
  }

  async run<A extends readonly unknown[], R>(act: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
    return (await commands.tab({ do: 'run', tab: this.#tab, code: String(act), args })) as Awaited<R>
  }

  async duplicate(): Promise<Tab> {
    return new Tab((await this.#do('duplicate')) as number)
  }

  readonly reload = (): Promise<unknown> => this.#do('reload')
  readonly crash = (): Promise<unknown> => this.#do('crash')
  readonly heard = (): Promise<string[]> => this.run(() => window.socket.request('heard'))

  #do(step: 'duplicate' | 'reload' | 'crash' | 'close'): Promise<unknown> {
    return commands.tab({ do: step, tab: this.#tab })
  }
}

test('what a tab that crashed had kept goes out from the next one, exactly once', async () => {
  const scenario = await openScenario()
  onTestFinished(scenario.close)
  const page = `http://${scenario.host}/page?store`
  const crashing = await Tab.open(page)
  await crashing.run(goOn, scenario.host)
  await crashing.run(count, 50)
  await crashing.run(isAnswered)
  await scenario.blackHole('both', true)
  await crashing.run(count, 50)
  // In one database what began earlier is done earlier.
  await crashing.run(async () => {
    const place = await holdfastStore!.indexedDbStore('other').claim()
    await place!.write({ state: 0, put: [], drop: [] })
  })
  await crashing.crash()
  await scenario.blackHole('both', false)
  await scenario.cut()
  const next = await Tab.open(page)
  await next.run(goOn, scenario.host)
  await expect.poll(next.heard).toEqual(numbers(100))
  await next.run(() => window.socket.close())
})

test('a duplicated tab has a session of its own, and both go on with theirs when they are loaded again', async () => {
  const scenario = await openScenario()
  onTestFinished(scenario.close)
  const first = await Tab.open(`http://${scenario.host}/page?store`)
  await first.run(goOn, scenario.host)
  await first.run(() => window.socket.send('say', 'first'))
  const second = await first.duplicate()
  await second.run(goOn, scenario.host)
  await second.run(() => window.socket.send('say', 'second'))
  await expect.poll(first.heard).toEqual(['first', 'second'])
  await scenario.refuse(true)
  await scenario.cut()
  await first.run(() => window.socket.send('say', 'first again'))
  await second.run(() => window.socket.send('say', 'second again'))
  await scenario.refuse(false)
  for (const tab of [second, first]) {
    await tab.reload()
    await tab.run(goOn, scenario.host)
    await tab.run(() => window.socket.flush())
  }
  const heard = await first.heard()
  expect(heard.slice(2).toSorted()).toEqual(['first again', 'second again'])
  for (const tab of [first, second]) await tab.run(() => window.socket.close())
})
