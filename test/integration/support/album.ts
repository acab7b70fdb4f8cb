import { noise, sumOf } from '../../tools/noise.ts'
import { type Backend, serve } from './backend.ts'

/** Large things, both ways, and something small to see whether it is held up. */
export interface Photos {
  requests: {
    upload(photo: Blob): string
    download(): { photo: Blob }
    ping(): null
  }
}

/** A backend that takes and gives photos of so many bytes. */
export const album = (size: number): Promise<Backend<Photos, unknown>> =>
  serve<Photos>({
    limits: { blobBytes: size },
    heartbeat: { timeout: 500 },
    session(session) {
      session.handle('upload', sumOf)
      session.handle('download', () => ({ photo: noise(size) }))
      session.handle('ping', () => null)
    },
  })
