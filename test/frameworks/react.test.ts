import type { Status } from 'holdfast'
import { type Hooks, createHooks } from 'holdfast/react'
import { Activity, Fragment, type ReactNode, StrictMode, createElement as h, useEffect, useLayoutEffect } from 'react'
import { describe, expect, test, vi } from 'vitest'
import { behaves } from './contract.ts'
import type { Chat } from './driver.ts'
import { html, uses } from './html.ts'
import { last } from './questions.ts'
import { reactDriver } from './react-driver.ts'
import { takesOver } from './servers.ts'
import { type Stage, onStage, stage } from './stage.ts'

for (const driver of [reactDriver('React'), reactDriver('React in StrictMode', StrictMode)]) {
  behaves(driver)
  takesOver(driver, html.React)
}

type ChatHooks = Hooks<Chat>

describe.each([
  ['React', Fragment],
  ['React in StrictMode', StrictMode],
])('%s', (name, Around) => {
  onStage()

  /** A page of its own: `render` gets the hooks of the stage's socket, and is called anew by `change({})`. */
  const stageOf = (render: (hooks: ChatHooks) => ReactNode): Stage =>
    stage(
      reactDriver(name, Around, ({ live }) => {
        const hooks = createHooks(live)
        return () => render(hooks)
      }),
    )

  test('sends what a child says in its effect before the parent’s effect has run, once, over one socket', async () => {
    const isStrict = Around === StrictMode
    const Speaker = ({ hooks, texts, children }: { hooks: ChatHooks; texts: string[]; children?: ReactNode }) => {
      const socket = hooks.useSocket()
      useLayoutEffect(() => void socket.send('say', texts[0]!), [])
      useEffect(() => void socket.send('say', texts[1]!), [])
      return children
    }
    const { mount, pass, opened, asked } = stageOf((hooks) =>
      h(Speaker, { hooks, texts: ['2', '4'] }, h(Speaker, { hooks, texts: ['1', '3'] })),
    )
    await mount([])
    await pass(300)
    const order = ['1', '2', '3', '4'].map((said) => `say "${said}"`)
    expect([opened.length, asked]).toEqual([1, isStrict ? [...order, ...order] : order])
  })

  test('listens to what it is told to: another name, history, selector', async () => {
    let [history, select] = [1, ({ state }: Status): unknown => state]
    const shown: unknown[] = []
    const Page = ({ hooks }: { hooks: ChatHooks }): ReactNode => {
      const texts = hooks.useLatest('said', { history })
      const status = hooks.useStatus((now) => ({ is: select(now) }))
      useEffect(() => void shown.push([texts, status.is]))
      return null
    }
    const { mount, change, pass, say } = stageOf((hooks) => h(Page, { hooks }))
    await mount([])
    await pass(300)
    say('one', 'two')
    await pass(100)
    expect(last(shown)).toEqual([['two'], 'open'])
    ;[history, select] = [2, (now) => now.transport]
    await change({})
    expect(last(shown)).toEqual([[], 'websocket'])
    say('one', 'two')
    await pass(100)
    expect(last(shown)).toEqual([['one', 'two'], 'websocket'])
    // An object that the selector makes anew is another one only with another status.
    const renders = shown.length
    await pass(1_000)
    expect(shown.length).toBe(renders)
  })

  test('uses nothing while Activity hides it', async () => {
    let mode: 'hidden' | 'visible' = 'visible'
    const Page = ({ hooks }: { hooks: ChatHooks }): ReactNode => {
      const { pending } = hooks.useRequest('never', { id: 1 })
      return h('p', null, `${pending}`)
    }
    const { mount, change, pass, asked, live } = stageOf((hooks) => h(Activity, { mode, children: h(Page, { hooks }) }))
    await mount([])
    await pass(300)
    mode = 'hidden'
    await change({})
    await pass(1_500)
    expect([asked, live.status.get().state]).toEqual([
      ['never {"id":1}', 'withdrawn: never {"id":1}', '(gone)'],
      'idle',
    ])
    mode = 'visible'
    await change({})
    await pass(300)
    expect([asked.slice(3), live.status.get().state]).toEqual([['never {"id":1}'], 'open'])
  })

  test('gives each part of the page the socket of the nearest provider, or the one that the hooks were made of', async () => {
    const self = stageOf((hooks) => {
      const { SocketProvider } = hooks
      const Page = (): ReactNode => h('p', null, String(sockets.indexOf(hooks.useSocket())))
      const inner = h(SocketProvider, { socket: sockets[2]! }, h(Page))
      return h(Fragment, null, h(Page), h(SocketProvider, { socket: sockets[1]! }, h(Page), inner))
    })
    const sockets = [self.live, self.another(), self.another()]
    await self.mount([])
    expect([self.page(), self.opened.length]).toEqual([['0', '1', '2'], 3])
  })

  test('takes over what a server rendered also when the socket is open already', async () => {
    const self = stage(reactDriver(name, Around))
    self.live.on('said', () => {})
    await self.pass(300)
    expect(self.live.status.get().state).toBe('open')
    await self.hydrate(html.React, uses)
    await self.pass(100)
    expect(self.page()[1]).toBe('"open"')
  })

  test('calls no listener of a component that is gone, though its effects end after the next paint', async () => {
    const listener = vi.fn()
    let tell: (text: string) => void = () => {}
    const Page = ({ hooks }: { hooks: ChatHooks }): ReactNode => {
      const socket = hooks.useSocket()
      hooks.useEvent('said', listener)
      useEffect(() => {
        tell = (text) => vi.mocked(socket.on).mock.lastCall![1](text)
      }, [socket])
      return null
    }
    let isThere = true
    const self = stageOf((hooks) => isThere && h(Page, { hooks }))
    vi.spyOn(self.live, 'on')
    await self.mount([])
    tell('before')
    isThere = false
    const changed = self.change({})
    tell('after')
    expect(listener.mock.calls).toEqual([['before']])
    await changed
  })
})
