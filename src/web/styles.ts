/** The look that all pages share: colours by role, type, spacing, tables, disclosure. Roles are custom properties. */
export const baseStyles = `
:root {
  color-scheme: light;
  --paper: #fff;
  --panel: #f6f7f9;
  --line: #dfe3e8;
  --ink: #171a1f;
  --muted: #59616d;
  --accent: #1f5fc4;
  --alarm: #b42318;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --paper: #14171b;
    --panel: #1c2026;
    --line: #333a44;
    --ink: #e8ebef;
    --muted: #9aa4b2;
    --accent: #7aaaff;
    --alarm: #ff8d80;
  }
}
*, ::before, ::after { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 6rem }
body {
  margin: 0;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: anywhere;
}
.page { max-width: 66rem; margin: 0 auto; padding: 3rem 1.5rem 4rem }
h1, h2, h3, p, dl, dd, ol, ul, figure, pre { margin: 0; padding: 0 }
ol, ul { list-style: none }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.015em }
h2 { font-size: 1.15rem; line-height: 1.3; margin-bottom: 1rem }
h3 { font-size: 1rem; line-height: 1.4 }
section { margin-top: 3.25rem }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: .06em }
a:not(:hover) { text-decoration-color: color-mix(in srgb, currentColor 40%, transparent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px }
code, pre, kbd { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace }
pre { white-space: pre-wrap }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: left; vertical-align: top; padding: .4rem 1rem .4rem 0; border-bottom: 1px solid var(--line) }
th { font-weight: 600 }
th:last-child, td:last-child { padding-right: 0 }
thead th { color: var(--muted); font-size: .875rem; font-weight: 500 }
.number { text-align: right }
.muted { color: var(--muted) }
.scroll { overflow-x: auto }
summary { cursor: pointer }
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
.skip { position: absolute; left: 1rem; top: -4rem; padding: .5rem .75rem; background: var(--paper) }
.skip:focus { top: .5rem; z-index: 3 }
@media (max-width: 40rem) { .page { padding: 1.75rem 1rem 3rem } h1 { font-size: 1.55rem } }
@media print {
  @page { margin: 16mm 14mm }
  html { font-size: 87.5% }
  .page { max-width: none; padding: 0 }
  .skip { display: none }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
`
