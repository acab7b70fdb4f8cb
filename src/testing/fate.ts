/**
 * What becomes of a dial or of an HTTP exchange.
 *
 * Of either: `refuse`: nobody answers at that port. `hang`: nothing is ever answered. `drop`: the connection is taken (a
 * WebSocket opens) and dropped at once, as by a proxy with nothing behind it. `captive-portal`: a hotel's network answers
 * with a page of its own, status 200. `{ status }`: a proxy refuses so.
 *
 * Of WebSockets: `refuse-upgrade`: a proxy says 403. `hang-upgrade`: the upgrade is never answered. `swallow`: it opens, and
 * from there on nothing gets through, either way. `{ killAfter }`: it dies so many milliseconds after it opened.
 *
 * Of HTTP exchanges: `buffer`: a proxy passes an answer on only when it is complete. `lose-answer`: the server gets the request,
 * and the connection dies when it answers. `{ patience }`: a proxy waits no longer than so many milliseconds for the end of an
 * answer: then it says 504, or cuts the connection if the answer has begun, or in any case with `cut`.
 *
 * What is only of the one kind leaves the other alone.
 */
export type Fate =
  | 'open'
  | 'refuse'
  | 'hang'
  | 'drop'
  | 'captive-portal'
  | { readonly status: number; readonly retryAfter?: number }
  | 'refuse-upgrade'
  | 'hang-upgrade'
  | 'swallow'
  | { readonly killAfter: number }
  | 'buffer'
  | 'lose-answer'
  | { readonly patience: number; readonly cut?: boolean }

/** Whether something in between answers a request to upgrade with what is no upgrade. */
export const refusesUpgrade = (fate: Fate): boolean =>
  fate === 'refuse-upgrade' || fate === 'captive-portal' || (typeof fate === 'object' && 'status' in fate)
