import type { Direction, Frame, History } from './history.ts'
import type { FrameKind } from './frames.ts'

/** Which frames are shown. */
export interface Filter {
  readonly direction: Direction | ''
  readonly kinds: readonly FrameKind[] | undefined
  /** In names and data, in any case. */
  readonly search: string
}

/** What can be chosen, besides all of them. */
export const KINDS: Readonly<Record<string, readonly FrameKind[]>> = {
  Events: ['event', 'volatile', 'laden'],
  'Requests and answers': ['request', 'reply', 'item', 'failure', 'cancel', 'laden'],
  Blobs: ['laden', 'piece', 'discard'],
  'Without control': ['event', 'volatile', 'request', 'reply', 'item', 'failure', 'cancel', 'laden', 'malformed'],
  Control: ['hello', 'welcome', 'bye', 'ping', 'pong', 'ack', 'control'],
}

/** The frames that pass a filter, by their place among all that there were: each is looked at once. */
export interface Rows {
  readonly length: number
  /** How many were let go of at the beginning, since the last reset. */
  readonly gone: number
  /** The place of a row. */
  at(index: number): number
  frame(place: number): Frame | undefined
  /** The row of a place, -1 for none. */
  indexOf(place: number): number
  update(history: History): void
  filter(filter: Filter): void
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

const matcher = ({ direction, kinds, search }: Filter): ((frame: Frame) => boolean) => {
  const wanted = search && new RegExp(escape(search), 'i')
  return (frame) =>
    (!direction || frame.direction === direction) &&
    (!kinds || kinds.includes(frame.kind)) &&
    (!wanted || wanted.test(frame.name) || wanted.test(frame.kind) || wanted.test(frame.text))
}

export const createRows = (): Rows => {
  let history: History | undefined
  let matches = matcher({ direction: '', kinds: undefined, search: '' })
  let places: number[] = []
  /** The place of the next frame to look at. */
  let next = 0
  let gone = 0
  const reset = (): void => {
    places = []
    next = gone = 0
  }
  return {
    get length() {
      return places.length
    },
    get gone() {
      return gone
    },
    at: (index) => places[index]!,
    frame: (place) => history?.frames[place - history.dropped],
    indexOf: (place) => places.indexOf(place),
    update(from) {
      if (from !== history) reset()
      history = from
      const { frames, dropped } = from
      const first = places.findIndex((place) => place >= dropped)
      gone += places.splice(0, first < 0 ? places.length : first).length
      for (next = Math.max(next, dropped); next < dropped + frames.length; next++)
        if (matches(frames[next - dropped]!)) places.push(next)
    },
    filter(filter) {
      matches = matcher(filter)
      reset()
      if (history) this.update(history)
    },
  }
}
