/** For requests that wait for the connection, and for the next session, as long as it takes. */
export const patient = { timeout: Infinity, idempotent: true } as const
