import type { CarrierEntry, Rung, Status, TraceEntry, TransportName } from 'holdfast'
import { byId, setText } from './dom.ts'

interface CarriersOptions {
  /** For the journal. */
  readonly tell: (text: string) => void
  /** For the conversation. */
  readonly notice: (text: string) => void
}

const names: Readonly<Record<Rung, string>> = { websocket: 'WebSocket', http: 'HTTP' }

/** In words: why a carrier was left, or does not come about; undefined for what is no news. */
const whyLeft = ({ carrier, event, phase }: CarrierEntry): string | undefined => {
  const name = names[carrier]
  const isOpening = phase === 'dialing' || phase === 'ready'
  if (event === 'failed')
    return phase === 'heard'
      ? `${name} broke.`
      : isOpening
        ? `${name} could not be opened.`
        : `${name} opened, and broke unheard.`
  if (event !== 'drop') return undefined
  if (phase === 'heard') return carrier === 'http' ? 'HTTP: WebSocket gets through again.' : `${name} was in doubt.`
  if (carrier === 'http') return undefined
  return isOpening ? `${name} did not open in time.` : `${name} opened, and then nothing came.`
}

/** Which carrier has the session, and why the one before was left. */
export const createCarriers = ({ tell, notice }: CarriersOptions) => {
  const left = byId('left')
  let why = ''
  /** WebSocket is being opened, and nothing is known of it. */
  let isOpening = false
  let before: TransportName | null = null
  const explain = (words: string): void => {
    why = words
    setText(left, words)
  }
  return {
    trace(entry: TraceEntry) {
      if (entry.type !== 'carrier') return
      const { carrier, event } = entry
      const words = whyLeft(entry)
      if (words !== undefined) explain(words)
      if (carrier === 'websocket') isOpening = event === 'dial'
      else if (event === 'claim' && isOpening) explain('WebSocket takes too long to open.')
    },
    show({ transport }: Status) {
      if (transport === null || transport === before) return
      if (before !== null) tell(`The session goes on over ${transport}.`)
      const isSocket = transport === 'websocket'
      if (before !== null && isSocket !== (before === 'websocket'))
        notice(isSocket ? 'The session is back on WebSocket.' : `The session goes on over HTTP. ${why}`)
      before = transport
    },
  }
}
