import type { LineCounts } from '../uses/faults.ts'
import type { Lane, Tally } from '../uses/traffic/contract.ts'
import type { OpenBackend } from './backend.ts'

const ask = async (path: string, init?: RequestInit): Promise<Response> => {
  const response = await fetch(path, init)
  if (!response.ok)
    throw new Error(`The demo's server answered ${path} with ${response.status}: ${await response.text()}`)
  return response
}

/** The demo's own server, with a fault proxy in front of it. */
export const openBackend: OpenBackend = async (page) => ({
  url: (app, line = page) => `/live/${app}?line=${line}`,
  bareUrl: (lane) => new URL(`/bare?line=${page}&lane=${lane}`, location.href).href.replace(/^http/, 'ws'),
  get: async (path, line = page) => (await (await ask(`${path}&line=${line}`)).json()) as unknown,
  token: async (signal) =>
    (await (await ask(`/control/token?line=${page}`, { method: 'POST', ...(signal && { signal }) })).json()) as string,
  befall: async (fault, value, line = page) =>
    void (await ask('/control', { method: 'POST', body: JSON.stringify({ line, fault, value }) })),
  tally: async () => (await (await ask(`/control/tally?line=${page}`)).json()) as Record<Lane, Tally>,
  counts: async (line = page) => (await (await ask(`/control/counts?line=${line}`)).json()) as LineCounts,
})
