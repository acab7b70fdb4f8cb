/** The same numbers in three ways: by Holdfast, by a bare WebSocket, and by one that connects again. */
import ReconnectingWebSocket from 'reconnecting-websocket'
import type { Socket } from 'holdfast'
import { type Lane, PACE, type Traffic } from '../uses/traffic/contract.ts'
import type { Backend } from './backend.ts'
import { createHearing } from './reckon.ts'

export interface LaneState {
  readonly lane: Lane
  readonly title: string
  /** The last number that the page said. */
  said: number
  /** What came from the server. */
  readonly hearing: ReturnType<typeof createHearing>
  /** In words. */
  state: string
  /** Its connection is gone, and nobody makes another. */
  isDead: boolean
}

/** Something that numbers can be said on. Nothing is said before it was open for the first time. */
interface Speaker {
  readonly lane: LaneState
  say(number: number): void
  close(): void
}

export interface Told {
  sessionsLost: number
  inDoubt: number
}

const laneState = (lane: Lane, title: string): LaneState => ({
  lane,
  title,
  said: 0,
  hearing: createHearing(),
  state: 'connecting',
  isDead: false,
})

const byHoldfast = (socket: Socket<Traffic>, told: Told): Speaker => {
  const lane = laneState('holdfast', 'Holdfast')
  socket.on('count', lane.hearing.hear)
  socket.status.subscribe(({ state, transport }) => {
    lane.state = state === 'open' ? `over ${transport ?? 'nothing'}` : state
    lane.isDead = state === 'closed'
  })
  socket.onLost(({ inDoubt }) => {
    told.sessionsLost++
    told.inDoubt += inDoubt.length
  })
  return { lane, say: (number) => socket.send('count', number), close: () => void socket.close() }
}

const byWebSocket = (url: string): Speaker => {
  const lane = laneState('websocket', 'Bare WebSocket')
  const socket = new WebSocket(url)
  socket.addEventListener('open', () => {
    lane.state = 'connected'
  })
  socket.addEventListener('message', ({ data }) => lane.hearing.hear(Number(data)))
  socket.addEventListener('close', () => {
    lane.state = 'closed for good'
    lane.isDead = true
  })
  return {
    lane,
    say(number) {
      // What is said on a closed one is dropped in silence by browsers, but for a warning.
      if (!lane.isDead) socket.send(String(number))
    },
    close: () => socket.close(),
  }
}

const byReconnectingWebSocket = (url: string): Speaker => {
  const lane = laneState('reconnecting', 'reconnecting-websocket')
  const socket = new ReconnectingWebSocket(url)
  socket.addEventListener('open', () => {
    lane.state = 'connected'
  })
  socket.addEventListener('message', ({ data }: MessageEvent) => lane.hearing.hear(Number(data)))
  socket.addEventListener('close', () => {
    lane.state = 'connecting again'
  })
  return { lane, say: (number) => socket.send(String(number)), close: () => socket.close() }
}

export interface Lanes {
  readonly lanes: readonly LaneState[]
  /** What Holdfast told of what it could not keep. */
  readonly told: Told
  stop(): void
}

export const openLanes = (backend: Backend, socket: Socket<Traffic>): Lanes => {
  const told: Told = { sessionsLost: 0, inDoubt: 0 }
  const speakers = [
    byHoldfast(socket, told),
    byWebSocket(backend.bareUrl('websocket')),
    byReconnectingWebSocket(backend.bareUrl('reconnecting')),
  ]
  const timer = setInterval(() => {
    for (const { lane, say } of speakers) if (lane.said > 0 || lane.state !== 'connecting') say(++lane.said)
  }, PACE)
  return {
    lanes: speakers.map(({ lane }) => lane),
    told,
    stop() {
      clearInterval(timer)
      for (const { close } of speakers) close()
    },
  }
}
