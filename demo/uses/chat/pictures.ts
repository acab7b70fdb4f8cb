/** Pictures before they are posted, and as they are shown. */
import { PICTURE_BYTES, PICTURE_TYPES, type Picture } from './contract.ts'

/** Pixels of the longer side of what had to be made smaller: first so many, then fewer. */
const SIDES = [1_600, 1_000, 600]

export interface Prepared {
  readonly file: Blob
  readonly picture: Picture
}

/** Why a file cannot be posted, in words for whoever chose it. */
export class Unfit extends Error {}

const fits = ({ type, size }: Blob): boolean =>
  size <= PICTURE_BYTES && (PICTURE_TYPES as readonly string[]).includes(type)

/** As it is where it fits; else drawn again, smaller. */
export const prepare = async (file: Blob): Promise<Prepared> => {
  if (!file.type.startsWith('image/')) throw new Unfit('Only pictures can be sent here.')
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Unfit('This browser cannot read that picture.')
  })
  const { width, height } = bitmap
  try {
    if (fits(file)) return { file, picture: { width, height } }
    for (const side of SIDES) {
      const scale = Math.min(1, side / Math.max(width, height))
      const picture = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
      const smaller = await draw(bitmap, picture)
      if (smaller && fits(smaller)) return { file: smaller, picture }
    }
  } finally {
    bitmap.close()
  }
  throw new Unfit('That picture is larger than 2 MB, and could not be made smaller.')
}

const draw = (bitmap: ImageBitmap, { width, height }: Picture): Promise<Blob | null> => {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height)
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/webp', 0.85))
}

/** Pictures of messages as URLs, each asked for once. */
export const createGallery = (ask: (seq: number) => Promise<Blob>) => {
  const urls = new Map<number, Promise<string>>()
  return {
    load(seq: number): Promise<string> {
      const url = urls.get(seq) ?? ask(seq).then((blob) => URL.createObjectURL(blob))
      urls.set(seq, url)
      // Another look is another try.
      url.catch(() => urls.delete(seq))
      return url
    },
  }
}
