import { clipText, glance, type Html, html, type Piece } from '../../web/html.ts'
import { latencyBar, totalMs } from './latency-bar.ts'
import type {
  AssistantSpeech,
  CustomerSpeech,
  EndpointingDecision,
  Interruption,
  Story,
  ToolUse,
  Turn,
  TurnItem,
} from './story.ts'
import { clockTime, DECIDERS, endingInWords, inLine, SIGNS, SOURCES, turnName, wholeNumber } from './words.ts'

/** Longer texts are cut on the page, and say so; the call's folder has them whole. In characters. */
const TEXT_LIMIT = 20_000
const GLANCE_LIMIT = 90

interface Context {
  story: Story
  longestMs: number
  /** True where moments can be listened to. */
  playable: boolean
}

/** The call turn by turn: who said what and when, who decided, and where the time went. */
export function conversation(story: Story, playable: boolean): Html {
  const longestMs = story.turns.reduce((longest, turn) => Math.max(longest, totalMs(turn)), 0)
  const context: Context = { story, longestMs, playable }
  const { ended } = story
  const close =
    ended === null
      ? html`<p class="muted">The events end here, before the end of the call.</p>`
      : html`<span class="time">${clockTime(ended.atMs)}</span> <div><p>${endingInWords(ended.endedReason)}.</p>${ended.endedMessage !== null && said(ended.endedMessage)}</div>`
  return html`<section id="conversation" aria-labelledby="conversation-name">
<h2 id="conversation-name">Conversation</h2>
${story.turns.length === 0 ? html`<p class="muted">Nobody spoke.</p>` : html`<ol class="turns">${story.turns.map(turn => turnView(turn, context))}</ol>`}
<div class="close">${close}</div>
</section>`
}

function turnView(turn: Turn, context: Context): Html {
  const id = `turn-${turn.number}`
  const firstSound = turn.items.findIndex(item => item.type === 'assistant')
  const items: Piece[] = turn.items.map(item => itemView(item, turn, context))
  if (turn.stages.length > 0 && turn.answered)
    items.splice(firstSound, 0, html`<li>${latencyBar(turn, context.longestMs)}</li>`)
  return html`<li class="turn" id="${id}"><article aria-labelledby="${id}-name">
<h3 id="${id}-name"><a href="#${id}" data-seek="${turn.fromMs / 1000}">${turnName(turn)}</a></h3>
<ol class="items">${items}</ol>${verdict(turn, context)}
</article></li>`
}

/** What became of a turn without an answer. */
function verdict(turn: Turn, { story }: Context): Html | null {
  if (turn.answered || turn.number === 0) return null
  const isLast = story.turns.at(-1) === turn
  const text = turn.takenBack
    ? 'Not answered: the customer spoke on, and these words became part of the next turn.'
    : turn.endedMs === null
      ? 'This turn had not ended when the call did.'
      : isLast
        ? 'Not answered before the end of the call.'
        : 'Nothing was said to this.'
  return html`<p class="verdict muted">${text}</p>`
}

function itemView(item: TurnItem, turn: Turn, context: Context): Html {
  switch (item.type) {
    case 'customer':
      return row(item, 'customer', 'Customer', customerView(item), turn, context)
    case 'assistant':
      return row(item, 'assistant', 'Assistant', assistantView(item, turn, context), turn, context)
    case 'tool':
      return row(item, 'tool', 'Tool', toolView(item), turn, context)
    case 'decision':
      return html`<li class="aside">${decisionText(item, turn)}</li>`
    case 'interruption':
      return row(item, item.ignored ? 'ignored' : 'interruption', '', interruptionText(item), turn, context)
    case 'warning':
      return row(item, 'warning', 'Warning', said(item.text), turn, context)
    case 'failure':
      return row(item, 'failure', 'Failure', said(item.text), turn, context)
  }
}

function row(
  { fromMs }: TurnItem,
  kind: string,
  who: string,
  content: Piece,
  turn: Turn,
  { playable }: Context,
): Html {
  const time = clockTime(fromMs)
  const moment = playable
    ? html`<a class="time" href="#turn-${turn.number}" data-seek="${fromMs / 1000}">${time}</a>`
    : html`<span class="time">${time}</span>`
  return html`<li class="row ${kind}">${moment} <span class="who">${who}</span> <div>${content}</div></li>`
}

