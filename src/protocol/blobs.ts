import { HoldfastError } from '../kernel/errors.ts'
import type { LadenFrame, PlainFrame, Place } from './frames.ts'

/** Data without its Blobs, and where they stood. */
export interface Emptied {
  /** With `null` in their places. */
  readonly json: string
  readonly blobs: readonly Blob[]
  readonly places: readonly Place[]
}

/** Takes Blobs out of data. Throws for what JSON would make `{}` of, though it is no plain object. docs/protocol.md#blobs */
export const takeBlobs = (data: unknown): Emptied => {
  const blobs: Blob[] = []
  const places: Place[] = []
  /** Where each object stands: those whose turn it is have just been found there. */
  const paths = new Map<unknown, readonly string[]>()
  const json = JSON.stringify(data, function (this: unknown, key: string, value: unknown) {
    const holder = paths.get(this)
    const path = holder ? [...holder, key] : []
    const tag = {}.toString.call(value)
    // By what they call themselves: those of another frame are no instances of this one's.
    if (/^\[object (Blob|File)\]$/.test(tag)) {
      const { size, type, name } = value as Partial<File> & Blob
      places.push([size, type, name ?? null, ...path])
      blobs.push(value as Blob)
      return null
    }
    if (typeof value !== 'object' || !value) return value
    const isEmpty = !Array.isArray(value) && Object.keys(value).length === 0
    if (isEmpty && tag !== '[object Object]' && value.valueOf() === value) throw new TypeError(`${tag} has no JSON`)
    paths.set(value, path)
    return value
  })
  return { json, blobs, places }
}

const misplaced = (): never => {
  throw new HoldfastError('malformed-frame', 'A Blob came for a place that is none.')
}

/** Puts Blobs into their places, which must be there, and empty. */
export const putBlobs = ([head, data, id, places]: LadenFrame, blobs: readonly Blob[]): PlainFrame => {
  const root = { data }
  for (const [i, [, , , ...path]] of places.entries()) {
    let holder: Record<string, unknown> = root
    let key = 'data'
    for (const step of path) {
      holder = Object(holder[key]) as Record<string, unknown>
      key = step
      // Names such as `__proto__` are names.
      if (!Object.hasOwn(holder, key)) misplaced()
    }
    if (holder[key] !== null) misplaced()
    holder[key] = blobs[i]
  }
  return (id === null ? [head, root.data] : [head, root.data, id]) as PlainFrame
}
