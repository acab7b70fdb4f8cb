/** Starts, once for each engine, what the pages under test talk to, and hands them the addresses. */
import type { TestProject } from 'vitest/node'
import { type Engine, engines, requireBrowser } from '../tools/browsers.ts'

export default function setup(project: TestProject): void {
  const engine = engines.find((name): name is Engine => project.name.startsWith(name))
  if (engine !== undefined) requireBrowser(engine)
}
