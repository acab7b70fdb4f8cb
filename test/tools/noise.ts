/** Large things whose bytes are nowhere alike. */

/** Always the same for the same size. */
export const noise = (bytes: number): Blob => {
  const words = new Uint32Array(bytes / 4)
  let state = bytes
  for (let at = 0; at < words.length; at++) words[at] = state = (state * 1_664_525 + 1_013_904_223) >>> 0
  return new Blob([words])
}

/** Two of the same sum are the same. */
export const sumOf = async (blob: Blob): Promise<string> => {
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer())
  return new Uint8Array(digest).join(' ')
}
