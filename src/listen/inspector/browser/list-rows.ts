import type { EventRow } from '../wire.ts'
import { h } from './dom.ts'
import { type CallRow, hasFailed, typeOf } from './rows.ts'
import { countText, durationText, exactTime, timeText } from './words.ts'

/** Height of a row in pixels, as in the style sheet. */
export const ROW_HEIGHT = 52

/** A row of the list of events. */
export function eventRow(row: EventRow): Node[] {
  const failed = hasFailed(row)
  const state = failed ? 'failed' : row.warnings > 0 || row.malformed ? 'warned' : row.state
  return [
    h('span', { class: `dot ${state}`, 'aria-hidden': 'true' }),
    h(
      'span',
      { class: 'first' },
      h('span', { class: 'type' }, typeOf(row)),
      row.replayOf !== null && h('span', { class: 'tag' }, 'sent again'),
      row.duplicateOf !== null && h('span', { class: 'tag' }, 'duplicate'),
      row.malformed && h('span', { class: 'tag alarm' }, 'no JSON'),
      row.errors + row.warnings > 0 &&
        h(
          'span',
          { class: row.errors > 0 ? 'tag alarm' : 'tag caution' },
          row.errors > 0 ? countText(row.errors, 'error') : countText(row.warnings, 'warning'),
        ),
      h('span', { class: failed ? 'outcome alarm' : 'outcome' }, outcomeText(row)),
    ),
    h(
      'span',
      { class: 'second' },
      h('time', {}, exactTime(row.atMs)),
      h('span', { class: 'line' }, row.summary),
    ),
  ]
}

function outcomeText({ state, status, durationMs }: EventRow): string {
  const took = durationMs === null ? '' : ` · ${durationText(durationMs)}`
  switch (state) {
    case 'waiting':
      return 'waiting'
    case 'answered':
      return `${status ?? ''}${took}`
    case 'refused':
      return `refused ${status ?? ''}`
    case 'cancelled':
      return `sender gone${took}`
    case 'failed':
      return `no reply${took}`
  }
}

/** A row of the list of calls. */
export function callRow(call: CallRow): Node[] {
  const isOver = call.status.startsWith('ended')
  return [
    h('span', {
      class: `dot ${call.failed > 0 ? 'failed' : isOver ? 'answered' : 'waiting'}`,
      'aria-hidden': 'true',
    }),
    h(
      'span',
      { class: 'first' },
      h('span', { class: 'type' }, call.id.slice(0, 8)),
      call.failed > 0 && h('span', { class: 'tag alarm' }, `${call.failed} failed`),
      h('span', { class: 'outcome' }, countText(call.events, 'event')),
    ),
    h(
      'span',
      { class: 'second' },
      h('time', {}, timeText(call.firstMs)),
      h(
        'span',
        { class: 'line' },
        [call.status || 'running', call.lastMs > call.firstMs && durationText(call.lastMs - call.firstMs)]
          .filter(part => part !== false)
          .join(' · '),
      ),
    ),
  ]
}
