/** What went over each line, newest first. What repeats itself is one row, so that one can read it. */
import type { LaneName } from './contract.ts'

/** Bytes of one exchange or frame, without and with its payload. */
export interface Weight {
  readonly headUp: number
  readonly bodyUp: number
  readonly headDown: number
  readonly bodyDown: number
}

export interface Happening {
  readonly lane: LaneName
  /** Tells it apart from others of its lane. Said again, it is the same one, which has gone on. */
  readonly key: string
  /** What is of one kind may share a row. */
  readonly kind: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly title: string
  readonly why: string
  readonly weight: Weight
  /** Its answer has not begun. */
  readonly isPending?: boolean
  /** The newest of the row is shown with this. */
  readonly example: string
  /** What the browser's network panel shows of it. */
  readonly panel: string
}

/** What is in a row. */
export interface Row {
  readonly first: Happening
  readonly newest: Happening
  readonly count: number
  /** Bytes of all of them. */
  readonly total: number
}

/** Milliseconds for which a row takes more of its kind, and how many rows of other kinds may have come since. */
const GATHERS = 10_000
const BETWEEN = 4
/** Rows of one lane. */
const LONGEST = 40

interface OpenRow {
  readonly first: Happening
  newest: Happening
  readonly weights: Map<string, Weight>
}

const sum = ({ headUp, bodyUp, headDown, bodyDown }: Weight): number => headUp + bodyUp + headDown + bodyDown

export const createJournal = () => {
  const lanes = new Map<LaneName, OpenRow[]>()
  return {
    add(happening: Happening): void {
      const { lane, key, kind, at, weight, isPending = false } = happening
      const rows = lanes.get(lane) ?? []
      lanes.set(lane, rows)
      const row =
        rows.find(({ weights }) => weights.has(key)) ??
        rows.slice(0, BETWEEN + 1).find(({ first }) => first.kind === kind && Math.abs(at - first.at) < GATHERS)
      if (row) {
        row.weights.set(key, weight)
        if (at >= row.newest.at && (!isPending || row.newest.isPending)) row.newest = happening
        return
      }
      // What the proxy saw is told later than what the page saw.
      const place = rows.findIndex(({ first }) => first.at <= at)
      rows.splice(place < 0 ? rows.length : place, 0, {
        first: happening,
        newest: happening,
        weights: new Map([[key, weight]]),
      })
      if (rows.length > LONGEST) rows.pop()
    },
    rows: (lane: LaneName): Row[] =>
      (lanes.get(lane) ?? []).map(({ first, newest, weights }) => ({
        first,
        newest,
        count: weights.size,
        total: [...weights.values()].reduce((total, weight) => total + sum(weight), 0),
      })),
  }
}
export type Journal = ReturnType<typeof createJournal>
