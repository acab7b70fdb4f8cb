import { byId } from './dom.ts'

/** Tabs as the ARIA practices have them: arrows move among them, and only the chosen one is in the order of Tab. */
export const createTabs = (list: HTMLElement): void => {
  const tabs = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('[role=tab]:not([hidden])')]
  const choose = (chosen: HTMLElement): void => {
    for (const tab of tabs()) {
      const isChosen = tab === chosen
      tab.ariaSelected = String(isChosen)
      tab.tabIndex = isChosen ? 0 : -1
      byId(tab.getAttribute('aria-controls') ?? '').hidden = !isChosen
    }
  }
  list.addEventListener('click', ({ target }) => {
    const tab = target instanceof Element ? target.closest<HTMLElement>('[role=tab]') : null
    if (tab) choose(tab)
  })
  list.addEventListener('keydown', ({ key }) => {
    const all = tabs()
    const at = all.findIndex((tab) => tab === document.activeElement)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[key]
    const tab = to === undefined ? undefined : all.at(to % all.length)
    if (!tab) return
    choose(tab)
    tab.focus()
  })
}
