/** A scenario as a page sees it: somewhere else, under the same names. */
import { inject } from 'vitest'
import type { Command, Scenario, ScenarioKind } from '../tools/scenario.ts'

/** What a page asks of the outside. */
export type Instruction =
  | { readonly command: 'open'; readonly kind: ScenarioKind }
  | { readonly command: Command; readonly host: string; readonly args: readonly unknown[] }

type Remote = {
  readonly [Name in Command]: (...args: Parameters<Scenario[Name]>) => Promise<Awaited<ReturnType<Scenario[Name]>>>
}

export interface RemoteScenario extends Remote, AsyncDisposable {
  /** `127.0.0.1:port` of the proxy, ready to follow `ws://`. */
  readonly host: string
}

/** Where files of dist/ are, for a script tag. */
export const distUrl = (file: string): string => `${inject('outside')}/dist/${file}`

/** A page that has nothing but a script tag, and talks to this server. */
export const scriptTagPage = (server: string): string =>
  `${inject('outside')}/script-tag.html?server=${encodeURIComponent(server)}`

/** A server of one's own behind a proxy of one's own. Close it, or let `await using` do so. */
export async function openScenario(kind: ScenarioKind = 'app'): Promise<RemoteScenario> {
  const host = (await ask({ command: 'open', kind })) as string
  const act =
    (command: Command) =>
    (...args: readonly unknown[]): Promise<unknown> =>
      ask({ command, host, args })
  const remote = {
    host,
    cut: act('cut'),
    cutAfterBytes: act('cutAfterBytes'),
    blackHole: act('blackHole'),
    hold: act('hold'),
    refuse: act('refuse'),
    latency: act('latency'),
    bandwidth: act('bandwidth'),
    handshakes: act('handshakes'),
    dribble: act('dribble'),
    gather: act('gather'),
    block: act('block'),
    unblock: act('unblock'),
    exchanges: act('exchanges'),
    traffic: act('traffic'),
    flights: act('flights'),
    killServer: act('killServer'),
    startServer: act('startServer'),
    pauseServer: act('pauseServer'),
    restartServer: act('restartServer'),
    close: act('close'),
    [Symbol.asyncDispose]: act('close'),
  } satisfies Record<keyof RemoteScenario, unknown>
  return remote as RemoteScenario
}

async function ask(instruction: Instruction): Promise<unknown> {
  // As text, which needs no preflight.
  const response = await fetch(`${inject('outside')}/scenarios`, { method: 'POST', body: JSON.stringify(instruction) })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}
