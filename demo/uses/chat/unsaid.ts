import type { Picture } from './contract.ts'
import type { Prepared } from './pictures.ts'

const KEY = 'unsaid'
const CACHE = 'unsaid-pictures'

export interface Unsaid {
  readonly id: string
  readonly room: string
  readonly text: string
  readonly picture: Picture | null
}

/**
 * What this tab said and the server does not keep yet, for the page after a reload. Of texts only to show them: Holdfast's
 * store sees to it that they arrive. Blobs end with their page, so pictures are kept here, and posted anew.
 */
export const createUnsaid = () => {
  const all = new Map(
    (JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as Unsaid[]).map((unsaid) => [unsaid.id, unsaid]),
  )
  const write = (): void => sessionStorage.setItem(KEY, JSON.stringify([...all.values()]))
  /** Only pages of https and localhost have it; where it is missing, a picture ends with its page. */
  const files = async (): Promise<Cache | undefined> =>
    'caches' in globalThis ? caches.open(CACHE).catch(() => undefined) : undefined
  const address = (id: string): string => `/${id}`
  return {
    /** What a former page of this tab left, in order. */
    left: [...all.values()],
    add(unsaid: Unsaid) {
      all.set(unsaid.id, unsaid)
      write()
    },
    async keepFile(id: string, { file }: Prepared) {
      await (await files())?.put(address(id), new Response(file)).catch(() => {})
    },
    async fileOf(id: string): Promise<Blob | undefined> {
      return (await (await files())?.match(address(id)).catch(() => undefined))?.blob()
    },
    remove(id: string) {
      const unsaid = all.get(id)
      if (!all.delete(id)) return
      write()
      if (unsaid?.picture) void files().then((cache) => cache?.delete(address(id)).catch(() => false))
    },
  }
}
