/** The report's own look, after the shell's. Stages and speakers have one colour each, everywhere. */
export const reportStyles = `
:root {
  --customer: #4a5462;
  --assistant: var(--accent);
  --endpointing: #12858c;
  --model: #8248b8;
  --voice: #b96a05;
  --wait: #8b95a3;
  --tool: #4d7a1f;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --customer: #aab4c2;
    --endpointing: #3fb8bd;
    --model: #bd8ff0;
    --voice: #e8a23c;
    --wait: #77818f;
    --tool: #9ccb62;
  }
}
.eyebrow { color: var(--muted); font-size: .875rem; margin-bottom: .25rem }
dt { color: var(--muted); font-size: .875rem }
.facts, .parts, .figures { display: flex; flex-wrap: wrap; gap: 1rem 2.75rem }
.facts { margin-top: 1.75rem }
.facts dd { font-size: 1.05rem }
.facts code { display: inline-block; margin-left: .35rem }
.parts { margin-top: 1.5rem; padding-top: 1.25rem; border-top: 1px solid var(--line) }
.parts dd { font-size: .9375rem }
.figures { margin-bottom: 1.75rem }
.figures dd { font-size: 1.4rem; line-height: 1.3; font-variant-numeric: tabular-nums }

.player { position: sticky; top: 0; z-index: 2; margin-top: 2.5rem; padding: .75rem 0; background: var(--paper); border-bottom: 1px solid var(--line) }
.player audio { display: block; width: 100%; height: 2.75rem }
.player p { font-size: .8125rem; margin-top: .35rem }

.timeline { min-width: 40rem }
.line { display: flex }
.line + .line { margin-top: 1rem }
.lanes { flex: none }
.time-line { flex: 1; min-width: 0; overflow: visible }
.timeline text { fill: var(--muted); font-size: 12px }
.grid line { stroke: var(--line) }
.timeline a { cursor: pointer; text-decoration: none }
.band { fill: transparent }
.timeline a:hover .band { fill: var(--accent); fill-opacity: .07 }
.timeline a:focus-visible { outline: none }
.timeline a:focus-visible .band { stroke: var(--accent); stroke-width: 2 }
.timeline .begin { stroke: var(--muted); stroke-opacity: .55 }
.timeline .name { fill: var(--ink); font-weight: 600; transform: translateX(5px) }
.timeline .name.left { text-anchor: end; transform: translateX(-5px) }
.timeline .playhead { stroke: var(--ink); stroke-width: 1.5; pointer-events: none }
.customer { fill: var(--customer); --key: var(--customer) }
.assistant { fill: var(--assistant); --key: var(--assistant) }
.endpointing { fill: var(--endpointing); --key: var(--endpointing) }
.model { fill: var(--model); --key: var(--model) }
.voice { fill: var(--voice); --key: var(--voice) }
.wait { fill: var(--wait); --key: var(--wait) }
.tool { fill: var(--tool); --key: var(--tool) }
rect.tool.failed { fill: var(--alarm) }
rect.backoff { fill: none; stroke: var(--alarm); stroke-dasharray: 3 3 }
line.interruption { stroke: var(--alarm); stroke-width: 2.5 }
line.ignored { stroke: var(--muted); stroke-width: 2; stroke-dasharray: 3 3 }
circle.failure { fill: var(--alarm); stroke: var(--paper) }
circle.warning { fill: var(--paper); stroke: var(--alarm); stroke-width: 2 }

.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 1rem; color: var(--muted); font-size: .8125rem }
.key::before { content: ""; display: inline-block; width: .7em; height: .7em; margin-right: .45em; border-radius: 2px; background: var(--key) }
.key.interruption::before { width: 3px; background: var(--alarm) }
.key.ignored::before { width: 0; border-left: 2px dashed var(--muted); border-radius: 0 }
.key.backoff::before { background: none; border: 1px dashed var(--alarm) }
.key.warning::before { background: none; border: 2px solid var(--alarm); border-radius: 50% }
.key.failure::before { background: var(--alarm); border-radius: 50% }
.key.total::before { background: none }

.turn { padding: 1.5rem 0; border-top: 1px solid var(--line) }
.turn:target { margin-left: -.75rem; padding-left: calc(.75rem - 3px); border-left: 3px solid var(--accent) }
.turn h3 { margin-bottom: .75rem }
.turn h3 a { color: inherit; text-decoration: none }
.turn h3 a:hover { text-decoration: underline }
.row { display: grid; grid-template-columns: 4.75rem 5.75rem minmax(0, 1fr); align-items: baseline; padding: .3rem 0 }
.time { color: var(--muted); font-variant-numeric: tabular-nums; font-size: .875rem }
a.time { text-decoration: none }
a.time:hover { color: var(--accent); text-decoration: underline }
.who { font-size: .875rem; font-weight: 600; color: var(--key) }
.row.warning, .row.failure { --key: var(--alarm) }
.said { white-space: pre-line }
.said s { color: var(--muted) }
.remark, .aside, .verdict { color: var(--muted); font-size: .875rem }
.aside, .verdict, .latency { margin-left: 10.5rem }
.aside { padding: .1rem 0 }
.verdict { padding-top: .35rem }
.alarm { color: var(--alarm) }
.latency { padding: .65rem 0 .75rem }
.bar { display: block; width: 100%; background: var(--panel) }
.latency dl { display: flex; flex-wrap: wrap; gap: .1rem 1.4rem; margin-top: .4rem; font-size: .875rem; font-variant-numeric: tabular-nums }
.latency dl div { display: flex; gap: .45em }
.latency .total { margin-left: auto; font-weight: 600 }
.latency .total dt { color: inherit }
.close { padding-top: 1.25rem; border-top: 1px solid var(--line) }
.close { display: flex }
.close .time { flex: none; width: 10.5rem }
h4 { margin: .75rem 0 .25rem; font-size: .8125rem; font-weight: 500; color: var(--muted) }
pre { padding: .75rem 1rem; background: var(--panel); border-radius: 4px; max-height: 24rem; overflow: auto }
caption { text-align: left; color: var(--muted); font-size: .875rem; padding-bottom: .5rem }
.latencies, .costs { max-width: 34rem }
.outcome > div + div { margin-top: .75rem }
.outcome + .costs { margin-top: 1.5rem }
.costs td:last-child, .costs td:nth-child(2) { font-variant-numeric: tabular-nums; white-space: nowrap }
.costs th[scope=row] { font-weight: 400; overflow-wrap: anywhere }
.costs tfoot th[scope=row], .costs tfoot td { font-weight: 600; border-bottom: 0 }
.latencies th[scope=row] { font-weight: 400 }
.latencies tfoot th[scope=row], .latencies tfoot td { font-weight: 600; border-bottom: 0 }
.events table { margin-top: 1rem; font-size: .8125rem }
.events th, .events td:nth-child(-n+2) { white-space: nowrap }
.events i { color: var(--muted); font-style: normal }
footer { margin-top: 3.25rem; color: var(--muted); font-size: .8125rem }

@media (max-width: 40rem) {
  .facts, .parts { gap: .75rem 2rem }
  .row { grid-template-columns: auto 1fr; gap: 0 .75rem; padding: .45rem 0 }
  .row > div { grid-column: 1 / -1 }
  .aside, .verdict, .latency { margin-left: 0 }
  .close .time { width: auto; margin-right: .5rem }
  .latency .total { margin-left: 0 }
}
@media print {
  .player { display: none }
  .timeline { min-width: 0 }
  .turn, .line { break-inside: avoid }
  h2, h3 { break-after: avoid }
  .row details::details-content { content-visibility: visible; height: auto }
  pre { max-height: none; overflow: visible }
  .record { display: none }
}
`
