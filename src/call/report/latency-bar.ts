import { type Html, html } from '../../web/html.ts'
import { STAGES, type Stage, type StageName, type Turn } from './story.ts'
import { STAGE_LABELS, wholeNumber } from './words.ts'

/** The milliseconds of one stage of a turn; null where the turn had no such stage. */
export function stageMs(turn: Turn, name: StageName): number | null {
  if (turn.latency !== null) return turn.latency[`${name}Ms`]
  const stage = turn.stages.find(candidate => candidate.name === name)
  return stage === undefined ? null : stage.toMs - stage.fromMs
}

/** From the end of the customer's speech, or the beginning of the work, to the first sound. */
export function totalMs(turn: Turn): number {
  return turn.latency?.totalMs ?? turn.stages.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
}

/** Where the time before an answer went: a bar in proportion to the call's longest, and the numbers. */
export function latencyBar(turn: Turn, longestMs: number): Html {
  let drawnMs = 0
  const pieces = turn.stages.map(({ name, fromMs, toMs }: Stage) => {
    const piece = html`<rect class="${name}" x="${percent(drawnMs, longestMs)}" width="${percent(toMs - fromMs, longestMs)}" height="10"/>`
    drawnMs += toMs - fromMs
    return piece
  })
  return html`<div class="latency">
<svg class="bar" height="10" aria-hidden="true">${pieces}</svg>
<dl>${STAGES.map(name => number(turn, name))}<div class="total"><dt>Total</dt> <dd>${wholeNumber(totalMs(turn))} ms</dd></div></dl>
</div>`
}

function number(turn: Turn, name: StageName): Html | null {
  const ms = stageMs(turn, name)
  if (ms === null) return null
  return html`<div><dt class="key ${name}">${STAGE_LABELS[name]}</dt> <dd>${wholeNumber(ms)}</dd></div>`
}

/** A share of a whole as SVG takes it, within 0 to 100 %. */
export function percent(part: number, whole: number): string {
  const share = whole > 0 ? (part / whole) * 100 : 0
  return `${Number(Math.min(100, Math.max(0, Number.isFinite(share) ? share : 0)).toFixed(3))}%`
}
