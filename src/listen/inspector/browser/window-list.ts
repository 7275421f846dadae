import { h } from './dom.ts'

/** Rows beyond what is seen, above and below. */
const SPARE = 8

export interface WindowListOptions<Row> {
  label: string
  /** Height of each row in pixels; the style sheet has the same. */
  rowHeight: number
  keyOf(row: Row): string
  /** The content of a row. */
  render(row: Row): Node[]
  /** A row was chosen by click or key. */
  choose(row: Row): void
  /** The end of the list is near. */
  nearEnd(): void
}

/**
 * A list of any length: only the rows that are seen are there. It is one stop of the Tab key; arrows choose. Rows that
 * come in above what is seen do not move it.
 */
export class WindowList<Row> {
  readonly element: HTMLElement
  private readonly options: WindowListOptions<Row>
  private readonly space = h('div', { class: 'space', role: 'presentation' })
  private readonly nodes = new Map<string, { node: HTMLElement; row: Row | null }>()
  private rows: readonly Row[] = []
  private places = new Map<string, number>()
  private chosen = ''
  private drawing = false

  constructor(options: WindowListOptions<Row>) {
    this.options = options
    this.element = h(
      'div',
      { class: 'rows', role: 'listbox', tabindex: 0, 'aria-label': options.label },
      this.space,
    )
    this.element.addEventListener('scroll', () => this.plan())
    this.element.addEventListener('keydown', event => this.key(event))
    this.element.addEventListener('click', event => {
      const option = event.target instanceof Element ? event.target.closest('[role=option]') : null
      const row = option instanceof HTMLElement ? this.rows[Number(option.dataset.place)] : undefined
      if (row !== undefined) options.choose(row)
    })
    new ResizeObserver(() => this.plan()).observe(this.element)
  }

  get isAtTop(): boolean {
    return this.element.scrollTop < this.options.rowHeight / 2
  }

  toTop(): void {
    this.element.scrollTop = 0
  }

  /** `steady`: what is seen stays where it is, although rows came before it. */
  show(rows: readonly Row[], steady: boolean): void {
    const { keyOf, rowHeight } = this.options
    const top = Math.floor(this.element.scrollTop / rowHeight)
    const seen = this.rows[top]
    const places = new Map<string, number>()
    for (const [place, row] of rows.entries()) places.set(keyOf(row), place)
    const moved = seen === undefined ? undefined : places.get(keyOf(seen))
    const shift = steady && !this.isAtTop && moved !== undefined ? (moved - top) * rowHeight : 0
    this.rows = rows
    this.places = places
    this.space.style.height = `${rows.length * rowHeight}px`
    if (shift !== 0) this.element.scrollTop += shift
    this.draw()
  }

  /** Marks a row; `reveal`: and scrolls to it. */
  choose(key: string, reveal: boolean): void {
    const place = this.places.get(key)
    this.chosen = key
    if (reveal && place !== undefined) this.reveal(place)
    this.draw()
  }

  private reveal(place: number): void {
    const { rowHeight } = this.options
    const { scrollTop, clientHeight } = this.element
    const top = place * rowHeight
    if (top < scrollTop) this.element.scrollTop = top
    else if (top + rowHeight > scrollTop + clientHeight)
      this.element.scrollTop = top + rowHeight - clientHeight
  }

  private plan(): void {
    if (this.drawing) return
    this.drawing = true
    requestAnimationFrame(() => {
      this.drawing = false
      this.draw()
    })
  }

  private draw(): void {
    const { rowHeight, keyOf, nearEnd } = this.options
    const { scrollTop, clientHeight } = this.element
    const from = Math.max(0, Math.floor(scrollTop / rowHeight) - SPARE)
    const to = Math.min(this.rows.length, Math.ceil((scrollTop + clientHeight) / rowHeight) + SPARE)
    const wanted = new Set<string>()
    for (let place = from; place < to; place++) {
      const row = this.rows[place]
      if (row === undefined) continue
      const key = keyOf(row)
      wanted.add(key)
      this.drawRow(key, row, place)
    }
    for (const [key, { node }] of this.nodes) {
      if (wanted.has(key)) continue
      node.remove()
      this.nodes.delete(key)
    }
    if (wanted.has(this.chosen)) this.element.setAttribute('aria-activedescendant', `row-${this.chosen}`)
    else this.element.removeAttribute('aria-activedescendant')
    if (this.rows.length > 0 && to === this.rows.length) nearEnd()
  }

  private drawRow(key: string, row: Row, place: number): void {
    let known = this.nodes.get(key)
    if (known === undefined) {
      known = { node: h('div', { class: 'row', role: 'option', id: `row-${key}` }), row: null }
      this.nodes.set(key, known)
      this.space.append(known.node)
    }
    const { node } = known
    if (known.row !== row) {
      node.replaceChildren(...this.options.render(row))
      known.row = row
    }
    node.dataset.place = String(place)
    node.style.transform = `translateY(${place * this.options.rowHeight}px)`
    node.setAttribute('aria-selected', String(key === this.chosen))
    node.setAttribute('aria-setsize', String(this.rows.length))
    node.setAttribute('aria-posinset', String(place + 1))
  }

  private key(event: KeyboardEvent): void {
    const { rowHeight } = this.options
    const current = this.places.get(this.chosen)
    const page = Math.max(1, Math.floor(this.element.clientHeight / rowHeight) - 1)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
    }
    const last = this.rows.length - 1
    const step = steps[event.key]
    const place =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? last
          : step === undefined
            ? null
            : current === undefined
              ? 0
              : Math.min(last, Math.max(0, current + step))
    if (place === null || event.ctrlKey || event.metaKey || event.altKey) return
    const row = this.rows[place]
    if (row === undefined) return
    event.preventDefault()
    this.reveal(place)
    this.options.choose(row)
  }
}
