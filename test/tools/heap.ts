import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** V8 keeps the shape of an object, and with it its keys, for some collections after the object is gone. */
const COLLECTIONS = 4

/** Bytes of the heap that are in use: garbage is collected first. */
export const usedHeap = (): number => {
  for (let time = 0; time < COLLECTIONS; time++) collect()
  return process.memoryUsage().heapUsed
}
