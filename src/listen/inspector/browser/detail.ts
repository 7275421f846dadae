import type { Finding } from '../../../messages/reply-findings.ts'
import type { BodyView, EventDetail, EventRow, OutcomeView } from '../wire.ts'
import { type BodyPaneOptions, bodyPane } from './body-pane.ts'
import { button, type Child, h } from './dom.ts'
import type { FoldMemory } from './json-tree.ts'
import { isBad, typeOf } from './rows.ts'
import type { BodyTab, View } from './state.ts'
import { durationText, exactTime, shortAddress, sizeText } from './words.ts'

export interface DetailActions {
  openEvent(id: string): void
  openCall(callId: string): void
  chooseTab(tabs: Partial<Pick<View, 'requestTab' | 'replyTab'>>): void
  chooseOutcome(place: number): void
  sendAgain(detail: EventDetail): void
  edit(detail: EventDetail): void
  loadBody(of: 'request' | number): Promise<BodyView>
}

export interface DetailTabs {
  requestTab: BodyTab
  replyTab: BodyTab
  /** Which of the outcomes is shown. */
  outcome: number
  /** Panes that are there. */
  panes: PaneCache
}

/** Panes stay, with what is open in them, as long as they show the same. */
export class PaneCache {
  private readonly panes = new Map<string, { content: string; pane: HTMLElement }>()
  private readonly folds: FoldMemory = new Map()

  keep(options: Omit<BodyPaneOptions, 'folds'>, subject: string): HTMLElement {
    const { name, tab, body, headers, instead, facts } = options
    const words = [...facts, instead].map(part => (part instanceof HTMLElement ? part.textContent : part))
    const content = JSON.stringify([subject, tab, body, headers, words])
    const known = this.panes.get(name)
    if (known?.content === content) return known.pane
    const pane = bodyPane({ ...options, folds: this.folds })
    this.panes.set(name, { content, pane })
    return pane
  }
}

/** Everything of one event: its time against the limit, findings, request and reply beside each other. */
export function eventDetail(detail: EventDetail, tabs: DetailTabs, actions: DetailActions): Node[] {
  const { row, request, outcomes } = detail
  const outcome = outcomes[tabs.outcome]
  return [
    head(detail, actions),
    timing(row, detail.needsReply),
    findingList(outcomes.flatMap(({ findings }) => findings)),
    h(
      'div',
      { class: 'panes' },
      tabs.panes.keep(
        {
          title: 'Request',
          name: 'request',
          facts: [
            h('code', {}, `${row.method} ${row.path}`),
            request.body.bytes !== null && h('span', {}, sizeText(request.body.bytes)),
          ],
          body: request.body,
          headers: request.headers,
          tab: tabs.requestTab,
          chooseTab: tab => actions.chooseTab({ requestTab: tab }),
          load: () => actions.loadBody('request'),
        },
        row.id,
      ),
      replyPane(detail, outcome, tabs, actions),
    ),
  ]
}

function head(detail: EventDetail, actions: DetailActions): HTMLElement {
  const { row } = detail
  const again = button('Send again', () => actions.sendAgain(detail), { class: 'main', id: 'send-again' })
  const edit = button('Edit and send …', () => actions.edit(detail), { id: 'edit' })
  return h(
    'header',
    { class: 'event-head' },
    h(
      'div',
      {},
      h('h2', { tabindex: -1 }, typeOf(row)),
      row.summary !== '' && h('p', { class: 'summary', dir: 'auto' }, row.summary),
      h(
        'p',
        { class: 'meta' },
        h('time', { datetime: new Date(row.atMs).toISOString() }, exactTime(row.atMs)),
        h('code', {}, row.id),
        row.callId !== null &&
          button(`Call ${row.callId.slice(0, 8)}`, () => actions.openCall(row.callId ?? ''), {
            class: 'link',
            title: `The conversation of call ${row.callId}`,
          }),
        ...marks(row, actions),
      ),
    ),
    h('div', { class: 'acts' }, edit, again),
  )
}

function marks(row: EventRow, actions: DetailActions): Child[] {
  const link = (label: string, id: string) =>
    h(
      'span',
      { class: 'mark' },
      label,
      button(id, () => actions.openEvent(id), { class: 'link' }),
    )
  return [
    row.replayOf !== null && link('sent again from ', row.replayOf),
    row.duplicateOf !== null && link('repeats ', row.duplicateOf),
    row.malformed && h('span', { class: 'mark alarm' }, 'no valid JSON'),
  ]
}

