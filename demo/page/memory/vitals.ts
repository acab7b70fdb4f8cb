import type { Vitals } from '../../uses/app.ts'

/** What only some browsers tell. https://developer.mozilla.org/docs/Web/API/Performance/memory */
interface Memory {
  readonly memory?: { readonly usedJSHeapSize: number }
}

/** A page is told nothing of its processor. */
export const pageVitals = (): Omit<Vitals, 'messages'> => ({
  cpu: () => null,
  memory: () => (performance as Memory).memory?.usedJSHeapSize ?? null,
})
