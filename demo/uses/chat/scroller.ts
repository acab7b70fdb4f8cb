import { count, make, setText } from '../../page/dom.ts'

/** Pixels from the end that still count as there. */
const NEAR = 40

/** What becomes of the place that is looked at when the content changes, unless that is the end, where it stays. */
type Stay =
  /** Content comes below. */
  | 'stay'
  /** Content comes above. */
  | 'keep'
  /** It goes to the end. */
  | 'end'

/** A list that is read from its end, and stays there until somebody scrolls away. */
export const createScroller = (content: readonly Node[], seen: () => void) => {
  const element = make('div', 'scroll', ...content)
  element.tabIndex = 0
  element.role = 'log'
  element.ariaLabel = 'Messages'
  element.hidden = true
  const jump = make('button', 'small jump', '')
  jump.type = 'button'
  jump.hidden = true
  let isAtEnd = true
  let top = 0
  let missed = 0

  const showJump = (): void => {
    jump.hidden = isAtEnd || element.hidden
    setText(jump, missed === 0 ? 'To the newest' : count(missed, 'new message'))
  }
  const toEnd = (): void => {
    element.scrollTop = element.scrollHeight
    isAtEnd = true
    missed = 0
    showJump()
  }
  element.addEventListener('scroll', () => {
    if (element.hidden) return
    top = element.scrollTop
    const wasAtEnd = isAtEnd
    isAtEnd = element.scrollHeight - top - element.clientHeight < NEAR
    if (isAtEnd) missed = 0
    showJump()
    if (isAtEnd && !wasAtEnd) seen()
  })
  jump.addEventListener('click', () => {
    toEnd()
    element.focus()
    seen()
  })
  // A keyboard that comes up on a phone must not cover what was looked at.
  new ResizeObserver(() => {
    if (isAtEnd) toEnd()
  }).observe(element)

  return {
    element,
    /** The way back to the end. */
    jump,
    get isAtEnd() {
      return isAtEnd && !element.hidden
    },
    show() {
      element.hidden = false
      if (isAtEnd) toEnd()
      else element.scrollTop = top
      showJump()
    },
    hide() {
      element.hidden = true
      showJump()
    },
    /** Changes the content. `isNews`: to be told to those who look elsewhere. */
    change(work: () => void, stay: Stay, isNews = false) {
      const below = element.scrollHeight - element.scrollTop
      work()
      if (isAtEnd || stay === 'end') return toEnd()
      if (stay === 'keep') element.scrollTop = element.scrollHeight - below
      if (isNews) missed++
      showJump()
    },
  }
}
