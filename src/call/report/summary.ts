import { type Html, html } from '../../web/html.ts'
import { stageMs, totalMs } from './latency-bar.ts'
import { itemsOf, STAGES, type Story, type Turn } from './story.ts'
import { STAGE_LABELS, turnName, wholeNumber } from './words.ts'

/** The call in figures: counts, and average and slowest latency by stage over the answers that were measured. */
export function summary(story: Story): Html {
  const items = story.turns.flatMap(turn => turn.items)
  const interruptions = itemsOf(items, 'interruption')
  const tools = itemsOf(items, 'tool')
  const failedTools = tools.filter(({ error }) => error !== null).length
  const ignored = interruptions.filter(interruption => interruption.ignored).length
  const figures: [string, string | number][] = [
    ['Turns', story.turns.filter(({ endedMs }) => endedMs !== null).length],
    ['Interruptions', interruptions.length - ignored],
    ['Interruptions ignored', ignored],
    ['Tool calls', failedTools === 0 ? tools.length : `${tools.length}, ${failedTools} failed`],
    ['Warnings', itemsOf(items, 'warning').length],
    ['Failures', itemsOf(items, 'failure').length],
  ]
  return html`<section aria-labelledby="summary-name">
<h2 id="summary-name">Figures</h2>
<dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${latencyTable(measuredTurns(story))}
</section>`
}

/** The turns whose latency the engine measured. */
export function measuredTurns(story: Story): Turn[] {
  return story.turns.filter(({ latency }) => latency !== null)
}

export function averageMs(turns: readonly Turn[], of: (turn: Turn) => number): number {
  return turns.reduce((sum, turn) => sum + of(turn), 0) / turns.length
}

function latencyTable(turns: readonly Turn[]): Html {
  if (turns.length === 0) return html`<p class="muted">No answer was measured.</p>`
  const stages = STAGES.map(name => row(STAGE_LABELS[name], name, turns, turn => stageMs(turn, name) ?? 0))
  return html`<table class="latencies">
<caption>Latency of ${turns.length === 1 ? 'one answer' : `${turns.length} answers`}, in milliseconds</caption>
<thead><tr><th scope="col">Stage</th><th scope="col" class="number">Average</th><th scope="col" class="number">Slowest</th><th scope="col">In</th></tr></thead>
<tbody>${stages}</tbody>
<tfoot>${row('Total', 'total', turns, totalMs)}</tfoot>
</table>`
}

function row(label: string, kind: string, turns: readonly Turn[], of: (turn: Turn) => number): Html {
  const slowest = turns.reduce((slow, turn) => (of(turn) > of(slow) ? turn : slow))
  return html`<tr><th scope="row"><span class="key ${kind}">${label}</span></th><td class="number">${wholeNumber(averageMs(turns, of))}</td><td class="number">${wholeNumber(of(slowest))}</td><td><a href="#turn-${slowest.number}">${turnName(slowest)}</a></td></tr>
`
}
