import type { BodyView, CallView, EventDetail, EventRow, ListenerFacts, ReplayOptions } from '../wire.ts'
import { type Connection, RequestError } from './connection.ts'
import { eventDetail, PaneCache } from './detail.ts'
import { announce, button, fill, h } from './dom.ts'
import { openSendDialog } from './send-dialog.ts'
import type { View, ViewState } from './state.ts'
import { Talk } from './talk.ts'

/** A conversation is asked for anew no more often while it goes on. */
const TALK_MS = 250

/** The event or the call that is open. */
export class OpenPart {
  readonly element = h('section', { class: 'open', id: 'open', 'aria-label': 'Open event' })
  private readonly connection: Connection
  private readonly state: ViewState
  private readonly listener: ListenerFacts
  private readonly content = h('div', { class: 'content' })
  private readonly talk: Talk
  private readonly panes = new PaneCache()
  private detail: EventDetail | null = null
  private outcome: number | null = null
  private asking: AbortController | null = null
  private talking: number | undefined

  constructor(connection: Connection, state: ViewState, listener: ListenerFacts) {
    this.connection = connection
    this.state = state
    this.listener = listener
    this.talk = new Talk({
      openEvent: id => this.openEvent(id),
      showEvents: call => state.set({ list: 'events', call, type: '', text: '', failed: false }),
    })
    const back = button('Back to the list', () => state.set({ event: '', talk: '' }), { class: 'back link' })
    fill(this.element, [back, this.content])
  }

  focus(): void {
    this.element.querySelector<HTMLElement>('h2')?.focus()
  }

  show({ event, talk }: View): void {
    if (event !== '') {
      if (this.detail?.row.id === event) this.draw()
      else {
        this.outcome = null
        void this.loadEvent(event)
      }
    } else if (talk !== '') {
      this.detail = null
      void this.loadTalk(talk)
    } else {
      this.detail = null
      this.asking?.abort()
      fill(this.content, [start(this.listener)])
    }
  }

  /** Asks for what is open anew. */
  refresh(): void {
    this.detail = null
    this.show(this.state.view)
  }

  changed(rows: readonly EventRow[]): void {
    const { event, talk } = this.state.view
    if (event !== '' && rows.some(({ id }) => id === event)) void this.loadEvent(event)
    if (talk === '' || event !== '' || !rows.some(({ callId }) => callId === talk)) return
    this.talking ??= setTimeout(() => {
      this.talking = undefined
      if (this.state.view.talk === talk && this.state.view.event === '') void this.loadTalk(talk)
    }, TALK_MS)
  }

  private async loadEvent(id: string): Promise<void> {
    const detail = await this.load<EventDetail>(`/api/events/${encodeURIComponent(id)}`)
    if (detail === null || this.state.view.event !== id) return
    if (JSON.stringify(detail) === JSON.stringify(this.detail)) return
    const isOther = this.detail?.row.id !== id
    this.detail = detail
    this.draw()
    if (isOther) this.element.scrollTop = 0
  }

  private async loadTalk(callId: string): Promise<void> {
    const call = await this.load<CallView>(`/api/calls/${encodeURIComponent(callId)}`)
    if (call === null || this.state.view.talk !== callId) return
    if (this.talk.element.parentElement !== this.content) {
      fill(this.content, [this.talk.element])
      this.element.scrollTop = 0
    }
    this.element.setAttribute('aria-label', 'Open call')
    this.talk.show(call)
  }

  /** Null where something else was asked for meanwhile, or it failed, which is shown. */
  private async load<Value>(path: string): Promise<Value | null> {
    this.asking?.abort()
    const asking = new AbortController()
    this.asking = asking
    try {
      return await this.connection.get<Value>(path, asking.signal)
    } catch (error) {
      if (asking.signal.aborted) return null
      this.detail = null
      const message = error instanceof RequestError ? error.message : 'The listener does not answer.'
      fill(this.content, [h('p', { class: 'start alarm' }, message)])
      return null
    }
  }

  private draw(): void {
    const { detail } = this
    if (detail === null) return
    const { requestTab, replyTab } = this.state.view
    const answering = detail.outcomes.findLastIndex(({ answers }) => answers)
    const outcome = this.outcome ?? Math.max(0, answering)
    const active = document.activeElement
    const hadFocus = this.content.contains(active)
    this.element.setAttribute('aria-label', 'Open event')
    fill(
      this.content,
      eventDetail(
        detail,
        { requestTab, replyTab, outcome, panes: this.panes },
        {
          openEvent: id => this.openEvent(id),
          openCall: talk => this.state.set({ talk, event: '' }),
          chooseTab: tabs => this.state.set(tabs),
          chooseOutcome: place => {
            this.outcome = place
            this.draw()
          },
          sendAgain: shown => void this.sendAgain(shown),
          edit: shown => void this.edit(shown),
          loadBody: of => this.loadBody(detail.row.id, of),
        },
      ),
    )
    if (hadFocus && active instanceof HTMLElement) this.focusAgain(active)
  }

  /** What was drawn anew takes the focus of what was there. */
  private focusAgain(active: HTMLElement): void {
    const same = active.isConnected ? active : active.id === '' ? null : document.getElementById(active.id)
    const tab = same?.closest('[role=tablist]')?.querySelector<HTMLElement>('[aria-selected=true]')
    const next = tab ?? same
    if (next === null) this.focus()
    else next.focus({ preventScroll: true })
  }

  private openEvent(id: string): void {
    this.state.set({ event: id })
    this.focus()
  }

  private loadBody(id: string, of: 'request' | number): Promise<BodyView> {
    return this.connection.get<BodyView>(`/api/events/${encodeURIComponent(id)}/body/${of}`)
  }

  private async sendAgain(detail: EventDetail): Promise<void> {
    const again = this.content.querySelector<HTMLButtonElement>('#send-again')
    if (again !== null) again.disabled = true
    try {
      await this.send(detail.row.id, { to: null, body: null, withSecrets: true })
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      announce(message)
      this.content.prepend(h('p', { class: 'failure alarm', role: 'alert' }, message))
      if (again !== null) again.disabled = false
    }
  }

  private async edit(detail: EventDetail): Promise<void> {
    const { id } = detail.row
    const { body } = detail.request
    const whole = body.text === null && body.kind !== 'unkept' ? await this.loadBody(id, 'request') : body
    openSendDialog({
      detail,
      text: whole.kind === 'binary' ? '' : (whole.text ?? ''),
      listener: this.listener,
      send: options => this.send(id, options),
    })
  }

  /** Sends, and opens what came of it. */
  private async send(id: string, options: ReplayOptions): Promise<void> {
    const sent = await this.connection.post<{ id: string }>(
      `/api/events/${encodeURIComponent(id)}/replay`,
      options,
    )
    announce('sent')
    this.openEvent(sent.id)
  }
}

function start({ url, routes }: ListenerFacts): HTMLElement {
  return h(
    'div',
    { class: 'start' },
    h('h2', { tabindex: -1 }, 'Nothing is open'),
    h('p', {}, 'Choose an event or a call in the list. New ones come in at its top.'),
    h(
      'p',
      { class: 'muted' },
      'Events are taken at ',
      h('code', {}, url),
      ` and go to ${routes.map(({ target }) => target).join(', ')}. Send one: `,
      h('code', {}, `vapi trigger tool-calls --to ${url}`),
    ),
  )
}
