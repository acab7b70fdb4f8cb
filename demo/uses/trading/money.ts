const format = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** Cents as people write them. */
export const money = (cents: number): string => format.format(cents / 100)

/** What somebody wrote, in cents; null for what is no price. */
export const cents = (text: string): number | null => {
  const trimmed = text.trim()
  return /^\d{1,7}(\.\d{1,2})?$/.test(trimmed) ? Math.round(Number(trimmed) * 100) : null
}
