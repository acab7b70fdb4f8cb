/** `String.fromCharCode` takes its characters as arguments, and the stack has room for some ten thousands of them. */
const PART = 8_192

/** Bytes as text, where only text can travel. */
export const toBase64 = (bytes: Uint8Array): string => {
  let binary = ''
  // Not spread: that iterates byte by byte, eight times as long.
  for (let at = 0; at < bytes.length; at += PART)
    binary += Reflect.apply(String.fromCharCode, null, bytes.subarray(at, at + PART))
  return btoa(binary)
}

/** The bytes again. Throws for what is no base64. */
export const fromBase64 = (text: string): Uint8Array => {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
  return bytes
}
