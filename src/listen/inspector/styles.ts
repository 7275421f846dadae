/** The inspector's own look, after the shell's: a list and what is open of it, each scrolled by itself. */
export const inspectorStyles = `
:root {
  --good: #1a7f4b;
  --caution: #8a5a00;
  --soft: #eef2f9;
  --chosen: #e4edfb;
  --customer: #eceff3;
  --assistant: #e4edfb;
  --string: #0b6b5e;
  --number: #8248b8;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --good: #5fc68f;
    --caution: #e5b04b;
    --soft: #20262f;
    --chosen: #22324c;
    --customer: #252b33;
    --assistant: #1f2f49;
    --string: #6fd0c0;
    --number: #c9a4f5;
  }
}
html, body { height: 100% }
body { font-size: .875rem; line-height: 1.5; overflow: hidden }
[hidden] { display: none !important }
#app { height: 100%; display: flex; flex-direction: column }
section { margin: 0 }
h1 { font-size: .9375rem; letter-spacing: 0 }
h2 { font-size: 1.25rem; margin: 0 }
h3 { font-size: .875rem }
h2:focus { outline: none }
h2:focus-visible { outline: 2px solid var(--accent); outline-offset: 4px }
code, pre, textarea { font: .8125rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace }
button, input, select, textarea { font: inherit; color: inherit }
textarea { font: .8125rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace }
button, select, input[type=search], input[type=text] {
  min-height: 2rem;
  padding: .2rem .7rem;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--paper);
}
button { cursor: pointer; white-space: nowrap }
button:hover:not(:disabled) { border-color: var(--muted) }
button:disabled { opacity: .55; cursor: default }
button.main { background: var(--accent); border-color: var(--accent); color: var(--paper); font-weight: 600 }
button.main:hover:not(:disabled) { filter: brightness(1.08) }
button.link { min-height: 0; padding: 0; border: 0; background: none; color: var(--accent); border-radius: 2px }
button.link:hover { text-decoration: underline }
.alarm { color: var(--alarm) }
.good { color: var(--good) }
.caution { color: var(--caution) }

.top { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.25rem; padding: .6rem 1.25rem; border-bottom: 1px solid var(--line) }
.where { display: flex; flex-wrap: wrap; gap: .1rem .75rem; font-variant-numeric: tabular-nums; flex: 1; min-width: 0 }
.connection { font-size: .8125rem; color: var(--muted) }
.connection::before { content: ""; display: inline-block; width: .55rem; height: .55rem; margin-right: .45rem; border-radius: 50%; background: var(--caution) }
.connection.live::before { background: var(--good) }
.connection.lost, .connection.refused { color: var(--alarm) }
.connection.lost::before, .connection.refused::before { background: var(--alarm) }

main { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(20rem, 27rem) minmax(0, 1fr) }
main.start { display: block }
.start { padding: 3.5rem 2.5rem; max-width: 46rem }
.start > * + * { margin-top: .6rem }
.side { display: flex; flex-direction: column; min-height: 0; border-right: 1px solid var(--line); background: var(--panel) }
.switch { display: flex; padding: .75rem .75rem 0 }
.switch button { flex: 1; border-radius: 0; background: none }
.switch button:first-child { border-radius: 6px 0 0 6px }
.switch button:last-child { border-radius: 0 6px 6px 0; margin-left: -1px }
.switch button[aria-pressed=true] { background: var(--chosen); border-color: var(--accent); font-weight: 600; z-index: 1 }
.filters { display: block; padding: .6rem .75rem 0 }
.filters input[type=search] { width: 100% }
.choices { display: flex; align-items: center; gap: .5rem; margin-top: .5rem }
.choices select { flex: 1 1 0; min-width: 0; padding: .2rem .4rem }
.choices label { display: flex; align-items: center; gap: .35rem; white-space: nowrap }
input[type=checkbox], input[type=radio] { accent-color: var(--accent); width: 1rem; height: 1rem; margin: 0 }
.list { position: relative; flex: 1; min-height: 0; margin-top: .75rem; border-top: 1px solid var(--line) }
.rows { position: absolute; inset: 0; overflow: auto; background: var(--paper); overflow-anchor: none }
.rows:focus-visible { outline-offset: -2px }
.rows[data-empty]:not([data-empty=""])::before { content: attr(data-empty); display: block; padding: 1.5rem 1.25rem; color: var(--muted) }
.rows[data-empty]:has(.row)::before { display: none !important }
.space { position: relative }
.row {
  position: absolute;
  inset: 0 0 auto;
  height: 52px;
  padding: .4rem .9rem 0 2rem;
  border-bottom: 1px solid var(--line);
  cursor: pointer;
  contain: strict;
}
.row:hover { background: var(--soft) }
.row[aria-selected=true] { background: var(--chosen); box-shadow: inset 3px 0 var(--accent) }
.dot { position: absolute; left: .9rem; top: .85rem; width: .55rem; height: .55rem; border-radius: 50%; background: var(--good) }
.dot.failed { background: var(--alarm); border-radius: 1px }
.dot.warned { background: var(--caution) }
.dot.waiting { background: none; border: 1.5px solid var(--muted) }
.first, .second { display: flex; align-items: baseline; gap: .5rem; white-space: nowrap }
.type { font-weight: 600; overflow: hidden; text-overflow: ellipsis }
.outcome { margin-left: auto; color: var(--muted); font-size: .8125rem; font-variant-numeric: tabular-nums }
.outcome.alarm { color: var(--alarm) }
.second { color: var(--muted); font-size: .8125rem }
.second time { font-variant-numeric: tabular-nums }
.second .line { overflow: hidden; text-overflow: ellipsis }
.tag { flex: none; padding: 0 .4rem; border: 1px solid currentColor; border-radius: 4px; font-size: .6875rem; line-height: 1.35; color: var(--muted) }
.tag.alarm { color: var(--alarm) }
.tag.caution { color: var(--caution) }
.fresh { position: absolute; z-index: 2; top: .5rem; left: 50%; transform: translateX(-50%); background: var(--accent); border-color: var(--accent); color: var(--paper); border-radius: 2rem; min-height: 1.75rem }
.side footer { display: flex; justify-content: space-between; padding: .4rem .9rem; border-top: 1px solid var(--line); font-size: .8125rem; color: var(--muted); font-variant-numeric: tabular-nums }

.open { min-width: 0; overflow: auto; container: open / inline-size }
.back { display: none; margin: 1rem 1.5rem 0 }
.content { padding: 1.5rem 1.75rem 3rem }
.content > .start { padding: 1.5rem 0 }
.event-head { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 1rem 2rem }
.event-head > div:first-child { flex: 1 1 20rem; min-width: 0 }
.summary { margin-top: .15rem; font-size: 1rem }
.meta { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin-top: .35rem; color: var(--muted); font-size: .8125rem; font-variant-numeric: tabular-nums }
.meta code, .meta .link { font-size: inherit }
.mark { padding: 0 .45rem; border: 1px solid var(--line); border-radius: 4px }
.acts { display: flex; gap: .6rem }
.failure { margin-bottom: 1rem }
.timing { margin-top: 1.1rem }
.bar { position: relative; height: .5rem; margin-top: .35rem; background: var(--panel); box-shadow: inset 0 0 0 1px var(--line); border-radius: 3px }
.used { position: absolute; inset: 0 auto 0 0; background: var(--good); border-radius: 3px }
.failed .used { background: var(--caution) }
.late .used { background: var(--alarm) }
.limit { position: absolute; top: -.25rem; bottom: -.25rem; width: 2px; margin-left: -2px; background: var(--ink) }
.late p, .late .muted { color: var(--alarm) }
.findings { margin-top: 1.1rem; border: 1px solid var(--line); border-radius: 8px; overflow: hidden }
.findings li { display: grid; grid-template-columns: 5rem 1fr; gap: .5rem; padding: .55rem .9rem; border-left: 4px solid var(--caution) }
.findings li + li { border-top: 1px solid var(--line) }
.findings li.error { border-left-color: var(--alarm) }
.findings strong { color: var(--caution) }
.findings .error strong { color: var(--alarm) }
.fix { color: var(--muted) }
.panes { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; margin-top: 1.25rem; align-items: start }
@container open (min-width: 52rem) { .panes { grid-template-columns: repeat(2, minmax(0, 1fr)) } }
.pane { border: 1px solid var(--line); border-radius: 8px; overflow: hidden }
.pane > header { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem .75rem; padding: .5rem .9rem 0; background: var(--panel); border-bottom: 1px solid var(--line) }
.facts { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .7rem; flex: 1; min-width: 0; color: var(--muted); font-size: .8125rem; font-variant-numeric: tabular-nums }
.facts select { min-height: 0; padding: 0 .25rem; max-width: 100% }
.pane > header > button { min-height: 1.6rem; padding: 0 .5rem; margin-left: auto; font-size: .8125rem }
.tabs { order: 3; flex: 1; display: flex; gap: 1.1rem; margin: 0 }
.pane > header > button { order: 4 }
.pane > header > h3 { flex: none }
.pane > header::after { content: ""; order: 2; flex-basis: 100%; height: 0 }
.tabs button { min-height: 2rem; padding: 0; border: 0; border-bottom: 2px solid transparent; border-radius: 0; background: none; color: var(--muted) }
.tabs button[aria-selected=true] { color: var(--ink); border-bottom-color: var(--accent); font-weight: 600 }
.panel { padding: .75rem .9rem; min-height: 5rem }
.panel > * + * { margin-top: .6rem }
.panel pre { max-height: 70vh; overflow: auto; overflow-wrap: anywhere }
.problem p + p { margin-top: .25rem }
.headers th { width: 1%; padding-right: 1.25rem; font-weight: 400; color: var(--muted); white-space: nowrap }
.headers th, .headers td { padding-top: .25rem; padding-bottom: .25rem; font: .8125rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace }
.headers tr:last-child > * { border-bottom: 0 }

.tree { font: .8125rem/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; margin-left: -.35rem }
.tree li { outline: none }
.tree .line { position: relative; display: flex; padding: 0 .35rem 0 1.25rem; border-radius: 4px; white-space: pre-wrap }
.tree .name, .tree .sign { flex: none; max-width: 60% }
.tree .value { min-width: 0 }
.tree .folder > .value:not(.string) { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.tree .line.folder { cursor: pointer }
.tree .line:hover { background: var(--soft) }
.tree li:focus-visible > .line { box-shadow: inset 0 0 0 2px var(--accent) }
.tree .folder::before { content: ""; position: absolute; left: .35rem; top: .45em; border: .3em solid transparent; border-left: .42em solid var(--muted) }
.tree [aria-expanded=true] > .folder::before { transform: rotate(90deg); transform-origin: .2em .3em }
.tree [role=group] { margin-left: .62rem; padding-left: .55rem; border-left: 1px solid var(--line) }
.tree .name { color: var(--accent) }
.tree .sign, .tree .value { color: var(--muted) }
.tree .string { color: var(--string) }
.tree .number, .tree .boolean { color: var(--number) }
.tree [aria-expanded=true] > .line > .value:not(.string) { visibility: hidden }
.tree .more { cursor: pointer; color: var(--accent) }

.items { margin-top: 1.5rem; display: flex; flex-direction: column; gap: .7rem; max-width: 50rem }
.items .at { margin-left: auto; color: var(--muted); font-size: .75rem; font-variant-numeric: tabular-nums }
.who { display: flex; align-items: baseline; gap: .75rem; font-size: .75rem; font-weight: 600; color: var(--muted) }
.said { max-width: 80%; padding: .5rem .85rem .6rem; border-radius: 12px; background: var(--assistant) }
.said.user { align-self: flex-end; background: var(--customer) }
.said.assistant { align-self: flex-start; border-bottom-left-radius: 3px }
.said.user { border-bottom-right-radius: 3px }
.said.system { background: none; border: 1px dashed var(--line) }
.said .words { font-size: .9375rem; white-space: pre-line }
.partial .words { color: var(--muted); font-style: italic }
.tool, .end { padding: .55rem .85rem .65rem; border: 1px solid var(--line); border-left: 3px solid var(--good); border-radius: 6px }
.tool.waiting { border-left-color: var(--muted) }
.tool.failed { border-left-color: var(--alarm) }
.tool.failed .result { color: var(--alarm) }
.tool pre { margin-top: .25rem; max-height: 10rem; overflow: auto }
.tool .result { margin-top: .25rem }
.tool code { color: var(--ink) }
.end { border-left-color: var(--accent) }
.label { font-weight: 600 }
.note p { display: flex; gap: .6rem; color: var(--muted); font-size: .8125rem }
.note.failed .label { color: var(--alarm) }
.speaking { margin-top: .75rem; min-height: 1.5rem; font-style: italic }

dialog.send { width: min(60rem, calc(100vw - 2rem)); max-height: calc(100dvh - 2rem); padding: 0; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); color: var(--ink) }
dialog.send::backdrop { background: rgb(0 0 0 / .45) }
dialog.send form { display: flex; flex-direction: column; gap: .75rem; padding: 1.25rem 1.5rem; max-height: calc(100dvh - 2.2rem) }
dialog.send textarea { flex: 1 1 24rem; min-height: 8rem; padding: .75rem; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); resize: vertical; tab-size: 2 }
dialog.send .line { display: flex; align-items: center; gap: .5rem }
dialog.send .check { flex: 1; color: var(--muted) }
dialog.send .check.alarm { color: var(--alarm) }
fieldset { display: flex; flex-direction: column; gap: .4rem; margin: 0; padding: .6rem .9rem .8rem; border: 1px solid var(--line); border-radius: 6px }
fieldset label { display: flex; align-items: center; gap: .5rem }
fieldset .other { display: flex; align-items: center; gap: .75rem }
fieldset .other input[type=text] { flex: 1 }
dialog.send .acts { justify-content: flex-end }

@media (max-width: 52rem) {
  main { grid-template-columns: minmax(0, 1fr) }
  .side { border-right: 0 }
  main:not(.opened) .open, main.opened .side { display: none }
  .back { display: block }
  .content { padding: 1rem 1.5rem 2.5rem }
}
@media (forced-colors: active) {
  .row[aria-selected=true] { outline: 2px solid Highlight; outline-offset: -2px }
  .used { background: CanvasText }
}
`
