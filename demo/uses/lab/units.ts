/** Figures of a fixed width, more or less: three digits that count. */
const short = (value: number): string => (value < 9.95 ? value.toFixed(1) : String(Math.round(value)))

export const asBytes = (bytes: number): string =>
  Math.abs(bytes) < 1_000
    ? `${Math.round(bytes)} B`
    : Math.abs(bytes) < 999_500
      ? `${short(bytes / 1_000)} kB`
      : `${short(bytes / 1_000_000)} MB`

export const asTime = (milliseconds: number): string =>
  milliseconds < 999.5 ? `${short(milliseconds)} ms` : `${short(milliseconds / 1_000)} s`
