import { clipText, type Html, html, type Piece } from '../../web/html.ts'
import { turnName } from './conversation.ts'
import { percent, totalMs } from './latency-bar.ts'
import { itemsOf, type Story, type Turn, type TurnItem } from './story.ts'
import { clockTime, SIGNS, STAGE_LABELS, wholeNumber } from './words.ts'

/** Spans of a row with the most rows they are used for, and the distance of their grid lines; in milliseconds. */
const SPANS = [
  { spanMs: 10_000, rows: 1, gridMs: 1000 },
  { spanMs: 20_000, rows: 3, gridMs: 2000 },
  { spanMs: 30_000, rows: 8, gridMs: 5000 },
  { spanMs: 60_000, rows: Number.POSITIVE_INFINITY, gridMs: 10_000 },
] as const

/** Lanes from top to bottom: place and height in pixels. */
const LANES = {
  customer: { y: 26, height: 16 },
  work: { y: 49, height: 12 },
  assistant: { y: 68, height: 16 },
  tool: { y: 91, height: 10 },
} as const
type Lane = keyof typeof LANES

const TOP = 20
/** A title is a glance, not the text. In characters. */
const TITLE_LIMIT = 120

interface Row {
  fromMs: number
  /** Where the row would end if the call went on; rows have one scale. */
  toMs: number
  isFirst: boolean
}

interface Drawing {
  story: Story
  row: Row
  /** The end of the call. */
  lengthMs: number
  /** The bottom of the last lane, in pixels. */
  bottom: number
}

/** The whole call drawn to scale: who spoke, and what was worked on between the two. */
export function timeline(story: Story): Html | null {
  const items = story.turns.flatMap(turn => turn.items)
  const lengthMs = Math.max(1, story.lengthMs, ...items.map(endOf))
  if (items.length === 0) return null
  const { spanMs, gridMs } = SPANS.find(({ spanMs, rows }) => lengthMs <= spanMs * rows) ?? SPANS[3]
  const rowCount = Math.ceil(lengthMs / spanMs)
  const shownMs = rowCount === 1 && spanMs === SPANS[0].spanMs ? Math.ceil(lengthMs / 1000) * 1000 : spanMs
  const lastLane = items.some(({ type }) => type === 'tool') ? LANES.tool : LANES.assistant
  const bottom = lastLane.y + lastLane.height + 6
  const rows = Array.from({ length: rowCount }, (_, place): Html => {
    const row = { fromMs: place * shownMs, toMs: (place + 1) * shownMs, isFirst: place === 0 }
    return rowView({ story, row, lengthMs, bottom }, gridMs)
  })
  return html`<section aria-labelledby="timeline-name">
<h2 id="timeline-name">Timeline</h2>
<div class="scroll"><div class="timeline">${rows}</div></div>
${legend(items, story)}
</section>`
}

function endOf(item: TurnItem): number {
  return 'toMs' in item && item.toMs !== null ? item.toMs : item.fromMs
}

function rowView(drawing: Drawing, gridMs: number): Html {
  const { story, row, lengthMs, bottom } = drawing
  const height = bottom + 18
  const labels = Object.entries(LANES)
    .filter(([, lane]) => lane.y < bottom)
    .map(
      ([lane, { y, height }]) =>
        html`<text y="${y + height / 2 + 4}">${lane === 'tool' ? 'Tools' : capital(lane)}</text>`,
    )
  const lines: Piece[] = []
  for (let ms = row.fromMs; ms <= Math.min(row.toMs, lengthMs); ms += gridMs) {
    const x = place(ms, row)
    lines.push(html`<line x1="${x}" x2="${x}" y1="${TOP}" y2="${bottom}"/>`)
    if (ms < row.toMs) lines.push(html`<text x="${x}" y="${height - 4}">${axisTime(ms)}</text>`)
  }
  const range = `${axisTime(row.fromMs)} to ${axisTime(Math.min(row.toMs, lengthMs))}`
  return html`<div class="line"><svg class="lanes" width="76" height="${height}" aria-hidden="true">${labels}</svg><svg class="time-line" height="${height}" role="group" aria-label="${range}" data-from="${row.fromMs / 1000}" data-to="${row.toMs / 1000}"><g class="grid" aria-hidden="true">${lines}</g>
${story.turns.map((turn, index) => turnPieces(turn, story.turns[index + 1]?.fromMs ?? lengthMs, drawing))}
<line class="playhead" y1="${TOP}" y2="${bottom}" visibility="hidden"/></svg></div>
`
}

/** Everything of one turn within one row, as a link to it; the link is named and reached by Tab where the turn begins. */
function turnPieces(turn: Turn, nextMs: number, drawing: Drawing): Html | null {
  const { row, lengthMs, bottom } = drawing
  const pieces = [...turn.stages.map(stage => bar('work', stage.name, stage.fromMs, stage.toMs, `${STAGE_LABELS[stage.name]} ${wholeNumber(stage.toMs - stage.fromMs)} ms`, row)), ...turn.items.map(item => itemPiece(item, drawing))].filter(piece => piece !== null)
  const begins = turn.fromMs >= row.fromMs && turn.fromMs < row.toMs
  const inRow = turn.fromMs < row.toMs && nextMs > row.fromMs
  if (!inRow && pieces.length === 0) return null
  const label = begins && html`<text class="name" x="${place(turn.fromMs, row)}" y="12">${turn.number === 0 ? 'Opening' : turn.number}</text>`
  const from = Math.max(turn.fromMs, row.fromMs)
  const to = Math.min(Math.max(nextMs, turn.fromMs), row.toMs, lengthMs)
  const band = inRow && html`<rect class="band" x="${place(from, row)}" y="0" width="${width(from, to, row)}" height="${bottom}"/>${begins && html`<line class="begin" x1="${place(from, row)}" x2="${place(from, row)}" y1="2" y2="${bottom}"/>`}`
  const name = begins ? html`aria-label="${turnName(turn)} at ${clockTime(turn.fromMs)}${turn.answered && turn.stages.length > 0 && `, answered after ${wholeNumber(totalMs(turn))} ms`}"` : html`tabindex="-1" aria-hidden="true"`
  return html`<a href="#turn-${turn.number}" data-seek="${turn.fromMs / 1000}" ${name}>${band}${label}${pieces}</a>
`
}

