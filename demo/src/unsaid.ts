const KEY = 'unsaid'

interface Unsaid {
  readonly id: string
  readonly text: string
}

/**
 * What this tab said and the server does not keep yet, to show it again after a reload. Only to show it: Holdfast's store
 * sees to it that it arrives.
 */
export const createUnsaid = () => {
  const all = new Map(
    (JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as Unsaid[]).map((unsaid) => [unsaid.id, unsaid]),
  )
  const write = (): void => sessionStorage.setItem(KEY, JSON.stringify([...all.values()]))
  return {
    /** What a former page of this tab left, in order. */
    left: [...all.values()],
    add(unsaid: Unsaid) {
      all.set(unsaid.id, unsaid)
      write()
    },
    remove(id: string) {
      if (all.delete(id)) write()
    },
  }
}
