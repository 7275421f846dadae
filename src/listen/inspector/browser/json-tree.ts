import { fill, h } from './dom.ts'

/** Elements of one object or list that are shown at once. */
const SHOWN_CHILDREN = 100
/** Longer texts are folded after so many characters. */
const SHOWN_TEXT = 240
/** And cut where they are shown whole; the raw body has the rest. */
const LONGEST_TEXT = 20_000
/** Bodies with no more values than this are open from the start. */
const SMALL = 60
/** What is opened at once of larger ones. */
const OPEN_NAMES = new Set(['message', 'toolCallList', 'function', 'arguments', 'results', 'analysis'])
const OPEN_DEPTH = 5

interface Fold {
  open: boolean
  path: string
  /** Makes what is inside when it is opened first. */
  unfold(): void
  name: HTMLElement
}

/** What was opened and folded by hand, by path. */
export type FoldMemory = Map<string, boolean>

/**
 * A JSON value as a tree that is folded and opened by click and by the keys of the tree pattern: arrows, Home, End, Enter,
 * and `*`, which opens all beside. What is folded is not there. Folds are remembered in `remembered`, for other bodies.
 */
export function jsonTree(value: unknown, label: string, remembered: FoldMemory): HTMLElement {
  const folds = new WeakMap<Element, Fold>()
  const all = countValues(value, SMALL + 1) <= SMALL
  const tree = h('ul', { class: 'tree', role: 'tree', 'aria-label': label })

  function item(name: string | null, inner: unknown, path: string, depth: number): HTMLLIElement {
    const isFolder = typeof inner === 'object' && inner !== null
    const isLong = typeof inner === 'string' && inner.length > SHOWN_TEXT
    const node = h('li', { role: 'treeitem', tabindex: -1, 'aria-level': depth + 1 })
    const label = h('span', { class: 'value' })
    const line = h(
      'div',
      { class: isFolder || isLong ? 'line folder' : 'line' },
      name !== null && h('span', { class: 'name' }, name),
      name !== null && h('span', { class: 'sign' }, ': '),
      label,
    )
    node.append(line)
    if (!isFolder && !isLong) {
      label.classList.add(kindOf(inner))
      label.textContent = null
      fill(label, [leafText(inner)])
      return node
    }
    if (isLong) {
      label.classList.add('string')
      folds.set(node, {
        open: false,
        path: '',
        name: label,
        unfold: () => {},
      })
      node.setAttribute('aria-expanded', 'false')
      fill(label, [foldedText(inner)])
      node.dataset.text = inner.slice(0, LONGEST_TEXT)
      node.dataset.length = String(inner.length)
      return node
    }
    const entries = entriesOf(inner)
    fill(label, [folderText(Array.isArray(inner), entries)])
    if (entries.length === 0) {
      line.classList.remove('folder')
      return node
    }
    const group = h('ul', { role: 'group' })
    folds.set(node, {
      open: false,
      path,
      name: label,
      unfold: () => {
        if (group.childElementCount === 0) append(group, entries, 0, path, depth + 1)
        node.append(group)
      },
    })
    node.setAttribute('aria-expanded', 'false')
    const opens =
      remembered.get(path) ??
      (all || (depth < OPEN_DEPTH && OPEN_NAMES.has(name ?? '')) || isItemOfOpen(path, depth))
    if (opens) setOpen(node, true)
    return node
  }

  /** Puts a part of the entries into a group, and after them what shows more. */
  function append(
    group: Element,
    entries: [string, unknown][],
    from: number,
    path: string,
    depth: number,
  ): void {
    const to = Math.min(entries.length, from + SHOWN_CHILDREN)
    for (const [name, child] of entries.slice(from, to))
      group.append(item(name, child, `${path}.${/^\d+$/.test(name) ? '#' : name}`, depth))
    if (to === entries.length) return
    const more = h(
      'li',
      { role: 'treeitem', tabindex: -1, 'aria-level': depth + 1, class: 'more' },
      h('div', { class: 'line' }, `${(entries.length - to).toLocaleString('en')} more …`),
    )
    more.addEventListener('more', () => {
      append(group, entries, to, path, depth)
      focus(more.nextElementSibling)
      more.remove()
    })
    group.append(more)
  }

  function setOpen(node: Element, open: boolean): void {
    const fold = folds.get(node)
    if (fold === undefined || fold.open === open) return
    fold.open = open
    node.setAttribute('aria-expanded', String(open))
    const { text } = node instanceof HTMLElement ? node.dataset : {}
    if (text !== undefined) fill(fold.name, [open ? wholeText(node) : foldedText(text)])
    else if (open) fold.unfold()
    else node.querySelector(':scope > [role=group]')?.remove()
  }

  function toggle(node: Element): void {
    if (node.classList.contains('more')) {
      node.dispatchEvent(new Event('more'))
      return
    }
    const fold = folds.get(node)
    if (fold === undefined) return
    if (fold.path !== '') remembered.set(fold.path, !fold.open)
    setOpen(node, !fold.open)
  }

  function focus(node: Element | null | undefined): void {
    if (!(node instanceof HTMLElement)) return
    for (const other of tree.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', '-1')
    node.tabIndex = 0
    node.focus({ preventScroll: true })
    node.firstElementChild?.scrollIntoView({ block: 'nearest' })
  }

  tree.addEventListener('click', event => {
    const line = event.target instanceof Element ? event.target.closest('.line') : null
    const node = line?.parentElement
    // A text that is being marked is not folded.
    if (node === null || node === undefined || getSelection()?.isCollapsed === false) return
    toggle(node)
    if (node.isConnected) focus(node)
  })
  tree.addEventListener('keydown', event => {
    const node = event.target instanceof Element ? event.target.closest('[role=treeitem]') : null
    if (node === null || event.ctrlKey || event.metaKey || event.altKey) return
    const items = [...tree.querySelectorAll('[role=treeitem]')]
    const place = items.indexOf(node)
    const isOpen = folds.get(node)?.open
    const acts: Readonly<Record<string, () => void>> = {
      ArrowDown: () => focus(items[place + 1]),
      ArrowUp: () => focus(items[place - 1]),
      Home: () => focus(items[0]),
      End: () => focus(items.at(-1)),
      ArrowRight: () => (isOpen === false ? toggle(node) : isOpen === true && focus(items[place + 1])),
      ArrowLeft: () =>
        isOpen === true ? toggle(node) : focus(node.parentElement?.closest('[role=treeitem]')),
      Enter: () => toggle(node),
      ' ': () => toggle(node),
      '*': () => {
        for (const beside of node.parentElement?.children ?? []) setOpen(beside, true)
      },
    }
    const act = acts[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  })

  const entries = entriesOf(value)
  if (entries.length === 0) tree.append(item(null, value, '', 0))
  else append(tree, entries, 0, '', 0)
  focusable(tree)
  return tree
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return []
  return Array.isArray(value)
    ? value.map((child, place): [string, unknown] => [String(place), child])
    : Object.entries(value)
}

/** The Tab key stops at the first line, until another is gone to. */
function focusable(tree: HTMLElement): void {
  tree.querySelector('[role=treeitem]')?.setAttribute('tabindex', '0')
}

/** Items of a list that is open from the start are open too. */
function isItemOfOpen(path: string, depth: number): boolean {
  const [list, item] = path.split('.').slice(-2)
  return item === '#' && depth < OPEN_DEPTH && OPEN_NAMES.has(list ?? '')
}

function countValues(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null) return 1
  let count = 1
  for (const inner of Object.values(value)) {
    count += countValues(inner, limit - count)
    if (count >= limit) return count
  }
  return count
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value
}

function leafText(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function foldedText(text: string): string {
  return `${JSON.stringify(text.slice(0, SHOWN_TEXT))} …`
}

function wholeText(node: Element): string {
  const { text = '', length = '0' } = node instanceof HTMLElement ? node.dataset : {}
  const left = Number(length) - text.length
  return left === 0 ? text : `${text}\n… ${left.toLocaleString('en')} more characters in the raw body`
}

function folderText(isList: boolean, entries: readonly [string, unknown][]): string {
  if (isList) return entries.length === 0 ? '[]' : `[${entries.length}]`
  if (entries.length === 0) return '{}'
  const names = entries.slice(0, 4).map(([name]) => name)
  return `{${names.join(', ')}${entries.length > names.length ? ', …' : ''}}`
}
