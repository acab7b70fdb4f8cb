import type { RoomView } from './contract.ts'
import { byId, count, make, setText } from '../../page/dom.ts'

/** The room that is open, as the page's address has it. */
export const roomInAddress = (): string => decodeURIComponent(location.hash.slice(1)) || 'lobby'

interface Item {
  readonly element: HTMLLIElement
  show(room: RoomView, isOpen: boolean): void
}

const createItem = (id: string): Item => {
  const name = make('bdi', 'name')
  const badge = make('span', 'unread')
  const words = make('span', 'visually-hidden')
  const hash = make('span', 'hash', '#')
  for (const each of [hash, badge]) each.ariaHidden = 'true'
  const link = make('a', 'room', hash, name, badge, words)
  link.href = `#${encodeURIComponent(id)}`
  return {
    element: make('li', '', link),
    show(room, isOpen) {
      setText(name, room.name)
      setText(badge, room.unread === 0 ? '' : room.unread > 99 ? '99+' : String(room.unread))
      setText(words, room.unread === 0 ? '' : count(room.unread, 'new message'))
      link.title = room.name
      if (isOpen) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    },
  }
}

/** The rooms: those one is in, and the others. */
export const createRoomList = () => {
  const lists = { joined: byId('my-rooms'), others: byId('other-rooms') }
  const othersHeading = byId('other-rooms-heading')
  const toggle = byId('toggle-rooms')
  const unread = byId('unread-elsewhere')
  const items = new Map<string, Item>()
  const itemOf = (id: string): Item => {
    const item = items.get(id) ?? createItem(id)
    items.set(id, item)
    return item
  }
  /** Only where something differs: an element that is put in anew loses the focus. */
  const fill = (list: HTMLElement, elements: readonly HTMLElement[]): void => {
    if (elements.length === list.childElementCount && elements.every((each, index) => each === list.children[index]))
      return
    list.replaceChildren(...elements)
  }
  const setOpen = (isOpen: boolean): void => {
    byId('chat').classList.toggle('rooms-open', isOpen)
    toggle.ariaExpanded = String(isOpen)
  }
  toggle.addEventListener('click', () => setOpen(toggle.ariaExpanded !== 'true'))

  return {
    /** On a phone, they give way to the room. */
    fold: () => setOpen(false),
    show(rooms: readonly RoomView[], open: string) {
      for (const room of rooms) itemOf(room.id).show(room, room.id === open)
      const elements = (joined: boolean) =>
        rooms.filter((room) => room.joined === joined).map(({ id }) => itemOf(id).element)
      fill(lists.joined, elements(true))
      fill(lists.others, elements(false))
      othersHeading.hidden = lists.others.childElementCount === 0
      const sum = rooms.reduce((sum, room) => sum + (room.id === open ? 0 : room.unread), 0)
      setText(unread, sum === 0 ? '' : sum > 99 ? '99+' : String(sum))
    },
  }
}
