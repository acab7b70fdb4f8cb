import type { Person } from '../app.ts'
import type { Message } from './contract.ts'
import { clockTime, make, setText } from '../../page/dom.ts'
import { avatar } from '../../page/me.ts'

/** What the page knows of a message of its own. */
export type Delivery =
  /** In the queue: it has not left the page. */
  | 'waiting'
  /** It has left; the server has not said that it keeps it. */
  | 'sent'
  /** It had left when the server forgot the session: it waits to go out again. */
  | 'in doubt'
  | 'sent again'
  /** The server keeps it. */
  | 'delivered'
  /** The same of a message that was in doubt: whether or not it had arrived the first time, its id is there once. */
  | 'sent twice, kept once'
  /** It never will be: the message says why. */
  | 'not sent'

export type Said = Pick<Message, 'from' | 'text' | 'picture' | 'at'>

/** One message as it is shown. */
export interface MessageView {
  readonly element: HTMLLIElement
  readonly from: Person
  mark(delivery: Delivery): void
  /** Who has read up to here, and no further. */
  readers(people: readonly Person[]): void
  /** Where its picture is: a URL. */
  picture(url: string): void
  /** How much of its picture has arrived, 0 to 1, with the way to give it up; undefined: it is over. */
  progress(share: number | undefined, cancel?: () => void): void
  /** Why it was not sent, with the way to put it away. */
  fail(why: string, dismiss: () => void): void
}

/** A message, or a notice, in its place in a timeline. */
export interface Entry {
  readonly element: HTMLLIElement
  /** The message; undefined for a notice. */
  readonly view?: MessageView
  readonly id?: string
  /** Its place: the server's for what the server has, behind everything for what waits. */
  place: number
}

/** Pixels that a picture may take, either way. */
const LARGEST = 320
/** As many readers are shown by their faces. */
const FACES = 5

const isToday = (at: number): boolean => new Date(at).toDateString() === new Date().toDateString()
const when = (at: number): string =>
  isToday(at)
    ? clockTime(at)
    : `${new Date(at).toLocaleDateString([], { day: 'numeric', month: 'short' })}, ${clockTime(at)}`

/** It has its place before it has its picture, so that nothing moves when that comes. */
const frameOf = ({ from, picture }: Said, open: (image: HTMLImageElement) => void) => {
  if (!picture) return undefined
  const { width, height } = picture
  const image = make('img', '')
  image.alt = `Picture from ${from.name}`
  const frame = make('button', 'picture', image)
  frame.type = 'button'
  frame.disabled = true
  frame.style.setProperty('--ratio', `${width} / ${height}`)
  frame.style.setProperty('--width', `${Math.ceil(width * Math.min(1, LARGEST / width, LARGEST / height))}px`)
  frame.addEventListener('click', () => open(image))
  return { frame, image }
}

/** Progress, or what went wrong, with one button. */
const createUploadLine = (line: HTMLElement) => {
  const bar = make('progress', '')
  bar.ariaLabel = 'Picture sent'
  const words = make('span', '')
  const button = make('button', 'quiet small')
  button.type = 'button'
  let act: (() => void) | undefined
  button.addEventListener('click', () => act?.())
  return (what: { share?: number; words: string; label: string; act: () => void } | undefined): void => {
    act = what?.act
    if (!what) return line.replaceChildren()
    if (what.share !== undefined) bar.value = what.share
    setText(words, what.words)
    setText(button, what.label)
    if (line.childElementCount === 0) line.append(bar, words, button)
    bar.hidden = what.share === undefined
  }
}

export const createMessageView = (
  said: Said,
  isMine: boolean,
  open: (image: HTMLImageElement) => void,
): MessageView => {
  const { from, text, at } = said
  const time = make('time', '', when(at))
  time.dateTime = new Date(at).toISOString()
  const delivery = make('span', 'delivery')
  const readers = make('span', 'readers')
  const bubble = make('div', 'bubble')
  const framed = frameOf(said, open)
  const line = make('div', 'upload')
  if (framed) bubble.append(framed.frame, line)
  if (text) {
    const words = make('p', '', text)
    words.dir = 'auto'
    bubble.append(words)
  }
  const showUpload = createUploadLine(line)
  const author = make('p', 'author', avatar(from), make('bdi', '', isMine ? `${from.name} (you)` : from.name))
  const element = make('li', isMine ? 'message mine' : 'message', author, bubble)
  element.append(make('p', 'meta', time, delivery, readers))
  const mark = (state: Delivery): void => {
    element.dataset['delivery'] = state
    setText(delivery, state)
  }
  return {
    element,
    from,
    mark,
    readers(people) {
      const faces = people.slice(0, FACES).map(avatar)
      const more = people.length - faces.length
      readers.replaceChildren(...faces, ...(more > 0 ? [`+${more}`] : []))
      if (people.length === 0) return
      const words = `Read by ${people.map(({ name }) => name).join(', ')}`
      readers.title = words
      readers.append(make('span', 'visually-hidden', words))
    },
    picture(url) {
      if (!framed || framed.image.src) return
      framed.image.src = url
      framed.frame.disabled = false
    },
    progress: (share, cancel) =>
      showUpload(
        share === undefined || !cancel
          ? undefined
          : { share, words: `${Math.floor(share * 100)} %`, label: 'Cancel', act: cancel },
      ),
    fail(why, dismiss) {
      mark('not sent')
      showUpload({ words: why, label: 'Remove', act: dismiss })
    },
  }
}
