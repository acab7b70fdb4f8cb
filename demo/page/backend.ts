import type { AppName } from '../uses/apps.ts'
import type { Fault, Faults, LineCounts } from '../uses/faults.ts'
import type { Lane, Tally } from '../uses/traffic/contract.ts'

/** What a page talks to: the demo's server (remote.ts), or one in the page itself (memory.ts). Which, the build decides. */
export interface Backend {
  /** What `connect` is told. `line`: another line than the page's own. */
  url(app: AppName, line?: string): string
  /** Where a bare WebSocket of this lane connects. */
  bareUrl(lane: Lane): string
  /** A plain GET of one of the uses, as one asks without Holdfast: its JSON. */
  get(path: `/${string}?${string}`, line?: string): Promise<unknown>
  /** A new token for this page. */
  token(signal?: AbortSignal): Promise<string>
  /** Breaks something; resolves when it is broken, or mended. `line`: another than the page's own. */
  befall<F extends Fault>(fault: F, value: Faults[F], line?: string): Promise<void>
  /** What the server heard of this page's numbers. */
  tally(): Promise<Record<Lane, Tally>>
  /** What the proxy counted. */
  counts(line?: string): Promise<LineCounts>
}

/** Opens it for the page of this name. */
export type OpenBackend = (page: string) => Promise<Backend>
