import { clipText, type Html, html } from '../../web/html.ts'
import type { CallRecord } from '../record.ts'
import { inLine } from './words.ts'

/** Longer texts of analyses are cut, and say so. In characters. */
const TEXT_LIMIT = 5000

/** What was made of the call after its end: analyses, structured outputs, estimated costs. Empty where there is nothing. */
export function outcome(record: CallRecord): Html | false {
  const results = resultsOf(record)
  const costs = costTable(record)
  if (results.length === 0 && costs === false) return false
  return html`<section aria-labelledby="outcome-name"><h2 id="outcome-name">Outcome</h2>
${results.length > 0 && html`<dl class="outcome">${results.map(([name, text]) => html`<div><dt>${inLine(name)}</dt><dd class="said" dir="auto">${clipText(text, TEXT_LIMIT)}</dd></div>`)}</dl>`}
${costs}
</section>`
}

function resultsOf({ analysis, artifact }: CallRecord): [string, string][] {
  const { summary, successEvaluation, structuredData, structuredDataMulti } = analysis ?? {}
  const outputs = Object.values(artifact.structuredOutputs ?? {})
  const skipped = Object.values(artifact.skippedStructuredOutputs ?? {})
  return [
    ...(summary === undefined ? [] : [['Summary', summary] as [string, string]]),
    ...(successEvaluation === undefined ? [] : [['Success', successEvaluation] as [string, string]]),
    ...(structuredData === undefined
      ? []
      : [['Structured data', textOf(structuredData)] as [string, string]]),
    ...(structuredDataMulti ?? []).flatMap(entry =>
      Object.entries(entry).map(([key, data]): [string, string] => [key, textOf(data)]),
    ),
    ...outputs.map(({ name, result }): [string, string] => [name, textOf(result)]),
    ...skipped.map(({ name }): [string, string] => [name, 'skipped: a condition is not met']),
  ]
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')
}

const LABELS: Readonly<Record<string, string>> = {
  transport: 'Transport',
  transcriber: 'Transcriber',
  model: 'Model',
  voice: 'Voice',
  vapi: 'Platform',
  analysis: 'Analysis',
}

function costTable({ costs, cost, costEstimate }: CallRecord): Html | false {
  if (costs === undefined || cost === undefined || costEstimate === undefined) return false
  const { unpriced } = costEstimate
  return html`<table class="costs"><caption>Estimated costs in US dollars, as on the platform. Prices: ${clipText(costEstimate.prices, TEXT_LIMIT)}${unpriced.length > 0 && html`. Without a price: ${inLine(unpriced.join(', '))}`}</caption>
<thead><tr><th scope="col">Part</th><th scope="col">Used</th><th scope="col">Dollars</th></tr></thead>
<tbody>${costs.map(entry => html`<tr><th scope="row">${LABELS[entry.type] ?? inLine(entry.type)}${nameOf(entry)}</th><td>${usedOf(entry)}</td><td>${entry.cost.toFixed(4)}</td></tr>`)}</tbody>
<tfoot><tr><th scope="row">Total</th><td></td><td>${cost.toFixed(4)}</td></tr></tfoot></table>`
}

function nameOf(entry: Readonly<Record<string, unknown>>): string {
  const part = entry.model ?? entry.voice ?? entry.transcriber
  if (typeof part !== 'object' || part === null) return ''
  return ` ${inLine(Object.values(part).map(String).join('/'))}`
}

function usedOf(entry: Readonly<Record<string, unknown>>): string {
  const { minutes, characters, promptTokens, completionTokens } = entry
  if (typeof characters === 'number') return `${characters} characters`
  if (typeof promptTokens === 'number') return `${promptTokens} + ${String(completionTokens)} tokens`
  return typeof minutes === 'number' ? `${minutes.toFixed(2)} min` : ''
}
