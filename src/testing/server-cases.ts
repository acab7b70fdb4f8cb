import { closingCases } from './server-cases-closing.ts'
import { frameCases } from './server-cases-frames.ts'
import { httpCases } from './server-cases-http.ts'
import { requestCases } from './server-cases-requests.ts'
import { resumeCases } from './server-cases-resume.ts'
import type { ServerHarness } from './server-trial.ts'

/** One thing that a server must do. It rejects when it doesn't. */
export interface ServerCase {
  readonly name: string
  run(harness: ServerHarness): Promise<void>
}

/** What every server of `holdfast.v1` must do, in whatever language it is written. docs/testing.md#servers */
export const serverCases: readonly ServerCase[] = [
  ...resumeCases,
  ...closingCases,
  ...frameCases,
  ...requestCases,
  ...httpCases,
].map(([name, run]) => ({ name, run }))
