import type { BodyView, Header } from '../wire.ts'
import { announce, button, type Child, fill, h } from './dom.ts'
import { type FoldMemory, jsonTree } from './json-tree.ts'
import type { BodyTab } from './state.ts'
import { countText, sizeText } from './words.ts'

/** Longer raw texts are shown in parts. */
const SHOWN_RAW = 100_000
const TABS: readonly (readonly [BodyTab, string])[] = [
  ['body', 'Body'],
  ['raw', 'Raw'],
  ['headers', 'Headers'],
]

export interface BodyPaneOptions {
  title: string
  /** Distinguishes the panes of a page. */
  name: string
  /** What stands beside the title. */
  facts: readonly Child[]
  body: BodyView | null
  /** In place of a body. */
  instead?: Node | null
  headers: readonly Header[]
  tab: BodyTab
  chooseTab(tab: BodyTab): void
  folds: FoldMemory
  /** Asks for a text that is too large to come along. */
  load(): Promise<BodyView>
}

/** Request or reply: body as a tree, as it came, and headers. */
export function bodyPane(options: BodyPaneOptions): HTMLElement {
  const { title, name, facts, tab } = options
  const panel = h('div', {
    class: 'panel',
    role: 'tabpanel',
    id: `${name}-panel`,
    'aria-labelledby': `${name}-${tab}`,
  })
  let view = options.body
  const copy = button('Copy', () => {
    if (view?.text === null || view?.text === undefined) return
    void navigator.clipboard.writeText(view.text).then(
      () => announce('copied'),
      () => announce('it could not be copied'),
    )
  })
  const show = () => {
    copy.hidden = typeof view?.text !== 'string' || view.text === '' || tab === 'headers'
    fill(panel, tab === 'headers' ? [headerTable(options.headers)] : bodyContent(options, view, load))
  }
  const load = async () => {
    fill(panel, [h('p', { class: 'muted' }, 'Loading …')])
    try {
      view = await options.load()
      show()
      panel.querySelector<HTMLElement>('[tabindex="0"]')?.focus()
    } catch (error) {
      fill(panel, [h('p', { class: 'alarm' }, String(error))])
    }
  }
  show()
  const tabs = TABS.map(([key, label]) =>
    h(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `${name}-${key}`,
        'aria-selected': String(key === tab),
        'aria-controls': `${name}-panel`,
        tabindex: key === tab ? 0 : -1,
        onclick: () => options.chooseTab(key),
      },
      label,
    ),
  )
  const list = h('div', { class: 'tabs', role: 'tablist', 'aria-label': `${title}: view` }, ...tabs)
  list.addEventListener('keydown', event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const place = TABS.findIndex(([key]) => key === tab)
    const [next] = TABS[(place + step + TABS.length) % TABS.length] ?? []
    if (next !== undefined) options.chooseTab(next)
  })
  return h(
    'section',
    { class: 'pane', 'aria-label': title, 'data-pane': name },
    h('header', {}, h('h3', {}, title), h('p', { class: 'facts' }, ...facts), list, copy),
    panel,
  )
}

function bodyContent(
  { tab, title, instead, folds }: BodyPaneOptions,
  view: BodyView | null,
  load: () => void,
): Child[] {
  if (view === null) return [instead]
  const { kind, text, bytes, keptBytes, unpacked } = view
  if (kind === 'empty') return [h('p', { class: 'muted' }, 'No body.')]
  if (kind === 'unkept')
    return [h('p', { class: 'muted' }, 'This body was passed on while it came and is not kept.')]
  const isCut = bytes !== null && keptBytes < bytes
  const notes = [
    ...(isCut ? [`The first ${sizeText(keptBytes)} of ${sizeText(bytes)} are kept.`] : []),
    ...(unpacked === null ? [] : [`Unpacked from ${unpacked}.`]),
    ...(kind === 'binary' ? ['No text; its first bytes:'] : []),
  ]
  const note = notes.length > 0 && h('p', { class: 'muted' }, notes.join(' '))
  if (text === null) return [note, button(`Show ${sizeText(bytes ?? keptBytes)}`, load, { class: 'load' })]
  if (tab === 'body' && kind === 'json') {
    try {
      return [note, jsonTree(JSON.parse(text), `${title} body`, folds)]
    } catch {}
  }
  return [note, ...rawText(text, `${title} as it is`)]
}

function rawText(text: string, label: string): Child[] {
  const shown = text.slice(0, SHOWN_RAW)
  const pre = h('pre', { tabindex: 0, role: 'region', 'aria-label': label }, shown)
  if (shown.length === text.length) return [pre]
  let at = shown.length
  const more = button(`${countText(text.length - at, 'more character')} …`, () => {
    const part = text.slice(at, at + 4 * SHOWN_RAW)
    at += part.length
    const span = h('span', {}, part)
    pre.append(span)
    if (at === text.length) more.remove()
    else fill(more, [`${countText(text.length - at, 'more character')} …`])
  })
  return [pre, more]
}

function headerTable(headers: readonly Header[]): HTMLElement {
  if (headers.length === 0) return h('p', { class: 'muted' }, 'No headers.')
  return h(
    'table',
    { class: 'headers' },
    h(
      'tbody',
      {},
      ...headers.map(([name, value]) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, value))),
    ),
  )
}
