import { expect, test } from 'vitest'
import { virtualLifecycle } from 'holdfast/testing'

test('a virtual page goes offline, online and wakes when told', () => {
  const page = virtualLifecycle()
  const seen: string[] = []
  const unsubscribe = page.subscribe((event) => seen.push(`${event} ${page.online()}`))
  page.happen('offline')
  page.happen('wake')
  page.happen('online')
  page.happen('network')
  page.happen('leave')
  page.happen('freeze')
  unsubscribe()
  unsubscribe()
  page.happen('offline')
  expect(seen).toEqual(['offline false', 'wake false', 'network true', 'network true', 'leave true', 'freeze true'])
  expect(page.online()).toBe(false)
})

test('one listener subscribed twice is two subscriptions', () => {
  const page = virtualLifecycle()
  let calls = 0
  const listener = (): void => void calls++
  const unsubscribe = page.subscribe(listener)
  page.subscribe(listener)
  unsubscribe()
  page.happen('wake')
  expect(calls).toBe(1)
})
