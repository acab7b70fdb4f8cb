/** Blobs that know what they must be: of each message, and of each answer, other bytes. */
import { seededRandom } from 'holdfast/testing'
import type { Report } from './violation.ts'

/** The most bytes of one. */
const LARGEST = 300_000
/** As many places where their bytes may begin: those of two messages are not alike. */
const BEGINNINGS = 1_009
/** Bytes that are nowhere alike: each Blob has a part of them. */
const paper = new Uint8Array(LARGEST + BEGINNINGS)
const random = seededRandom(1)
for (let at = 0; at < paper.length; at++) paper[at] = random.int(0, 255)

const contentOf = (number: number, size: number): Uint8Array<ArrayBuffer> => {
  const start = number % BEGINNINGS
  return paper.subarray(start, start + size)
}
const typeOf = (number: number): string => (number % 3 === 0 ? '' : `image/x-${number}`)

/** That of a message, or of the answer to one. */
export const takePhoto = (number: number, size: number): Blob =>
  new Blob([contentOf(number, size)], { type: typeOf(number) })

/** It came, and must be the one that was sent. */
export const inspectPhoto = (name: string, number: number, size: number, blob: unknown, report: Report): void => {
  if (!(blob instanceof Blob)) return report('genuine', `${name}: the Blob of ${number} is none`)
  if (blob.size !== size || blob.type !== typeOf(number))
    return report('genuine', `${name}: the Blob of ${number} has ${blob.size} bytes of "${blob.type}"`)
  blob.arrayBuffer().then(
    (bytes) => {
      if (Buffer.compare(new Uint8Array(bytes), contentOf(number, size)) !== 0)
        report('genuine', `${name}: the Blob of ${number} came changed`)
    },
    (error: unknown) => report('genuine', `${name}: the Blob of ${number} cannot be read: ${String(error)}`),
  )
  return undefined
}
