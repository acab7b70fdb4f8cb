import { type Measure, comparisonOf } from './measures.ts'
import { type CpuProfile, hottest } from './profile.ts'
import type { Stage } from './stage.ts'

/** Of both sides of a measure, each in the page and in the server. */
export async function profile(stage: Stage, measure: Measure, rounds: number): Promise<void> {
  const { devtools } = stage
  if (!devtools) throw new Error('Only Chromium tells where the time goes.')
  await devtools.ask('Profiler.enable')
  const { reference, ours } = comparisonOf(measure)
  for (const side of reference === null ? [ours] : [reference, ours]) {
    await stage.run(comparisonOf(measure), side)
    await stage.tell('profile')
    await devtools.ask('Profiler.start')
    for (let round = 0; round < rounds; round++) {
      const figures = Object.entries((await stage.run(comparisonOf(measure), side)).ours)
      console.log(
        `${side}, ${measure}: ${figures.map(([name, value]) => `${name} ${value?.toPrecision(3)}`).join(', ')}`,
      )
    }
    const client = (await devtools.ask('Profiler.stop')).profile
    const served = (await stage.tell('report')) as { profile: CpuProfile }
    console.log(` page\n${hottest(client)}\n server\n${hottest(served.profile)}`)
  }
}
