import { expect, test } from 'vitest'
import { createRooms } from '../../src/server/rooms.ts'

const members = (rooms: ReturnType<typeof createRooms<string>>, room: string): string[] => [...rooms.members(room)]

test('who joins is in, once, until it leaves', () => {
  const rooms = createRooms<string>(() => {})
  for (const member of ['ann', 'bob', 'ann']) rooms.join('lobby', member)
  rooms.join('attic', 'ann')
  expect([members(rooms, 'lobby'), members(rooms, 'attic')]).toEqual([['ann', 'bob'], ['ann']])
  rooms.leave('lobby', 'ann')
  rooms.leave('lobby', 'ann')
  expect([members(rooms, 'lobby'), members(rooms, 'attic')]).toEqual([['bob'], ['ann']])
})

test('nobody is in a room that nobody joined, whatever it is called', () => {
  const rooms = createRooms<string>(() => {})
  rooms.leave('nowhere', 'ann')
  for (const room of ['nowhere', '__proto__', 'constructor', '']) expect(members(rooms, room)).toEqual([])
})

test('who leaves while its room is being told is not told any more, and nobody else is passed over', () => {
  const rooms = createRooms<string>(() => {})
  for (const member of ['ann', 'bob', 'cid']) rooms.join('lobby', member)
  const told: string[] = []
  for (const member of rooms.members('lobby')) {
    told.push(member)
    rooms.leave('lobby', 'ann')
    rooms.leave('lobby', 'bob')
  }
  expect(told).toEqual(['ann', 'cid'])
})

test('whoever has something left to say to a room is told before others are in it', () => {
  const told: string[][] = []
  const rooms = createRooms<string>(() => told.push(members(rooms, 'lobby')))
  rooms.join('lobby', 'ann')
  rooms.join('lobby', 'bob')
  rooms.leave('lobby', 'ann')
  expect(told).toEqual([[], ['ann'], ['ann', 'bob']])
})
