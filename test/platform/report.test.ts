import { afterEach, expect, test, vi } from 'vitest'
import { reportError } from '../../src/platform/report.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test('an error with nobody to catch it goes to the platform’s own handler', () => {
  const report = vi.fn<(error: unknown) => void>()
  const log = vi.spyOn(console, 'error')
  vi.stubGlobal('reportError', report)
  const error = new Error('mine')
  reportError(error)
  expect(report).toHaveBeenCalledExactlyOnceWith(error)
  expect(log).not.toHaveBeenCalled()
})

test('or to the console, where there is none', () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  vi.stubGlobal('reportError', undefined)
  const error = new Error('mine')
  reportError(error)
  expect(log).toHaveBeenCalledExactlyOnceWith(error)
})
