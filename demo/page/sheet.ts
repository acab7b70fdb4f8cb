import { byId } from './dom.ts'

/** Where there is no room beside the page, what breaks it is a sheet that its bar opens. */
export const createSheet = (): void => {
  const toggle = byId('toggle-side')
  const side = byId('side')
  const set = (isOpen: boolean): void => {
    document.body.classList.toggle('side-open', isOpen)
    toggle.ariaExpanded = String(isOpen)
  }
  toggle.addEventListener('click', () => set(toggle.ariaExpanded !== 'true'))
  side.addEventListener('keydown', ({ key, defaultPrevented }) => {
    if (key !== 'Escape' || defaultPrevented || toggle.ariaExpanded !== 'true') return
    set(false)
    toggle.focus()
  })
}
