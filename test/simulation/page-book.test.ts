/** The books of pages that come and go: what they must notice, and what they must let pass. */
import { describe, expect, test } from 'vitest'
import { type Author, createNewsBook, createPageBook, type PageBook } from './page-book.ts'

const author = (name: string): Author => ({ name, isForsaken: false, isDead: false })

const open = (): { book: PageBook; reported: string[]; wait(ms: number): void } => {
  const reported: string[] = []
  let time = 0
  const book = createPageBook(
    () => time,
    10,
    (invariant, what) => reported.push(`${invariant}: ${what}`),
  )
  return { book, reported, wait: (ms) => (time += ms) }
}

describe('what pages say', () => {
  test('arrives once and in order, whichever page brings it', () => {
    const { book, reported } = open()
    const [a, b] = [author('a'), author('b')]
    expect([book.accept(a), book.accept(b), book.accept(a)]).toEqual([1, 2, 3])
    expect(book.missing).toBe(3)
    book.arrive(1)
    book.die(a, new Set([3]))
    for (const number of [2, 3]) book.arrive(number)
    book.close()
    expect([reported, book.missing]).toEqual([[], 0])
  })

  test.each([
    ['twice', [1, 1, 2], 'once: 1 of a arrived 2 times'],
    ['after a gap', [2, 1], 'complete: 2 of a arrived and 1 is missing before it'],
    ['out of order', [2, 1], 'order: 1 of a arrived after 2'],
    ['never', [1], 'complete: 2 of a never arrived'],
    ['from nowhere', [1, 2, 3], 'genuine: 3 arrived but was never sent'],
  ])('is noticed when it arrives %s', (_, arrivals, expected) => {
    const { book, reported } = open()
    const a = author('a')
    book.accept(a)
    book.accept(a)
    arrivals.forEach(book.arrive)
    book.close()
    expect(reported).toContain(expected)
  })

  test('may arrive again where it was told to be in doubt, and not at all where it was given up', () => {
    const { book, reported } = open()
    const a = author('a')
    for (const _ of [1, 2]) book.accept(a)
    for (const number of [1, 1]) book.arrive(number)
    book.doubt(1, true)
    book.doubt(2, false)
    book.close()
    expect(reported).toEqual([])
  })

  test('outlives its page, unless it was too young, or the store had failed', () => {
    const { book, reported, wait } = open()
    const [old, young, forsaken] = [author('old'), author('young'), { ...author('forsaken'), isForsaken: true }]
    book.accept(old)
    book.accept(forsaken)
    wait(11)
    book.accept(young)
    for (const page of [old, young, forsaken]) book.die(page, new Set())
    book.close()
    expect(reported).toEqual(['kept: 1 of old is not kept 11 ms after it was accepted'])
  })

  test('is nobody to blame for when the disk was spoilt', () => {
    const { book, reported } = open()
    book.accept(author('a'))
    book.ruin(new Set([1]))
    book.close()
    expect(reported).toEqual([])
  })
})

test('what the server says leaves no gap in any page, nor between them', () => {
  const reported: string[] = []
  const [a, b, c] = [author('a'), author('b'), author('c')]
  const news = createNewsBook('news', (_, what) => reported.push(what))
  expect([1, 2, 3, 4, 5].map(() => news.next())).toEqual([1, 2, 3, 4, 5])
  for (const number of [1, 2]) news.arrive(a, number)
  for (const number of [2, 3]) news.arrive(b, number)
  expect(reported).toEqual([])
  news.arrive(a, 4)
  news.close()
  const gap = createNewsBook('gap', (_, what) => reported.push(what))
  gap.arrive(c, 2)
  expect(reported).toEqual([
    'news: a heard 4 after 2',
    'news: 1 of 5 were never heard',
    'gap: c heard 2 after others had heard 0',
  ])
})
