import { describe, expect, test } from 'vitest'
import { ID, desk } from './http-desk.ts'

describe('an envelope', () => {
  test.each([
    ['', 400],
    ['hello', 400],
    ['null', 400],
    ['[]', 400],
    ['"text"', 400],
    ['{}', 400],
    ['{"carrier":7,"got":0}', 400],
    ['{"carrier":"short","got":0}', 400],
    [`{"carrier":"${'x'.repeat(65)}","got":0}`, 400],
    [`{"carrier":"${ID}"}`, 400],
    [`{"carrier":"${ID}","got":-1}`, 400],
    [`{"carrier":"${ID}","got":"0"}`, 400],
    [`{"carrier":"${ID}","got":0,"push":0}`, 400],
    [`{"carrier":"${ID}","got":0,"push":1.5}`, 400],
    [`{"carrier":"${ID}","got":0,"push":null}`, 400],
    [`{"carrier":"${ID}","got":0,"poll":-1}`, 400],
    [`{"carrier":"${ID}","got":0,"poll":"9"}`, 400],
    [`{"carrier":"${ID}","got":0,"stream":1}`, 400],
    [`{"carrier":"${ID}","got":0,"close":"yes"}`, 400],
    [`{"__proto__":{"carrier":"${ID}","got":0,"push":1}}\nhello`, 400],
    [`${'['.repeat(100_000)}\nhello`, 400],
    [`{"carrier":"${ID}","got":0,"push":1,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400],
    [`{"carrier":"${ID}","got":0,"push":1}`, 400],
    [`{"carrier":"${ID}","got":0,"push":1}\n\n\n`, 400],
    [`{"carrier":"${ID}","got":0}`, 410],
    [`{"carrier":"${ID}","got":0,"poll":1}`, 410],
    [`{"carrier":"${ID}","got":0,"push":2}\nhello`, 410],
    [`{"carrier":"${ID}","got":1,"push":1}\nhello`, 410],
  ])('%.60s: %i', async (body, status) => {
    const { clock, postBody, taken } = desk()
    expect([postBody(body).status, taken, clock.pending]).toEqual([status, [], 0])
  })

  test('what an envelope has beside is left to the future, names of a prototype too', () => {
    const { postBody, taken } = desk()
    const body = `{"__proto__":{"got":9},"constructor":1,"toString":null,"carrier":"${ID}","got":0,"push":1}\nhello`
    expect([postBody(body).status, taken.length]).toEqual([200, 1])
  })
})

describe('a push', () => {
  const most = 65_536 + 4 * 65_536
  test.each([
    ['x'.repeat(most + 1), 413, 'too-large', 1009],
    ['€'.repeat(most / 3 + 1), 413, 'too-large', 1009],
    [`=${btoa('x'.repeat(most + 1))}`, 413, 'too-large', 1009],
    ['x\n=not base64\nx', 400, 'malformed-frame', 1007],
  ])('%.20s … is refused with %i, and the carrier ends', async (lines, status, fault, close) => {
    const { clock, post, open } = desk()
    const taken = await open()
    const poll = post({ poll: 9_000 })
    expect(post({ push: 2 }, lines).status).toBe(status)
    await clock.advance(0)
    expect(taken.messages.filter(Boolean)).toEqual(['hello'])
    expect([taken.faults.map(({ code }) => code), taken.closes]).toEqual([[fault], 1])
    expect([poll.status, JSON.parse(poll.lines[0]!)]).toMatchObject([410, { code: close }])
  })

  test.each([['x'.repeat(most)], [`=${btoa('x'.repeat(most))}`]])('%.20s … is just small enough', async (lines) => {
    const { post, open } = desk()
    const taken = await open()
    expect(post({ push: 2 }, lines).status).toBe(200)
    expect([taken.messages[1]!.length, taken.closes]).toEqual([most, 0])
  })

  test('may hold more than one line may, as a client has no other way to catch up', async () => {
    const { post, open } = desk()
    const taken = await open()
    const lines = Array(5).fill('x'.repeat(most)).join('\n')
    expect(post({ push: 2 }, lines).status).toBe(200)
    expect([taken.messages[1], taken.closes]).toEqual([lines, 0])
  })

  test('that ends the carrier ends with it: nothing of it is told after', async () => {
    const heard: unknown[] = []
    const { post } = desk({
      accept: (carrier) => ({
        message(packet) {
          heard.push(packet)
          carrier.close(4400)
        },
        fault() {},
        close() {},
      }),
    })
    post({ push: 1 }, 'a\n=\nb')
    expect(heard).toEqual(['a'])
  })
})