/** How much of the time that the platform waits was used. */
function timing({ state, durationMs, limitMs, errors, status }: EventRow, needsReply: boolean): HTMLElement {
  const limit = durationText(limitMs)
  if (durationMs === null) {
    const text =
      state === 'waiting'
        ? `No reply yet; the platform waits ${limit}`
        : 'It was not let in and went to no target'
    return h('p', { class: 'timing muted' }, text)
  }
  const share = durationMs / limitMs
  const isLate = share > 1
  const scale = Math.max(1, share)
  const used = h('span', { class: 'used' })
  const end = h('span', { class: 'limit' })
  // A short time stays visible.
  used.style.width = `max(3px, ${(100 * share) / scale}%)`
  end.style.left = `${100 / scale}%`
  const failed = state !== 'answered' || isBad(status) || errors > 0
  const outcome =
    state === 'answered'
      ? `Answered ${status ?? ''} after`
      : state === 'cancelled'
        ? 'The sender went away after'
        : 'It failed after'
  return h(
    'div',
    { class: `timing ${isLate ? 'late' : failed ? 'failed' : ''}` },
    h(
      'p',
      {},
      `${outcome} `,
      h('strong', {}, durationText(durationMs)),
      ` of ${limit}`,
      h(
        'span',
        { class: 'muted' },
        isLate
          ? ': the platform has given up before'
          : ` · ${share < 0.01 ? 'less than 1' : Math.round(100 * share)} %${needsReply ? '' : ' · the reply is not read'}`,
      ),
    ),
    h('div', { class: 'bar', 'aria-hidden': 'true' }, used, end),
  )
}

function findingList(findings: readonly Finding[]): Node {
  if (findings.length === 0) return document.createTextNode('')
  return h(
    'ul',
    { class: 'findings', 'aria-label': 'Findings of the reply’s check' },
    ...findings.map(({ level, path, message, fix }) =>
      h(
        'li',
        { class: level },
        h('strong', {}, level === 'error' ? 'Error' : 'Warning'),
        h(
          'div',
          {},
          h('p', {}, path !== '' && h('code', {}, path), path !== '' && ' ', message),
          h('p', { class: 'fix' }, fix),
        ),
      ),
    ),
  )
}

function replyPane(
  { outcomes, row }: EventDetail,
  outcome: OutcomeView | undefined,
  tabs: DetailTabs,
  actions: DetailActions,
): HTMLElement {
  const choice =
    outcomes.length > 1 &&
    h(
      'select',
      {
        'aria-label': 'Of which target',
        onchange: event => {
          if (event.target instanceof HTMLSelectElement) actions.chooseOutcome(Number(event.target.value))
        },
      },
      ...outcomes.map(({ target, answers, status }, place) =>
        h(
          'option',
          { value: place, selected: place === tabs.outcome },
          `${shortAddress(target) || 'the listener'}${answers ? '' : ' (copy)'} · ${status ?? 'no reply'}`,
        ),
      ),
    )
  const status = outcome?.status ?? null
  const bytes = outcome?.body?.bytes ?? null
  return tabs.panes.keep(
    {
      title: 'Reply',
      name: 'reply',
      facts: [
        status !== null && h('strong', { class: isBad(status) ? 'alarm' : 'good' }, String(status)),
        choice !== false ? choice : h('span', {}, shortAddress(outcome?.target ?? '')),
        outcome !== undefined &&
          outcome.durationMs !== null &&
          h('span', {}, durationText(outcome.durationMs)),
        bytes !== null && h('span', {}, sizeText(bytes)),
      ],
      body: outcome?.body ?? null,
      instead:
        outcome === undefined
          ? h('p', { class: 'muted' }, row.state === 'waiting' ? 'Waiting for the reply …' : 'There is none.')
          : problemText(outcome),
      headers: outcome?.headers ?? [],
      tab: tabs.replyTab,
      chooseTab: tab => actions.chooseTab({ replyTab: tab }),
      load: () => actions.loadBody(tabs.outcome),
    },
    `${row.id} ${tabs.outcome} ${outcomes.length}`,
  )
}

function problemText({ problem }: OutcomeView): HTMLElement | null {
  if (problem === null) return null
  return h(
    'div',
    { class: 'problem' },
    h('p', { class: 'alarm' }, problem.message),
    problem.hint !== null && h('p', { class: 'muted' }, problem.hint),
  )
}
