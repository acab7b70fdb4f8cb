import { type Recording, defineInspector } from 'holdfast/inspector'
import { byId } from './dom.ts'

/** The inspector below the page. It is made when it is first wanted; what happened before, it shows as well. */
export const createDrawer = (recording: Recording): void => {
  const drawer = byId('drawer')
  const button = byId('inspect')
  const place = byId('inspector-place')
  const set = (isOpen: boolean): void => {
    button.ariaExpanded = String(isOpen)
    drawer.hidden = !isOpen
  }
  button.addEventListener('click', () => {
    const isOpen = button.ariaExpanded !== 'true'
    if (isOpen && place.childElementCount === 0) {
      defineInspector()
      const inspector = document.createElement('holdfast-inspector')
      inspector.recording = recording
      place.append(inspector)
    }
    set(isOpen)
    if (isOpen) byId('close-drawer').focus()
  })
  const close = (): void => {
    set(false)
    button.focus()
  }
  byId('close-drawer').addEventListener('click', close)
  drawer.addEventListener('keydown', ({ key, defaultPrevented }) => {
    if (key === 'Escape' && !defaultPrevented) close()
  })
}
