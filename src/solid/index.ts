/** Holdfast's primitives for Solid 1.8 and later. */
import {
  type Accessor,
  type FlowProps,
  createComponent,
  createContext,
  createEffect,
  createMemo,
  createSignal,
  mergeProps,
  on,
  onCleanup,
  untrack,
  useContext,
} from 'solid-js'
import { type Signals, signalHooks } from '../hooks/signals.ts'
import type { CreateHooks, HookName } from '../hooks/types.ts'
import type { Solid } from './types.ts'

export type * from '../hooks/public.ts'
export type * from './types.ts'

const signals: Omit<Signals, 'provided'> = {
  read: (from) => (typeof from === 'function' ? (from as Accessor<unknown>)() : from),
  peek: untrack,
  signal: createSignal,
  memo: createMemo,
  // Servers run no effects.
  follow: (accessor, begin) => createEffect(on(accessor as Accessor<unknown>, () => onCleanup(begin()))),
}

/**
 * Primitives for one contract: `createHooks(live)` for a socket, best a shared one (`share`), which components use without more ado;
 * `createHooks<Chat>()` for whatever socket a `SocketProvider` gives.
 */
export const createHooks: CreateHooks<Solid> = (fallback?: object) => {
  const Context = createContext<unknown>(fallback)
  return {
    SocketProvider: (props: FlowProps<{ socket: object }>) =>
      createComponent(Context.Provider, mergeProps(props, { value: createMemo(() => props.socket) })),
    ...signalHooks({ ...signals, provided: () => useContext(Context) }),
  } satisfies Record<HookName | 'SocketProvider', unknown> as never
}
