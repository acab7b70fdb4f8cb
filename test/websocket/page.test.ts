/** The real world, as a drop-in socket sees it. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { page } from '../../src/websocket/page.ts'

test('a time that is past comes at once, and is no reason for Node.js to warn', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
  onTestFinished(() => warn.mockRestore())
  expect(await new Promise((tell) => onTestFinished(page.watch(0, tell)))).toBe('timeout')
  expect(warn).not.toHaveBeenCalled()
})
