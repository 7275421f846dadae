import type { Changes, EventPage, EventRow, ListenerFacts } from '../wire.ts'
import type { Connection, ConnectionState } from './connection.ts'
import { announce, button, fill, h } from './dom.ts'
import { Filters } from './filters.ts'
import { callRow, eventRow, ROW_HEIGHT } from './list-rows.ts'
import { OpenPart } from './open-part.ts'
import { type CallRow, callsOf, hasFailed, Rows } from './rows.ts'
import { type View, ViewState } from './state.ts'
import { WindowList } from './window-list.ts'
import { countText, shortAddress } from './words.ts'

/** New events are told to screen readers no more often. */
const TELL_MS = 5000
/** A search of bodies waits until nothing more is typed, and is repeated so often while events come. */
const SEARCH_MS = 250
const SEARCH_AGAIN_MS = 2000
/** With fewer, older ones are asked for at once. */
const FEW_ROWS = 100

const CONNECTION_WORDS: Readonly<Record<ConnectionState, string>> = {
  connecting: 'connecting …',
  live: 'live',
  lost: 'connection lost, trying again …',
  refused: 'the listener was started anew: open the address that it shows now',
}

/** The whole page. */
export class App {
  private readonly connection: Connection
  private readonly state = new ViewState()
  private readonly rows = new Rows()
  private readonly filters: Filters
  private readonly events: WindowList<EventRow>
  private readonly calls: WindowList<CallRow>
  private readonly open: OpenPart
  private readonly count = h('p', { class: 'count' })
  private readonly older = button('Older', () => void this.loadOlder(), { class: 'link', id: 'older' })
  private readonly fresh = button('', () => this.toTop(), { class: 'fresh', hidden: true })
  private readonly status = h('p', { class: 'connection connecting', role: 'status' })
  private readonly main = h('main', {})
  private matches: ReadonlySet<string> = new Set()
  private searched = ''
  private searching: number | undefined
  private loadingOlder = false
  private unseen = 0
  private toTell = { events: 0, failed: 0 }
  private telling: number | undefined

  constructor(connection: Connection, listener: ListenerFacts) {
    this.connection = connection
    this.filters = new Filters(patch => this.state.set(patch))
    this.events = new WindowList({
      label: 'Events, the newest first',
      rowHeight: ROW_HEIGHT,
      keyOf: ({ id }) => id,
      render: eventRow,
      choose: ({ id }) => this.state.set({ event: id, talk: '' }),
      nearEnd: () => void this.loadOlder(),
    })
    this.calls = new WindowList({
      label: 'Calls, the newest first',
      rowHeight: ROW_HEIGHT,
      keyOf: ({ id }) => id,
      render: callRow,
      choose: ({ id }) => this.state.set({ talk: id, event: '' }),
      nearEnd: () => {},
    })
    this.open = new OpenPart(connection, this.state, listener)
    this.build(listener)
    this.state.onChange((view, before) => this.viewChanged(view, before))
    addEventListener('keydown', event => this.key(event))
    void connection.follow(
      changes => this.take(changes),
      state => this.showConnection(state),
    )
    this.viewChanged(this.state.view, null)
  }

  private build(listener: ListenerFacts): void {
    const tab = (list: View['list'], label: string) =>
      button(label, () => this.state.set({ list }), { 'data-list': list, 'aria-pressed': 'false' })
    fill(this.main, [
      h(
        'section',
        { class: 'side', 'aria-label': 'List' },
        h(
          'div',
          { class: 'switch', role: 'group', 'aria-label': 'List by' },
          tab('events', 'Events'),
          tab('calls', 'Calls'),
        ),
        this.filters.element,
        h('div', { class: 'list' }, this.fresh, this.events.element, this.calls.element),
        h('footer', {}, this.count, this.older),
      ),
      this.open.element,
    ])
    const root = document.querySelector('#app')
    if (root === null) return
    fill(root, [
      h('a', { class: 'skip', href: '#open', onclick: event => this.skip(event) }, 'Skip to the open event'),
      h(
        'header',
        { class: 'top' },
        h('h1', {}, 'vapi listen'),
        h(
          'p',
          { class: 'where' },
          h('span', {}, shortAddress(listener.url)),
          ...listener.routes.map(({ events, target }) =>
            h(
              'span',
              { class: 'route' },
              events.join(', ') === '*' ? '' : h('span', { class: 'muted' }, `${events.join(', ')} `),
              `→ ${shortAddress(target)}`,
            ),
          ),
        ),
        listener.mask && h('p', { class: 'mark' }, 'masked'),
        this.status,
      ),
      this.main,
      h('div', { id: 'told', class: 'unseen', role: 'status', 'aria-live': 'polite' }),
    ])
    this.showConnection('connecting')
  }

