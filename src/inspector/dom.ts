type Attribute = string | number | boolean | ((event: never) => void)
type Attributes = Readonly<Record<string, Attribute>>

/** Text is text, whatever is in it; functions are listeners. No `style`: where a page's CSP forbids inline styles, it does nothing. */
const fill = <E extends Element>(element: E, attributes: Attributes, children: readonly (Node | string)[]): E => {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value as EventListener)
    else if (value !== false) element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children)
  return element
}

/** An element of HTML. */
export const h = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] => fill(document.createElement(tag), attributes, children)

/** An element of SVG. */
export const s = <K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Node[]
): SVGElementTagNameMap[K] => fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)

/** Where nothing changes, nothing is laid out anew, and nobody announces anything. */
export const setText = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}

export const setAttribute = (element: Element, name: string, value: string | number | null): void => {
  if (value === null) element.removeAttribute(name)
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value))
}

/** As many children as there are items, reused from one rendering to the next. */
export const repeat = <E extends Element, T>(
  parent: Element,
  items: readonly T[],
  create: () => E,
  update: (element: E, item: T, index: number) => void,
): void => {
  while (parent.children.length > items.length) parent.lastElementChild!.remove()
  while (parent.children.length < items.length) parent.append(create())
  for (const [index, item] of items.entries()) update(parent.children[index] as E, item, index)
}
