import { visibleText } from '../../../web/html.ts'

export type Child = Node | string | null | undefined | false
type Attribute = string | number | boolean | null | undefined | ((event: Event) => void)

/**
 * Makes an element. Texts become text and never markup; what acts unseen in them becomes visible. Functions are
 * listeners (`onclick`), false and nothing leave an attribute out.
 */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(key.slice(2), value)
    else element.setAttribute(key, value === true ? '' : visibleText(String(value)))
  }
  fill(element, children)
  return element
}

/** Puts these in place of what is in an element. */
export function fill(element: Element, children: readonly Child[]): void {
  element.replaceChildren(
    ...children.flatMap(child =>
      child === null || child === undefined || child === false
        ? []
        : [typeof child === 'string' ? visibleText(child) : child],
    ),
  )
}

export function button(
  label: string,
  act: () => void,
  attributes: Record<string, Attribute> = {},
): HTMLButtonElement {
  return h('button', { type: 'button', onclick: act, ...attributes }, label)
}

/** Tells users of screen readers, once and politely. */
export function announce(text: string): void {
  const region = document.querySelector('#told')
  if (region !== null) region.textContent = visibleText(text)
}

/** Replaces the children of a list by key: nodes whose content is the same stay, with their focus and folds. */
export function reconcile<Item>(
  parent: Element,
  items: readonly Item[],
  { key, make }: { key: (item: Item) => string; make: (item: Item) => HTMLElement },
): void {
  const before = new Map<string, HTMLElement>()
  for (const child of parent.children)
    if (child instanceof HTMLElement) before.set(child.dataset.key ?? '', child)
  let place: ChildNode | null = parent.firstChild
  for (const item of items) {
    const content = JSON.stringify(item)
    let node = before.get(key(item))
    if (node?.dataset.content !== content) {
      const made = make(item)
      made.dataset.key = key(item)
      made.dataset.content = content
      if (node === place && node !== undefined) place = node.nextSibling
      node?.remove()
      node = made
    }
    before.delete(key(item))
    if (node === place) place = node.nextSibling
    else parent.insertBefore(node, place)
  }
  for (const left of before.values()) left.remove()
}
