/** Where the time goes, from a V8 CPU profile. */

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples?: readonly number[]
  readonly timeDeltas?: readonly number[]
}

/** The functions in which most of the time is spent itself, with their share of what wasn't idle. */
export function hottest({ nodes, samples = [], timeDeltas = [] }: CpuProfile, count = 15): string {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName || '(anonymous)'} ${url.split('/').slice(-2).join('/')}${url ? `:${lineNumber + 1}` : ''}`,
    ]),
  )
  const times = new Map<string, number>()
  let busy = 0
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? ''
    if (name.startsWith('(idle)')) continue
    busy += timeDeltas[index]!
    times.set(name, (times.get(name) ?? 0) + timeDeltas[index]!)
  }
  return [...times]
    .sort(([, left], [, right]) => right - left)
    .slice(0, count)
    .map(([name, time]) => `  ${((time / busy) * 100).toFixed(1).padStart(5)} %  ${name}`)
    .join('\n')
}
