/** Holdfast's composables for Vue 3.4 and later. */
import {
  type App,
  type MaybeRefOrGetter,
  type Ref,
  computed,
  getCurrentInstance,
  getCurrentScope,
  hasInjectionContext,
  inject,
  onMounted,
  provide,
  shallowRef,
  toValue,
  watch,
} from 'vue'
import { type Signals, signalHooks } from '../hooks/signals.ts'
import type { CreateHooks, HookName } from '../hooks/types.ts'
import type { Vue } from './types.ts'

export type * from '../hooks/public.ts'
export type * from './types.ts'

/** Begins in this scope where there is a page: when the component is mounted, or at once where there is no component. */
const inPage = (begin: () => void): void => {
  const scope = getCurrentScope()
  if (getCurrentInstance()) onMounted(() => scope!.run(begin))
  else if (typeof document === 'object') begin()
}

const signals: Omit<Signals, 'provided'> = {
  read: toValue,
  peek: (read) => read(),
  signal() {
    const ref = shallowRef<object>()
    return [ref, (value) => (ref.value = value)]
  },
  memo: computed,
  follow: (ref, begin) =>
    inPage(() => watch(ref as Ref, (_, __, onCleanup) => onCleanup(begin()), { immediate: true })),
}

/**
 * Composables for one contract: `createHooks(live)` for a socket, best a shared one (`share`), which components use without more ado;
 * `createHooks<Chat>()` for whatever socket `provideSocket` gives.
 */
export const createHooks: CreateHooks<Vue> = (fallback?: object) => {
  const key = Symbol()
  return {
    provideSocket: (socket: MaybeRefOrGetter<object>, app?: App) =>
      app ? app.provide(key, socket) : provide(key, socket),
    ...signalHooks({ ...signals, provided: () => (hasInjectionContext() ? inject(key, fallback) : fallback) }),
  } satisfies Record<HookName | 'provideSocket', unknown> as never
}
