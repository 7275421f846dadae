import { clipText, type Html, html } from '../../web/html.ts'
import { renderPage } from '../../web/page.ts'
import type { CallParts, CallRecord, ReportedCall } from '../record.ts'
import { conversation } from './conversation.ts'
import { eventTable } from './events.ts'
import { totalMs } from './latency-bar.ts'
import { outcome } from './outcome.ts'
import { readStory } from './read-story.ts'
import { seekScript } from './script.ts'
import type { Story } from './story.ts'
import { reportStyles } from './styles.ts'
import { averageMs, measuredTurns, summary } from './summary.ts'
import { timeline } from './timeline.ts'
import { dateInWords, endingInWords, inLine, lengthInWords, wholeNumber } from './words.ts'

/** Longer messages of errors are cut, and say so. In characters. */
const MESSAGE_LIMIT = 5000

/**
 * Renders the report of a call: one HTML file that needs nothing beside itself but the recording, if there is one.
 * It takes any first part of a call's observations. Every text of the call is treated as hostile.
 */
export function renderReport({ record, observations, recording }: ReportedCall): string {
  const story = readStory(observations)
  const mediaSource = recording === null ? null : mediaSourceOf(recording)
  const playable = mediaSource !== null
  const name = inLine(record.assistant.name ?? 'Unnamed assistant')
  return renderPage({
    title: `Call with ${name}`,
    styles: reportStyles,
    ...(mediaSource !== null && { script: seekScript, sources: { 'media-src': mediaSource } }),
    body: html`<a class="skip" href="#conversation">Skip to the conversation</a>
<div class="page">
<header>
<p class="eyebrow">Call report</p>
<h1 dir="auto">${name}</h1>
${facts(record, story)}
${parts(record.parts)}
</header>
<main>
${playable && player(recording)}
${timeline(story)}
${conversation(story, playable)}
${summary(story)}
${outcome(record)}
<section class="record" aria-labelledby="events-name"><h2 id="events-name">Events</h2>${eventTable(observations)}</section>
</main>
<footer><p>Call <code>${record.id}</code></p></footer>
</div>`,
  })
}

function facts(record: CallRecord, story: Story): Html {
  const { startedAt, endedReason, endedMessage } = record
  const measured = measuredTurns(story)
  const tookMs = Date.parse(record.endedAt) - Date.parse(startedAt)
  return html`<dl class="facts">
<div><dt>Began</dt><dd>${dateInWords(startedAt)}</dd></div>
<div><dt>Lasted</dt><dd>${lengthInWords(Number.isNaN(tookMs) ? story.lengthMs : tookMs)}</dd></div>
<div><dt>Answered after</dt><dd>${measured.length === 0 ? 'not measured' : `${wholeNumber(averageMs(measured, totalMs))} ms on average`}</dd></div>
<div class="wide"><dt>Ended</dt><dd>${endingInWords(endedReason)} <code class="muted">${inLine(endedReason)}</code>${endedMessage !== undefined && html`<p class="alarm" dir="auto">${clipText(endedMessage, MESSAGE_LIMIT)}</p>`}</dd></div>
</dl>`
}

const PART_LABELS: readonly (readonly [keyof CallParts, string])[] = [
  ['input', 'Input'],
  ['transcriber', 'Transcriber'],
  ['model', 'Model'],
  ['voice', 'Voice'],
  ['output', 'Output'],
]

function parts(taken: CallParts): Html {
  return html`<dl class="parts">${PART_LABELS.map(([key, label]) => html`<div><dt>${label}</dt><dd>${inLine(taken[key])}</dd></div>`)}</dl>`
}

function player(recording: string | null): Html {
  return html`<section class="player" aria-label="Recording"><audio controls preload="metadata" src="${recording}">
</audio><p class="muted">The customer is on the left, the assistant on the right. <span class="lost alarm" hidden>The recording cannot be loaded.</span></p></section>`
}

/** What the policy must allow so that the recording plays; null for what is not a recording's address. */
function mediaSourceOf(recording: string): readonly string[] | null {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(recording)?.[1]?.toLowerCase()
  if (scheme === undefined) return ["'self'", 'file:']
  return ['file', 'http', 'https', 'data', 'blob'].includes(scheme) ? [`${scheme}:`] : null
}
