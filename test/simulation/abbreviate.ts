/** What packets say, in few words. */

/** A part of a body that is no JSON is shown as it is, if it is short. */
const LONGEST = 24

type Scalar = string | number | boolean | undefined
/** What frames are made of, where it is shown. */
type Fields = Readonly<Record<string, Scalar>>

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const number = (fields: Fields, name: string): string => (fields[name] === undefined ? '' : ` ${name} ${fields[name]}`)

const control = (frame: Fields): string =>
  Object.entries(frame)
    .map(([key, value]) => {
      const fields = Object(value) as Fields
      if (key === 'hello') return `hello ${fields['attempt']},${number(fields, 'from')}${number(fields, 'got')}`
      if (key === 'welcome') return `welcome,${number(fields, 'got')}${number(fields, 'from')}`
      if (key === 'bye') return `bye ${fields['code']}${number(fields, 'got')}`
      return key === 'volatile' ? 'volatile' : `${key} ${String(value)}`
    })
    .join(' ')

const envelope = (fields: Fields): string => {
  const poll = fields['poll'] ? (fields['stream'] ? 'stream' : 'poll') : ''
  const close = fields['close'] ? 'close' : ''
  const push = fields['push'] === undefined ? '' : `push ${fields['push']}`
  return `[${[push, poll, close].filter(Boolean).join(' ')}]`
}

const counted = (frame: readonly Scalar[]): string => {
  const [head, , tail] = frame
  if (typeof head === 'string') return tail === undefined ? head : `ask ${String(tail)}`
  if (frame.length === 1) return `cancel ${String(head)}`
  return tail === 1
    ? `item of ${String(head)}`
    : tail === undefined
      ? `answer ${String(head)}`
      : `failure ${String(head)}`
}

const line = (text: string): string => {
  const frame = parse(text)
  if (Array.isArray(frame)) return counted(frame as readonly Scalar[])
  if (frame instanceof Object) {
    const fields = frame as Fields
    const isEnvelope = 'carrier' in fields || ('push' in fields && 'from' in fields)
    return isEnvelope ? envelope(fields) : control(fields)
  }
  if (text.startsWith('=')) return 'bytes'
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

/** A packet, an HTTP body or a piece of one: its frames, those that repeat counted. */
export const abbreviate = (packet: unknown): string => {
  if (packet instanceof Uint8Array) return `bytes (${packet.length})`
  if (typeof packet !== 'string') return packet === undefined ? '' : JSON.stringify(packet)
  const frames: { text: string; count: number }[] = []
  for (const text of packet.split('\n').filter(Boolean).map(line)) {
    const last = frames.at(-1)
    if (last?.text === text) last.count++
    else frames.push({ text, count: 1 })
  }
  return frames.map(({ text, count }) => (count > 1 ? `${text} ×${count}` : text)).join(', ')
}