  private take(changes: Changes): void {
    const added = this.rows.take(changes)
    if (changes.reset) {
      this.events.toTop()
      this.searched = ''
      this.open.refresh()
    } else this.tell(added)
    this.show(true, changes.reset ? 0 : added.length)
    // What came before the listener was started may stand in its journal.
    if (changes.reset && this.rows.size < FEW_ROWS) void this.loadOlder()
    this.open.changed(changes.rows)
    if (this.state.view.text !== '' && changes.rows.length > 0) this.search(SEARCH_AGAIN_MS)
  }

  private viewChanged(view: View, before: View | null): void {
    const isFiltered =
      before === null ||
      view.list !== before.list ||
      view.type !== before.type ||
      view.call !== before.call ||
      view.text !== before.text ||
      view.failed !== before.failed
    if (before === null || view.text !== before.text) this.search(SEARCH_MS)
    if (isFiltered) this.show(false, 0)
    this.events.choose(view.event, isFiltered)
    this.calls.choose(view.talk, isFiltered)
    this.main.classList.toggle('opened', view.event !== '' || view.talk !== '')
    this.open.show(view)
  }

  /** Shows what the filters leave. `steady`: what is seen does not move. */
  private show(steady: boolean, added: number): void {
    const { view } = this.state
    const isCalls = view.list === 'calls'
    this.filters.show(view, this.rows)
    this.filters.element.hidden = isCalls
    this.events.element.hidden = isCalls
    this.calls.element.hidden = !isCalls
    for (const tab of this.main.querySelectorAll('[data-list]'))
      tab.setAttribute('aria-pressed', String(tab.getAttribute('data-list') === view.list))
    const shown = this.rows.filtered(view, this.matches)
    if (isCalls) {
      const calls = callsOf(this.rows.all())
      this.calls.show(calls, steady)
      fill(this.count, [countText(calls.length, 'call')])
    } else {
      const wasAtTop = this.events.isAtTop
      this.events.show(shown, steady)
      this.unseen = wasAtTop || !steady ? 0 : this.unseen + added
      fill(this.count, [
        shown.length === this.rows.size
          ? countText(shown.length, 'event')
          : `${shown.length.toLocaleString('en')} of ${countText(this.rows.size, 'event')}`,
      ])
    }
    this.fresh.hidden = isCalls || this.unseen === 0
    fill(this.fresh, [`${countText(this.unseen, 'new event')} ↑`])
    this.older.hidden = !this.rows.hasOlder
    this.main.classList.toggle('empty', this.rows.size === 0)
    this.events.element.dataset.empty =
      this.rows.size === 0 ? 'No event has come yet.' : shown.length === 0 ? 'No event fits the filters.' : ''
    this.calls.element.dataset.empty = 'No call yet.'
  }

  private toTop(): void {
    this.unseen = 0
    this.fresh.hidden = true
    this.events.toTop()
    this.events.element.focus()
  }

  private async loadOlder(): Promise<void> {
    const { oldest } = this.rows
    if (this.loadingOlder || !this.rows.hasOlder) return
    this.loadingOlder = true
    try {
      const query = oldest === undefined ? '' : `before=${encodeURIComponent(oldest.id)}&atMs=${oldest.atMs}`
      const { rows, more } = await this.connection.get<EventPage>(`/api/events?${query}`)
      this.rows.takeOlder(rows, more)
      this.show(true, 0)
    } catch {
      // The connection’s own state tells of it.
    } finally {
      this.loadingOlder = false
    }
  }

  private search(afterMs: number): void {
    const { text } = this.state.view
    if (text.trim() === '') {
      clearTimeout(this.searching)
      this.searching = undefined
      this.searched = ''
      this.matches = new Set()
      return
    }
    const isOther = text !== this.searched
    if (isOther) clearTimeout(this.searching)
    else if (this.searching !== undefined) return
    this.searched = text
    this.searching = setTimeout(() => {
      this.searching = undefined
      void this.connection
        .get<{ ids: string[] }>(`/api/search?text=${encodeURIComponent(text.trim())}`)
        .then(({ ids }) => {
          if (this.state.view.text !== text) return
          this.matches = new Set(ids)
          this.show(true, 0)
        })
        .catch(() => {})
    }, afterMs)
  }

  private tell(added: readonly EventRow[]): void {
    if (added.length === 0) return
    this.toTell.events += added.length
    this.toTell.failed += added.filter(hasFailed).length
    this.telling ??= setTimeout(() => {
      const { events, failed } = this.toTell
      announce(`${countText(events, 'new event')}${failed === 0 ? '' : `, ${failed} failed`}`)
      this.toTell = { events: 0, failed: 0 }
      this.telling = undefined
    }, TELL_MS)
  }

  private showConnection(state: ConnectionState): void {
    const words = CONNECTION_WORDS[state]
    this.status.className = `connection ${state}`
    if (this.status.textContent !== words) fill(this.status, [words])
  }

  private skip(event: Event): void {
    event.preventDefault()
    this.open.focus()
  }

  /** `/` goes to the search, as in many pages; nothing else is taken from the keyboard. */
  private key(event: KeyboardEvent): void {
    const isTyping =
      event.target instanceof Element && event.target.closest('input, textarea, select, dialog') !== null
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    this.filters.focus()
  }
}
