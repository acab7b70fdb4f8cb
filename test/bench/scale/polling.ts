/** Clients on long polling that cost next to nothing: HTTP/1.1 over bare sockets, as docs/protocol.md#http has it. */
import { randomBytes } from 'node:crypto'
import type { Line, LineHost } from './line.ts'
import { connectRaw, headersOf } from './raw.ts'

interface Answer {
  readonly status: number
  readonly body: Buffer
}

/** How long a poll may hang, in milliseconds: what clients come to where nothing disturbs them. */
const POLL = 22_000

/** A connection that is kept: one POST after another. */
const openPosts = (to: LineHost, answered: (answer: Answer) => void, closed: () => void) => {
  const take = (bytes: Buffer): number => {
    const end = bytes.indexOf('\r\n\r\n')
    const head = end < 0 ? '' : bytes.toString('latin1', 0, end)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
    const total = end + 4 + length
    if (end < 0 || bytes.length < total) return 0
    answered({ status: Number(head.slice(9, 12)), body: bytes.subarray(end + 4, total) })
    return bytes.length
  }
  const socket = connectRaw(to, take, closed)
  const head = `POST ${to.path} HTTP/1.1\r\n${headersOf(to)}Accept: application/holdfast.v1\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: `
  return {
    post: (body: string) => void socket.write(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`),
    destroy: () => void socket.destroy(),
  }
}

export const openPolling = (to: LineHost): void => {
  const carrier = randomBytes(16).toString('base64url')
  let got = 0
  let pushes = 0
  let waiting: string[] = []
  let isPushing = false
  let isOver = false

  const close = (): void => {
    if (isOver) return
    isOver = true
    polls.destroy()
    pushed.destroy()
    to.closed()
  }
  /** Takes an answer's lines, without its head. */
  const takeLines = ({ status, body }: Answer): void => {
    if (status !== 200) return close()
    const from = body.indexOf(10) + 1
    if (from >= body.length) return
    for (let at = from; (at = body.indexOf(10, at) + 1) > 0;) got++
    to.message(body.subarray(from, body.length - 1))
  }
  const poll = (): void => {
    if (!isOver) polls.post(`${JSON.stringify({ carrier, got, poll: POLL })}\n`)
  }
  const push = (): void => {
    if (isPushing || waiting.length === 0 || isOver) return
    isPushing = true
    pushed.post(`${[JSON.stringify({ carrier, got, push: ++pushes }), ...waiting].join('\n')}\n`)
    waiting = []
  }
  const polls = openPosts(
    to,
    (answer) => {
      takeLines(answer)
      poll()
    },
    close,
  )
  const pushed = openPosts(
    to,
    (answer) => {
      isPushing = false
      takeLines(answer)
      push()
    },
    close,
  )
  const line: Line = {
    send(text) {
      waiting.push(text)
      push()
    },
  }
  // The first exchange is a push and a poll at once: its answer is the welcome.
  isPushing = true
  to.opened(line)
  isPushing = false
  polls.post(`${[JSON.stringify({ carrier, got, push: ++pushes, poll: POLL }), ...waiting].join('\n')}\n`)
  waiting = []
}
