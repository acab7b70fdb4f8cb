import { describe, expect, test } from 'vitest'
import { type Carrier, type Packet, type Transport, type TransportHarness, transportCases } from 'holdfast/testing'
import { networkHarness } from './network-harness.ts'

const createHarness = (change: (transport: Transport) => Transport = (transport) => transport): TransportHarness =>
  networkHarness(({ transport }) => change(transport))

describe('the virtual network is a conforming transport', () => {
  test.each(transportCases)('$name', async ({ run }) => {
    await expect(run(createHarness())).resolves.toBeUndefined()
  })
})

/** The names of the cases that a transport fails. */
const failures = async (change: (transport: Transport) => Transport): Promise<string[]> => {
  const failed: string[] = []
  for (const { name, run } of transportCases) await run(createHarness(change)).catch(() => failed.push(name))
  return failed
}

describe('the suite finds', () => {
  test('nothing where nothing is wrong', async () => {
    expect(await failures((transport) => transport)).toEqual([])
  })

  /** What a carrier is told as text, told otherwise. */
  const retelling =
    (retell: (text: string) => readonly string[]): ((transport: Transport) => Transport) =>
    (transport) =>
    (url, events) =>
      transport(url, {
        ...events,
        message: (packet) => {
          if (typeof packet === 'string') for (const text of retell(packet)) events.message(text)
          else events.message(packet)
        },
      })

  test('nothing where texts are split and joined at line ends, and empty ones come and go', async () => {
    const failed = await failures(retelling((text) => ['', ...text.split('\n').filter(Boolean), '\n']))
    expect(failed).toEqual([])
    expect(await failures(retelling((text) => (text ? [`\n${text}\n`] : [])))).toEqual([])
  })

  test('texts that are split elsewhere, lost, or told twice', async () => {
    const carries = 'carries text and bytes both ways, unchanged and in order'
    expect(await failures(retelling((text) => [text.slice(0, 2), text.slice(2)]))).toContain(carries)
    expect(await failures(retelling((text) => (text === 'last' ? [] : [text])))).toContain(carries)
    expect(await failures(retelling((text) => [text, text]))).toContain(carries)
  })

  test('nothing where a carrier takes packets before it has asked anybody', async () => {
    const confident: (transport: Transport) => Transport = (transport) => (url, events) => {
      if (!URL.canParse(url) || !url.startsWith('wss:')) throw new SyntaxError(url)
      let state: 'new' | 'open' | 'over' = 'new'
      let real: Carrier | undefined
      let unsent: Packet[] | undefined = []
      void Promise.resolve().then(() => {
        if (state === 'over') return
        state = 'open'
        events.open()
      })
      const flush = (): void => {
        const packets = unsent ?? []
        unsent = undefined
        for (const packet of packets) real?.send(packet)
      }
      return {
        transport: 'long-polling',
        get bufferedAmount() {
          return real?.bufferedAmount ?? 0
        },
        send: (packet) => {
          if (state !== 'open') return
          real ??= transport(url, { ...events, open: flush })
          if (unsent) unsent.push(packet)
          else real.send(packet)
        },
        close: (code, reason) => {
          state = 'over'
          real?.close(code, reason)
        },
      }
    }
    expect(await failures(confident)).toEqual([])
  })

  test('an event from inside the dial', async () => {
    const eager: (transport: Transport) => Transport = (transport) => (url, events) => {
      const carrier = transport(url, { ...events, open: () => {} })
      events.open()
      return carrier
    }
    expect(await failures(eager)).toContain('opens once, and not from inside the dial')
  })

  test('a close told after it was given up', async () => {
    const talkative: (transport: Transport) => Transport = (transport) => (url, events) => {
      const carrier = transport(url, events)
      const close = (code?: number): void => {
        carrier.close(code)
        events.close(code ?? 1005, '')
      }
      return Object.create(carrier, { close: { value: close } }) as typeof carrier
    }
    expect(await failures(talkative)).toEqual(
      expect.arrayContaining(['given up while open: what was sent arrives, the server is told, and it is silent']),
    )
  })

  test('a close told twice', async () => {
    const stuttering: (transport: Transport) => Transport = (transport) => (url, events) =>
      transport(url, {
        ...events,
        close: (code, reason) => {
          events.close(code, reason)
          events.close(code, reason)
        },
      })
    expect(await failures(stuttering)).toHaveLength(3)
  })

  test('a native close that throws', async () => {
    const picky: (transport: Transport) => Transport = (transport) => (url, events) => {
      const carrier = transport(url, events)
      const close = (code = 1000, reason = ''): void => {
        if (code !== 1000 && (code < 3000 || code > 4999)) throw new Error('InvalidAccessError')
        if (new TextEncoder().encode(reason).length > 123) throw new Error('SyntaxError')
        carrier.close(code, reason)
      }
      return Object.create(carrier, { close: { value: close } }) as typeof carrier
    }
    expect((await failures(picky)).filter((name) => name.startsWith('closes whatever'))).toHaveLength(4)
  })

  test('packets that overtake', async () => {
    const shuffling: (transport: Transport) => Transport = (transport) => (url, events) => {
      let kept: Packet | undefined
      return transport(url, {
        ...events,
        message: (packet) => {
          if (kept === undefined) {
            kept = packet
            return
          }
          events.message(packet)
          events.message(kept)
          kept = undefined
        },
      })
    }
    expect(await failures(shuffling)).toContain('keeps the order of many packets')
  })
})
