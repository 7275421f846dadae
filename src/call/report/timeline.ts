import { type Html, html, type Piece } from '../../web/html.ts'
import { itemsOf, STAGES, type Story, type TurnItem } from './story.ts'
import { LANES, place, type Row, turnPieces } from './timeline-turn.ts'
import { STAGE_LABELS } from './words.ts'

/** The longest row of calls up to a length, in milliseconds. */
const ROWS = [
  { upToMs: 66_000, longestMs: 22_000 },
  { upToMs: 240_000, longestMs: 30_000 },
  { upToMs: Number.POSITIVE_INFINITY, longestMs: 60_000 },
] as const

/** Distances of the grid lines, in milliseconds: the first that gives a row at most twelve is taken. */
const GRIDS = [1000, 2000, 5000, 10_000] as const

/** The upper end of the grid, in pixels. */
const TOP = 20

/** The whole call drawn to scale: who spoke, and what was worked on between the two. Null where nothing happened. */
export function timeline(story: Story): Html | null {
  const items = story.turns.flatMap(turn => turn.items)
  if (items.length === 0) return null
  const lengthMs = items.reduce((last, item) => Math.max(last, endOf(item)), Math.max(1, story.lengthMs))
  const longestMs = ROWS.find(({ upToMs }) => lengthMs <= upToMs)?.longestMs ?? lengthMs
  const count = Math.ceil(lengthMs / longestMs)
  const shownMs = Math.ceil(lengthMs / count / 1000) * 1000
  const gridMs = GRIDS.find(distanceMs => shownMs / distanceMs <= 12) ?? shownMs
  const lastLane = items.some(({ type }) => type === 'tool') ? LANES.tool : LANES.assistant
  const bottom = lastLane.y + lastLane.height + 6
  const rows = Array.from({ length: count }, (_, index): Row => {
    const fromMs = index * shownMs
    return {
      fromMs,
      toMs: fromMs + shownMs,
      isFirst: index === 0,
      isLast: index === count - 1,
      lengthMs,
      bottom,
    }
  })
  return html`<section aria-labelledby="timeline-name">
<h2 id="timeline-name">Timeline</h2>
<div class="scroll"><div class="timeline">${rows.map(row => rowView(row, story, gridMs))}</div></div>
${legend(items, story)}
</section>`
}

function endOf(item: TurnItem): number {
  return 'toMs' in item && item.toMs !== null ? item.toMs : item.fromMs
}

function rowView(row: Row, { turns }: Story, gridMs: number): Html {
  const { fromMs, toMs, lengthMs, bottom } = row
  const height = bottom + 18
  const endMs = Math.min(toMs, lengthMs)
  const lanes = Object.values(LANES)
    .filter(({ y }) => y < bottom)
    .map(({ label, y, height: laneHeight }) => html`<text y="${y + laneHeight / 2 + 4}">${label}</text>`)
  const grid: Piece[] = []
  for (let ms = Math.ceil(fromMs / gridMs) * gridMs; ms <= endMs; ms += gridMs) {
    const x = place(ms, row)
    grid.push(html`<line x1="${x}" x2="${x}" y1="${TOP}" y2="${bottom}"/>`)
    if (ms < toMs) grid.push(html`<text x="${x}" y="${height - 4}">${axisTime(ms)}</text>`)
  }
  const pieces = turns.map((turn, index) => turnPieces(turn, turns[index + 1]?.fromMs ?? lengthMs, row))
  return html`<div class="line"><svg class="lanes" width="76" height="${height}" aria-hidden="true">${lanes}</svg><svg class="time-line" height="${height}" role="group" aria-label="${axisTime(fromMs)} to ${axisTime(endMs)}" data-from="${fromMs / 1000}" data-to="${toMs / 1000}"><g class="grid" aria-hidden="true">${grid}</g>
${pieces}<line class="playhead" y1="${TOP}" y2="${bottom}" visibility="hidden"/></svg></div>
`
}

/** `12 s` in the first minute, `3:20` after it. */
function axisTime(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60
    ? `${seconds} s`
    : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** What the colours and marks mean, of those that occur. */
function legend(items: readonly TurnItem[], { turns }: Story): Html {
  const has = (type: TurnItem['type']) => items.some(item => item.type === type)
  const interruptions = itemsOf(items, 'interruption')
  const stages = STAGES.filter(name => turns.some(turn => turn.stages.some(stage => stage.name === name)))
  const keys: (readonly [string, string | false])[] = [
    ['customer', has('customer') && 'Customer speaks'],
    ...stages.map(name => [name, STAGE_LABELS[name]] as const),
    ['assistant', has('assistant') && 'Assistant speaks'],
    ['interruption', interruptions.some(({ ignored }) => !ignored) && 'Interruption'],
    ['backoff', interruptions.some(({ silentUntilMs }) => silentUntilMs !== null) && 'Silence after it'],
    ['ignored', interruptions.some(({ ignored }) => ignored) && 'Interruption ignored'],
    ['tool', has('tool') && 'Tool'],
    ['warning', has('warning') && 'Warning'],
    ['failure', has('failure') && 'Failure'],
  ]
  return html`<ul class="legend">${keys.map(([kind, text]) => text !== false && html`<li class="key ${kind}">${text}</li>`)}</ul>`
}
