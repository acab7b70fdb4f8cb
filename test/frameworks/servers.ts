/** The part of the contract that is about rendering on a server, where nothing is opened, and about taking over what was rendered. */
import { describe, expect, test, vi } from 'vitest'
import { createShared } from '../../src/share.ts'
import type { Driver, ServerDriver } from './driver.ts'
import { sceneOf, texts, uses } from './html.ts'
import { onStage, stage } from './stage.ts'

/** To be run under the framework's server build, in Node.js, without a page. */
export const rendersOnServers = (driver: ServerDriver, html: string): void => {
  describe(`${driver.name} on a server`, () => {
    test.each(Object.entries(driver.render))('%s renders how it begins, and opens nothing', async (_, render) => {
      const complain = vi.spyOn(console, 'error')
      const open = vi.fn(() => expect.unreachable('opened on a server'))
      const after = vi.fn()
      try {
        const live = createShared(open, {}, { clock: { after }, report: open, held: new Set() })
        expect(await render(sceneOf(live))).toBe(html)
        expect([open, after, complain].map(({ mock }) => mock.calls)).toEqual([[], [], []])
      } finally {
        complain.mockRestore()
      }
    })

    test('has rendered what every framework renders', () => {
      const rendered = [...html.matchAll(/<p\b[^>]*>(.*?)<\/p>/g)].map(([, text]) => text!.replace(/<!--.*?-->/g, ''))
      expect(rendered.map((text) => text.replaceAll('&quot;', '"'))).toEqual(texts)
    })
  })
}

/** To be run in a page. */
export const takesOver = (driver: Driver, html: string): void => {
  describe(`${driver.name}, over what a server rendered`, () => {
    onStage()

    test('takes over without a complaint, and lives', async () => {
      const { hydrate, page, pass, opened, asked } = stage(driver)
      await hydrate(html, uses)
      expect(page().toSpliced(1, 1)).toEqual(texts.toSpliced(1, 1))
      await pass(300)
      expect(page()).toEqual([
        '–',
        '"open"',
        '–',
        '–',
        '[]',
        '{"data":2,"pending":false}',
        '{"pending":false}',
        '{"data":3,"pending":false,"done":true}',
      ])
      expect([opened.length, asked]).toEqual([1, ['double {"number":1}', 'count {"to":3}']])
    })

    test('keeps the elements that are there', async () => {
      const { hydrate, elements, pass } = stage(driver)
      const isTaken = hydrate(html, uses)
      const taken = elements()
      await isTaken
      await pass(300)
      expect(elements().length).toBe(texts.length)
      for (const [place, element] of elements().entries()) expect(element).toBe(taken[place])
    })
  })
}
