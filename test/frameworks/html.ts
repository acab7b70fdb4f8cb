import type { Socket } from 'holdfast'
import { type Chat, type Scene, type Use } from './driver.ts'

/** What a server renders, and a page takes over. */
export const uses: readonly Use[] = [
  { hook: 'useSocket' },
  { hook: 'useStatus', select: ({ state }) => state },
  { hook: 'useEvent', listener: () => {} },
  { hook: 'useLatest' },
  { hook: 'useLatest', history: 2 },
  { hook: 'useRequest', name: 'double', input: { number: 1 } as never },
  { hook: 'useRequest', name: 'double', input: { number: 2 } as never, enabled: false },
  { hook: 'useStream', name: 'count', input: { to: 3 } as never },
]
export const sceneOf = (live: Socket<Chat>): Scene => ({ live, uses, show: () => {} })

/** What is to be read there, whatever framework rendered it. */
export const texts = [
  '–',
  '"idle"',
  '–',
  '–',
  '[]',
  '{"pending":true}',
  '{"pending":false}',
  '{"pending":true,"done":false}',
]

const paragraphs = texts.map((text) => `<p>${text.replaceAll('"', '&quot;')}</p>`).join('')

/** What each framework makes of it. The tests of its server build see to that; those of its build for pages take it over. */
export const html = {
  React: paragraphs,
  Solid: texts.map((text, place) => `<p data-hk="0000${place}0">${text}</p>`).join(''),
  Vue: `<!--[-->${paragraphs}<!--]-->`,
  Svelte: `<!--[--><!--[-1--><!--[-->${texts.map((text) => `<!--[--><p>${text}</p><!--]-->`).join('')}<!--]--><!--]--><!--]-->`,
} satisfies Readonly<Record<string, string>>