function itemPiece(item: TurnItem, { row, lengthMs }: Drawing): Html | null {
  const { fromMs } = item
  const time = clockTime(fromMs)
  switch (item.type) {
    case 'customer':
      return bar('customer', 'customer', fromMs, item.toMs ?? lengthMs, `Customer ${time} ${item.text}`, row)
    case 'assistant':
      return bar('assistant', 'assistant', fromMs, item.toMs ?? lengthMs, `Assistant ${time} ${item.heard}${item.ending === 'completed' ? '' : ' …'}`, row)
    case 'tool':
      return bar('tool', item.error === null ? 'tool' : 'tool failed', fromMs, item.toMs ?? lengthMs, `Tool ${item.name}${item.error === null ? '' : ' failed'}`, row)
    case 'interruption': {
      const what = `Interruption by ${SIGNS[item.by] ?? item.by}${item.ignored ? ` ignored: ${item.reason}` : ''}`
      const end = Math.min(item.silentUntilMs ?? fromMs, lengthMs)
      return html`${end > fromMs && bar('assistant', 'backoff', fromMs, end, `Silent until ${clockTime(end)}`, row)}${mark(item.ignored ? 'ignored' : 'interruption', fromMs, `${what}, ${time}`, row)}`
    }
    case 'failure':
    case 'warning': {
      if (!isWithin(fromMs, row)) return null
      const y = LANES.work.y + LANES.work.height / 2
      return html`<circle class="${item.type}" cx="${place(fromMs, row)}" cy="${y}" r="4.5">${title(item.text)}</circle>`
    }
    case 'decision':
      return null
  }
}

function bar(lane: Lane, kind: string, fromMs: number, toMs: number, text: string, row: Row): Html | null {
  const from = Math.max(fromMs, row.fromMs)
  const to = Math.min(toMs, row.toMs)
  if (to < from || (to === from && !isWithin(from, row))) return null
  const { y, height } = LANES[lane]
  const size = to === from ? '2' : width(from, to, row)
  return html`<rect class="${kind}" x="${place(from, row)}" y="${y}" width="${size}" height="${height}">${title(text)}</rect>`
}

function mark(kind: string, ms: number, text: string, row: Row): Html | null {
  if (!isWithin(ms, row)) return null
  const x = place(ms, row)
  return html`<line class="${kind}" x1="${x}" x2="${x}" y1="${LANES.customer.y - 2}" y2="${LANES.assistant.y + LANES.assistant.height + 2}">${title(text)}</line>`
}

function title(text: string): Html {
  return html`<title>${clipText(text, TITLE_LIMIT)}</title>`
}

function isWithin(ms: number, row: Row): boolean {
  return (ms >= row.fromMs || row.isFirst) && ms < row.toMs
}

function place(ms: number, row: Row): string {
  return percent(ms - row.fromMs, row.toMs - row.fromMs)
}

function width(fromMs: number, toMs: number, row: Row): string {
  return percent(toMs - fromMs, row.toMs - row.fromMs)
}

/** `12 s` in the first minute, `3:20` after it. */
function axisTime(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** What the colours and marks mean, of those that occur. */
function legend(items: readonly TurnItem[], story: Story): Html {
  const stages = new Set(story.turns.flatMap(turn => turn.stages.map(({ name }) => name)))
  const interruptions = itemsOf(items, 'interruption')
  const keys: [string, string | false][] = [
    ['customer', items.some(({ type }) => type === 'customer') && 'Customer speaks'],
    ['endpointing', stages.has('endpointing') && STAGE_LABELS.endpointing],
    ['model', stages.has('model') && STAGE_LABELS.model],
    ['voice', stages.has('voice') && STAGE_LABELS.voice],
    ['wait', stages.has('wait') && STAGE_LABELS.wait],
    ['assistant', items.some(({ type }) => type === 'assistant') && 'Assistant speaks'],
    ['interruption', interruptions.some(({ ignored }) => !ignored) && 'Interruption'],
    ['ignored', interruptions.some(({ ignored }) => ignored) && 'Interruption ignored'],
    ['backoff', interruptions.some(({ silentUntilMs }) => silentUntilMs !== null) && 'Silence after an interruption'],
    ['tool', items.some(({ type }) => type === 'tool') && 'Tool'],
    ['warning', items.some(({ type }) => type === 'warning') && 'Warning'],
    ['failure', items.some(({ type }) => type === 'failure') && 'Failure'],
  ]
  return html`<ul class="legend">${keys.map(([kind, text]) => text !== false && html`<li class="key ${kind}">${text}</li>`)}</ul>`
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
