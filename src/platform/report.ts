/** Where an error goes that has nobody to catch it: the platform's own handler, so that error trackers see it. */
export const reportError = (error: unknown): void => {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
  // oxlint-disable-next-line no-console -- the platform has no other handler
  else console.error(error)
}
