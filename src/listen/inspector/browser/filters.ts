import { button, fill, h } from './dom.ts'
import { type Rows, typeOf } from './rows.ts'
import type { View } from './state.ts'

/** The search and the filters above the list. */
export class Filters {
  readonly element: HTMLElement
  private readonly text = h('input', {
    type: 'search',
    id: 'search',
    placeholder: 'Search summaries and bodies',
    'aria-label': 'Search summaries and bodies',
    autocomplete: 'off',
    spellcheck: 'false',
  })
  private readonly types = h('select', { id: 'type', 'aria-label': 'Type' })
  private readonly calls = h('select', { id: 'call', 'aria-label': 'Call' })
  private readonly failed = h('input', { type: 'checkbox', id: 'failed' })
  private readonly clear = button(
    'Clear',
    () => this.change({ type: '', call: '', text: '', failed: false }),
    {
      class: 'link',
      id: 'clear',
    },
  )
  private readonly change: (patch: Partial<View>) => void
  private shownTypes = ''
  private shownCalls = ''

  constructor(change: (patch: Partial<View>) => void) {
    this.change = change
    this.text.addEventListener('input', () => change({ text: this.text.value }))
    this.types.addEventListener('change', () => change({ type: this.types.value }))
    this.calls.addEventListener('change', () => change({ call: this.calls.value }))
    this.failed.addEventListener('change', () => change({ failed: this.failed.checked }))
    this.element = h(
      'search',
      { class: 'filters' },
      this.text,
      h(
        'div',
        { class: 'choices' },
        this.types,
        this.calls,
        h('label', {}, this.failed, 'Failed'),
        this.clear,
      ),
    )
  }

  focus(): void {
    this.text.focus()
    this.text.select()
  }

  show(view: View, rows: Rows): void {
    if (this.text.value !== view.text) this.text.value = view.text
    this.failed.checked = view.failed
    this.clear.hidden = view.type === '' && view.call === '' && view.text === '' && !view.failed
    const types = new Set<string>()
    const calls = new Set<string>()
    for (const row of rows.all()) {
      types.add(typeOf(row))
      if (row.callId !== null) calls.add(row.callId)
    }
    if (view.type !== '') types.add(view.type)
    if (view.call !== '') calls.add(view.call)
    this.shownTypes = options(this.types, this.shownTypes, [
      ['', 'All types'],
      ...[...types].toSorted().map(type => [type, type] as const),
    ])
    this.shownCalls = options(this.calls, this.shownCalls, [
      ['', 'All calls'],
      ...[...calls].toReversed().map(call => [call, `Call ${call.slice(0, 8)}`] as const),
    ])
    this.types.value = view.type
    this.calls.value = view.call
  }
}

/** Puts them into a select where they are others than before: an open one would close. */
function options(
  select: HTMLSelectElement,
  before: string,
  choices: readonly (readonly [value: string, label: string])[],
): string {
  const now = JSON.stringify(choices)
  if (now !== before)
    fill(
      select,
      choices.map(([value, label]) => h('option', { value }, label)),
    )
  return now
}
