import type { Clock } from '../platform/clock.ts'
import type { StoragePlace } from '../platform/storage.ts'

/** Claims a place. Rejects if that takes longer than `patience` ms, and lets go of what is claimed after that. */
export const claimWithin = (
  clock: Clock,
  patience: number,
  claim: () => Promise<StoragePlace | undefined>,
): Promise<StoragePlace | undefined> =>
  new Promise((resolve, reject) => {
    let isLate = false
    const disarm = clock.after(patience, () => {
      isLate = true
      reject(new Error(`The store did not answer within ${patience} ms.`))
    })
    claim()
      .then((place) => (isLate ? place?.release(false) : resolve(place)), reject)
      .finally(disarm)
  })
