import { byId, make, setText } from '../../page/dom.ts'
import type { Sample } from './contract.ts'

const carriers: Readonly<Record<string, string>> = {
  websocket: 'WebSocket',
  'http-stream': 'HTTP, streaming',
  'long-polling': 'HTTP, polling',
  away: 'away, and kept',
}
const uses: Readonly<Record<string, string>> = {
  chat: 'Chat',
  game: 'Game',
  dashboard: 'Dashboard',
  trading: 'Trading',
  lab: 'Transport lab',
  traffic: 'Counters',
}

/** A table of names with their numbers, and a bar for each. Rows stay where they are. */
const createTable = (id: string, names: Readonly<Record<string, string>>) => {
  const body = byId(id)
  const rows = Object.entries(names).map(([key, name]) => {
    const head = make('th', '', name)
    head.scope = 'row'
    const bar = make('i', 'bar')
    const number = make('td', 'number', '0')
    const cell = make('td', 'bar-cell', bar)
    cell.ariaHidden = 'true'
    body.append(make('tr', '', head, cell, number))
    return { key, bar, number }
  })
  return (counts: Readonly<Record<string, number>>): void => {
    const most = Math.max(1, ...Object.values(counts))
    for (const { key, bar, number } of rows) {
      const count = counts[key] ?? 0
      setText(number, String(count))
      bar.style.setProperty('--share', String(count / most))
    }
  }
}

/** Who is connected: by use, and by what carries them. */
export const createSessions = (): ((sample: Sample) => void) => {
  const byUse = createTable('by-use', uses)
  const byCarrier = createTable('by-carrier', carriers)
  return (sample) => {
    byUse(sample.sessions)
    byCarrier(sample.carriers)
  }
}
