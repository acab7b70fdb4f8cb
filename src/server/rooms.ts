/** Who is in which room. */
export interface Rooms<Member> {
  join(room: string, member: Member): void
  leave(room: string, member: Member): void
  members(room: string): Iterable<Member>
}

/** A room exists while somebody is in it. `before`: it is about to be others who are. */
export const createRooms = <Member>(before: () => void): Rooms<Member> => {
  const rooms = new Map<string, Set<Member>>()
  return {
    join(room, member) {
      before()
      const members = rooms.get(room)
      if (members) members.add(member)
      else rooms.set(room, new Set([member]))
    },
    leave(room, member) {
      before()
      const members = rooms.get(room)
      members?.delete(member)
      if (members?.size === 0) rooms.delete(room)
    },
    members: (room) => rooms.get(room) ?? [],
  }
}
