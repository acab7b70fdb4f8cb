/** What may be made of events elsewhere, and what may not. Compiled, never run. */
import { type Observed, type Socket, from } from 'holdfast'
import type { WireSocket } from 'holdfast/wire'
import { type Observable, type ObservableInput, type Subscribable, from as observable } from 'rxjs'
import { type Chat, type OneWay, same } from './contract.ts'

interface Said {
  from: string
  text: string
}

/** As Angular's `toSignal` is declared: it takes either. */
declare function toSignal<T>(source: Observable<T> | Subscribable<T>): () => T | undefined

export const observables = (socket: Socket<Chat>, wire: WireSocket<OneWay>, untyped: Socket): void => {
  const said = from(socket, 'said')
  same<typeof said, Observed<Said>>()
  const input: ObservableInput<Said> = said
  void input
  const rx = observable(said)
  same<typeof rx, Observable<Said>>()
  const [signal, another] = [toSignal(rx), toSignal(said)]
  same<typeof signal, () => Said | undefined>()
  same<typeof another, () => Said | undefined>()
  const ticks = from(wire, 'tick')
  same<typeof ticks, Observed<number>>()
  const anything = from(untyped, 'anything')
  same<typeof anything, Observed<unknown>>()
  // @ts-expect-error no such event
  from(socket, 'shouted')
  // @ts-expect-error an event of the page's
  from(socket, 'say')
  // @ts-expect-error no socket
  from('wss://host', 'said')
}

export const observers = (socket: Socket<Chat>): void => {
  const said = from(socket, 'said')
  said.subscribe(({ text }) => same<typeof text, string>()).unsubscribe()
  said.subscribe({ next: ({ text }) => same<typeof text, string>(), error: (cause) => same<typeof cause, unknown>() })
  said.subscribe({ complete: () => {} })
  // @ts-expect-error it has no part of that name
  said.subscribe(({ colour }) => void colour)
  // @ts-expect-error nobody is told of anything
  said.subscribe()
}

export const iterations = async (socket: Socket<Chat>): Promise<void> => {
  for await (const said of from(socket, 'said')) same<typeof said, Said>()
  // @ts-expect-error they come when they come
  for (const said of from(socket, 'said')) void said
}
