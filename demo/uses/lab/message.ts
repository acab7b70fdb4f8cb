/** A message of the lab: its number, when it was said, and filling. Nothing else is counted as payload. */
export interface Message {
  readonly number: number
  /** Milliseconds since the epoch of its run, by the server's clock. */
  readonly at: number
}

/** ASCII, so characters are bytes. */
export const writeMessage = ({ number, at }: Message, size: number): string =>
  `${number} ${at.toFixed(1)} `.padEnd(size, '.')

export const readMessage = (text: string): Message => {
  const [number, at] = text.split(' ', 2)
  return { number: Number(number), at: Number(at) }
}

/** Milliseconds since 1970, with their fractions. */
export const preciseTime = (): number => performance.timeOrigin + performance.now()
