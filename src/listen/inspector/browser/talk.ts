import type { CallItem, CallView } from '../wire.ts'
import { button, fill, h, reconcile } from './dom.ts'
import { countText, durationText, timeText } from './words.ts'

export interface TalkActions {
  openEvent(id: string): void
  /** Shows the events of the call in the list. */
  showEvents(callId: string): void
}

/** The conversation of a call as it unfolds. */
export class Talk {
  readonly element: HTMLElement
  private readonly actions: TalkActions
  private readonly heading = h('h2', { tabindex: -1 }, 'Call')
  private readonly facts = h('p', { class: 'meta' })
  private readonly items = h('ol', { class: 'items' })
  private readonly speaking = h('p', { class: 'speaking muted' })
  private callId = ''

  constructor(actions: TalkActions) {
    this.actions = actions
    this.element = h(
      'article',
      { class: 'talk', 'aria-label': 'Conversation' },
      h('header', { class: 'event-head' }, h('div', {}, this.heading, this.facts)),
      this.items,
      this.speaking,
    )
  }

  show(call: CallView): void {
    const { items } = call
    const scroller = this.element.parentElement
    const isNew = this.callId !== call.callId
    const atEnd =
      scroller !== null && scroller.scrollTop + scroller.clientHeight > scroller.scrollHeight - 60 && !isNew
    this.callId = call.callId
    fill(this.heading, [`Call ${call.callId.slice(0, 8)}`])
    const [first] = items
    const said = items.filter(({ kind }) => kind === 'said').length
    const tools = items.filter(({ kind }) => kind === 'tool').length
    fill(this.facts, [
      h('code', {}, call.callId),
      first !== undefined && h('span', {}, `since ${timeText(first.atMs)}`),
      h('span', {}, `${said} said, ${countText(tools, 'tool call')}`),
      button('All its events', () => this.actions.showEvents(call.callId), { class: 'link' }),
    ])
    reconcile(this.items, items, { key: ({ key }) => key, make: item => this.make(item, first?.atMs ?? 0) })
    const speakers = call.speaking.map(role => (role === 'assistant' ? 'The assistant' : 'The customer'))
    fill(this.speaking, [speakers.length > 0 && `${speakers.join(' and ')} is speaking …`])
    if (atEnd && scroller !== null) scroller.scrollTop = scroller.scrollHeight
  }

  private make(item: CallItem, beganMs: number): HTMLElement {
    const at = button(offset(item.atMs - beganMs), () => this.actions.openEvent(item.eventId), {
      class: 'at link',
      title: `Event ${item.eventId}, ${timeText(item.atMs)}`,
    })
    switch (item.kind) {
      case 'said':
        return h(
          'li',
          { class: `said ${item.role}${item.partial ? ' partial' : ''}` },
          h('p', { class: 'who' }, SPEAKERS[item.role], at),
          h('p', { class: 'words', dir: 'auto' }, item.partial ? `${item.text} …` : item.text),
        )
      case 'tool':
        return h(
          'li',
          { class: `tool ${item.state}` },
          h(
            'p',
            { class: 'who' },
            h('span', {}, h('span', { class: 'label' }, 'Tool '), h('code', {}, item.name)),
            item.durationMs !== null && h('span', { class: 'muted' }, durationText(item.durationMs)),
            at,
          ),
          h('pre', {}, item.arguments),
          h('p', { class: 'result', dir: 'auto' }, RESULTS[item.state], item.result),
        )
      case 'note':
        return h(
          'li',
          { class: `note${item.failed ? ' failed' : ''}` },
          h('p', {}, h('span', { class: 'label' }, item.type), item.text !== '' && ` ${item.text}`, at),
        )
      case 'end':
        return h(
          'li',
          { class: 'end' },
          h('p', { class: 'who' }, h('strong', {}, 'The call is over'), at),
          h('p', {}, h('code', {}, item.reason), item.figures !== '' && ` ${item.figures}`),
          item.summary !== null && h('p', { dir: 'auto' }, item.summary),
        )
    }
  }
}

const SPEAKERS = { assistant: 'Assistant', user: 'Customer', system: 'System' } as const
const RESULTS = { waiting: 'waiting for the result …', done: '→ ', failed: '✕ ' } as const

/** `1:07` since the call began. */
function offset(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
