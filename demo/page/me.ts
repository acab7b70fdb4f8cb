import type { Person } from '../uses/app.ts'
import { make } from './dom.ts'

const names = [
  ...[
    'Ada',
    'Amina',
    'Bea',
    'Chidi',
    'Dario',
    'Edda',
    'Farid',
    'Greta',
    'Hiro',
    'Ines',
    'Jonas',
    'Kaya',
    'Lior',
    'Mei',
  ],
  ...['Noor', 'Otto', 'Priya', 'Quinn', 'Rosa', 'Sven', 'Tala', 'Uma', 'Viktor', 'Wanda', 'Yusuf', 'Zoe'],
]

/** `crypto.randomUUID` is there only on https and localhost; a phone in the same network sees neither. */
export const randomId = (bytes = 12): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Who this tab is: somebody else in each tab, the same after a reload. */
export const whoAmI = (): Person => {
  const kept = sessionStorage.getItem('me')
  if (kept !== null) return JSON.parse(kept) as Person
  const index = Math.floor(Math.random() * names.length)
  const me = { id: randomId(), name: names[index] ?? 'Somebody', hue: Math.round((index * 360) / names.length) }
  sessionStorage.setItem('me', JSON.stringify(me))
  return me
}

export const avatar = ({ name, hue }: Person): HTMLElement => {
  const element = make('span', 'avatar', name.slice(0, 1))
  element.style.setProperty('--hue', String(hue))
  element.ariaHidden = 'true'
  return element
}
