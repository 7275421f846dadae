import type { Observation } from '../../engine/observations.ts'
import { clipText, type Html, html } from '../../web/html.ts'

/** Longer fields are cut in the table, and say so. In characters. */
const FIELD_LIMIT = 1000

/** Everything that was observed, as it was, in a table that is folded away. */
export function eventTable(observations: readonly Observation[]): Html {
  const count = observations.length
  if (count === 0) return html`<p class="muted">There are no events.</p>`
  return html`<details class="events">
<summary>${count === 1 ? 'One event' : `${count.toLocaleString('en')} events`}</summary>
<table>
<thead><tr><th scope="col" class="number">Seconds</th><th scope="col">Event</th><th scope="col">Fields</th></tr></thead>
<tbody>
${observations.map(eventRow)}</tbody>
</table>
</details>`
}

function eventRow({ atMs, type, ...fields }: Observation): Html {
  const told = Object.entries(fields).map(([name, value]) => html`<i>${name}</i> ${fieldText(name, value)} `)
  return html`<tr><td class="number">${(atMs / 1000).toFixed(3)}</td><td>${type}</td><td>${told}</td></tr>
`
}

function fieldText(name: string, value: unknown): string {
  // The artifact tells the whole call once more.
  if (name === 'artifact') return 'of the whole call'
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return clipText(text === '' ? '""' : text, FIELD_LIMIT)
}
