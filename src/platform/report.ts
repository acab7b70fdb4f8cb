/** Where an error goes that has nobody to catch it: the platform's own handler, so that error trackers see it. */
export const reportError = (error: unknown): void => {
  // oxlint-disable-next-line no-console -- the platform may have no other handler
  const report = globalThis.reportError ?? console.error
  report(error)
}