/** A text of the call: of unknown language and direction, kept apart from what surrounds it. */
function said(text: string): Html {
  return html`<p class="said" lang="" dir="auto">${clipText(text, TEXT_LIMIT)}</p>`
}

function customerView(speech: CustomerSpeech): Piece {
  const remarks = [
    speech.typed && 'typed',
    speech.acknowledgement && 'an acknowledgement, not a turn',
    !speech.final && speech.text !== '' && 'unfinished transcript',
    speech.confidence !== null && `confidence ${speech.confidence.toFixed(2)}`,
    speech.toMs === null && 'still speaking when the record ends',
  ].filter(remark => remark !== false)
  const words = speech.text === '' ? html`<p class="muted">Sound without words</p>` : said(speech.text)
  return [words, remarks.length > 0 && html`<p class="remark">${remarks.join(' · ')}</p>`]
}

function assistantView(speech: AssistantSpeech, turn: Turn, { story }: Context): Piece {
  const isLast = story.turns.at(-1) === turn
  const endings: Record<AssistantSpeech['ending'], string | null> = {
    completed: null,
    interrupted: null,
    stopped: isLast ? 'cut off by the end of the call' : 'taken back: the customer spoke on',
    open: 'still speaking when the record ends',
  }
  const remarks = [
    SOURCES[speech.source],
    endings[speech.ending],
    speech.ending !== 'completed' &&
      speech.ending !== 'open' &&
      speech.heard === '' &&
      'nothing of it was heard',
    speech.ending !== 'open' && speech.unheard !== '' && 'the struck words were not heard',
  ].filter(remark => typeof remark === 'string')
  const unheard =
    speech.unheard === ''
      ? null
      : speech.ending === 'open'
        ? clipText(speech.unheard, TEXT_LIMIT)
        : html`<s><span class="unseen">Not heard: </span>${clipText(speech.unheard, TEXT_LIMIT)}</s>`
  return [
    html`<p class="said" lang="" dir="auto">${clipText(speech.heard, TEXT_LIMIT)}${unheard}</p>`,
    remarks.length > 0 && html`<p class="remark">${remarks.join(' · ')}</p>`,
  ]
}

function toolView(tool: ToolUse): Piece {
  const given = JSON.stringify(tool.arguments)
  const answer = tool.error ?? tool.result
  const took = tool.toMs === null ? 'no answer' : `${wholeNumber(tool.toMs - tool.fromMs)} ms`
  return html`<details><summary><code><b>${inLine(tool.name)}</b> ${glance(given, GLANCE_LIMIT)}</code> <span class="${tool.error === null ? 'muted' : 'alarm'}">${tool.error === null ? took : `failed after ${took}`}</span></summary>
<h4>Arguments</h4><pre lang="" dir="auto">${clipText(JSON.stringify(tool.arguments, null, 2), TEXT_LIMIT)}</pre>
${answer !== null && html`<h4>${tool.error === null ? 'Result' : 'Error'}</h4><pre lang="" dir="auto">${clipText(indented(answer), TEXT_LIMIT)}</pre>`}
</details>`
}

/** A result that is JSON is easier to read on several lines. */
function indented(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function decisionText(decision: EndpointingDecision, turn: Turn): string {
  const { by, waitMs, detail, outcome } = decision
  const reason = detail === '' ? '' : ` (${inLine(detail)})`
  const ending = {
    ended: turn.endedMs === null ? '' : `; the turn ended at ${clockTime(turn.endedMs)}`,
    overtaken: '; the customer went on',
    open: '; not yet over when the record ends',
  }[outcome]
  return `${DECIDERS[by] ?? by}: wait ${wholeNumber(waitMs)} ms after the speech${reason}${ending}`
}

function interruptionText({ by, ignored, reason, silentUntilMs }: Interruption): Html {
  const sign = SIGNS[by] ?? by
  if (ignored) return html`<p class="remark">Interruption ignored: ${inLine(reason)} (${sign})</p>`
  const silence = silentUntilMs === null ? '' : `; the assistant is silent until ${clockTime(silentUntilMs)}`
  return html`<p class="remark alarm">Interrupted by the customer (${sign})${silence}</p>`
}
