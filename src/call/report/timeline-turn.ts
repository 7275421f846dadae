import { glance, type Html, html } from '../../web/html.ts'
import { percent, totalMs } from './latency-bar.ts'
import type { Stage, Turn, TurnItem } from './story.ts'
import { clockTime, SIGNS, STAGE_LABELS, turnName, wholeNumber } from './words.ts'

/** One row of the timeline. Times are milliseconds of the call, places are pixels. */
export interface Row {
  fromMs: number
  /** Where the row would end if the call went on: all rows have one scale. */
  toMs: number
  isFirst: boolean
  isLast: boolean
  /** The end of the call. */
  lengthMs: number
  /** The lower end of the last lane. */
  bottom: number
}

/** Lanes from top to bottom: place and height in pixels. */
export const LANES = {
  customer: { label: 'Customer', y: 26, height: 16 },
  work: { label: 'Work', y: 49, height: 12 },
  assistant: { label: 'Assistant', y: 68, height: 16 },
  tool: { label: 'Tools', y: 91, height: 10 },
} as const
type Lane = keyof typeof LANES

/** A title is a glance, not the text; in characters. */
const TITLE_LIMIT = 120
/** The share of a row that the name of the opening needs. */
const OPENING_SHARE = 0.09

/**
 * Everything of one turn that is in a row, as a link to the turn. Its band reaches to the next turn's begin. Where the
 * turn begins, the link has a name and is reached by Tab; in further rows it is for the mouse alone.
 */
export function turnPieces(turn: Turn, nextMs: number, row: Row): Html | null {
  const fromMs = Math.max(turn.fromMs, row.fromMs)
  const toMs = Math.min(nextMs, row.toMs)
  const pieces = [
    ...turn.stages.map(stage => stagePiece(stage, row)),
    ...turn.items.map(item => itemPiece(item, row)),
  ]
  const begins = isWithin(turn.fromMs, row)
  if (!begins && toMs <= fromMs && pieces.every(piece => piece === null)) return null
  const band =
    toMs > fromMs &&
    html`<rect class="band" x="${place(fromMs, row)}" width="${width(fromMs, toMs, row)}" height="${row.bottom}"/>`
  const link = begins ? html`aria-label="${linkName(turn)}"` : html`tabindex="-1" aria-hidden="true"`
  return html`<a href="#turn-${turn.number}" data-seek="${turn.fromMs / 1000}" ${link}>${band}${begins && beginning(turn, toMs, row)}<g aria-hidden="true">${pieces}</g></a>
`
}

/** The line at the begin of a turn, and its number. */
function beginning(turn: Turn, toMs: number, row: Row): Html {
  const x = place(turn.fromMs, row)
  const share = (turn.fromMs - row.fromMs) / (row.toMs - row.fromMs)
  const isNarrow = (toMs - turn.fromMs) / (row.toMs - row.fromMs) < OPENING_SHARE
  const label = turn.number > 0 ? turn.number : isNarrow ? '' : turnName(turn)
  return html`<line class="begin" x1="${x}" x2="${x}" y1="2" y2="${row.bottom}"/><text class="name${share > 0.97 && ' left'}" x="${x}" y="12">${label}</text>`
}

function linkName(turn: Turn): string {
  const name = `${turnName(turn)} at ${clockTime(turn.fromMs)}`
  return turn.answered && turn.stages.length > 0
    ? `${name}, answered after ${wholeNumber(totalMs(turn))} ms`
    : name
}

function stagePiece({ name, fromMs, toMs }: Stage, row: Row): Html | null {
  return bar('work', name, fromMs, toMs, `${STAGE_LABELS[name]} ${wholeNumber(toMs - fromMs)} ms`, row)
}

function itemPiece(item: TurnItem, row: Row): Html | null {
  const { type, fromMs } = item
  const time = clockTime(fromMs)
  switch (type) {
    case 'customer':
      return bar('customer', type, fromMs, item.toMs ?? row.lengthMs, `Customer ${time} ${item.text}`, row)
    case 'assistant': {
      const end = item.ending === 'completed' ? '' : ' …'
      return bar(
        'assistant',
        type,
        fromMs,
        item.toMs ?? row.lengthMs,
        `Assistant ${time} ${item.heard}${end}`,
        row,
      )
    }
    case 'tool': {
      const failed = item.error !== null && ' failed'
      return bar(
        'tool',
        failed ? 'tool failed' : 'tool',
        fromMs,
        item.toMs ?? row.lengthMs,
        `${item.name}${failed || ''}`,
        row,
      )
    }
    case 'interruption': {
      const sign = SIGNS[item.by] ?? item.by
      const untilMs = Math.min(item.silentUntilMs ?? fromMs, row.lengthMs)
      const silence =
        untilMs > fromMs &&
        bar('assistant', 'backoff', fromMs, untilMs, `Silent until ${clockTime(untilMs)}`, row)
      const told = item.ignored ? `Interruption ignored: ${item.reason}` : 'Interruption'
      const line = mark(item.ignored ? 'ignored' : 'interruption', fromMs, `${told} (${sign}) ${time}`, row)
      return silence || line ? html`${silence}${line}` : null
    }
    case 'failure':
    case 'warning': {
      if (!isWithin(fromMs, row)) return null
      const y = LANES.work.y + LANES.work.height / 2
      return html`<circle class="${type}" cx="${place(fromMs, row)}" cy="${y}" r="4.5">${title(item.text)}</circle>`
    }
    case 'decision':
      return null
  }
}

function bar(lane: Lane, kind: string, fromMs: number, toMs: number, text: string, row: Row): Html | null {
  const from = Math.max(fromMs, row.fromMs)
  const to = Math.min(toMs, row.toMs)
  const isMoment = toMs <= fromMs
  if (isMoment ? !isWithin(fromMs, row) : to <= from) return null
  const { y, height } = LANES[lane]
  return html`<rect class="${kind}" x="${place(from, row)}" y="${y}" width="${isMoment ? '2' : width(from, to, row)}" height="${height}">${title(text)}</rect>`
}

function mark(kind: string, ms: number, text: string, row: Row): Html | null {
  if (!isWithin(ms, row)) return null
  const x = place(ms, row)
  return html`<line class="${kind}" x1="${x}" x2="${x}" y1="${LANES.customer.y - 2}" y2="${LANES.assistant.y + LANES.assistant.height + 2}">${title(text)}</line>`
}

function title(text: string): Html {
  return html`<title>${glance(text, TITLE_LIMIT)}</title>`
}

/** Each moment is in exactly one row. */
function isWithin(ms: number, row: Row): boolean {
  return (ms >= row.fromMs || row.isFirst) && (ms < row.toMs || row.isLast)
}

export function place(ms: number, row: Row): string {
  return percent(ms - row.fromMs, row.toMs - row.fromMs)
}

function width(fromMs: number, toMs: number, row: Row): string {
  return percent(toMs - fromMs, row.toMs - row.fromMs)
}
