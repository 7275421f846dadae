import { setTimeout as wait } from 'node:timers/promises'
import { createLogReader, type LogReader, type LogRequest, type LogView } from '../api/logs/collect.ts'
import { entryJson, type LogEntry } from '../api/logs/entry.ts'
import { followLogs } from '../api/logs/follow.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import type { Column, Output } from '../output/output.ts'
import { printable, renderTsv } from '../output/table.ts'
import { callOption, filterOf, type LogsChoices, limitOf, logsOptions } from './logs-options.ts'

const sources =
  'From what the server has: its own log (GET /logs, which the hosted platform has dropped), the records of calls, and the logs of single calls; what is missing is said. Oldest first.'

const shared = {
  formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
  needsLogin: true,
  destructive: false,
} as const

export const logsList = defineCommand(
  {
    ...shared,
    name: 'logs list',
    summary: 'show everything that is known to have happened, in order of time',
    description: sources,
    args: [],
    options: { ...logsOptions, ...callOption },
    examples: [
      { command: 'vapi logs list --since 2h', does: 'the last two hours' },
      { command: 'vapi logs list -f --level warn', does: 'what goes wrong, as it happens' },
    ],
  },
  ({ options }, context) => showLogs('list', options, options.call, context),
)

export const logsCalls = defineCommand(
  {
    ...shared,
    name: 'logs calls',
    summary: 'show how calls went, or everything about one of them',
    description: `Of one call: its log, its conversation, its beginning and end. ${sources}`,
    args: [{ name: 'id', summary: 'the call’s id', required: false }],
    options: logsOptions,
    examples: [
      { command: 'vapi logs calls --since 1d', does: 'what began and ended, and why' },
      { command: 'vapi logs calls 0199a3d2-… --level warn', does: 'what went wrong in a call' },
      { command: 'vapi logs calls 0199a3d2-… -f', does: 'follow one call until its log is complete' },
    ],
  },
  ({ args: [id], options }, context) => showLogs('calls', options, id, context),
)

export const logsErrors = defineCommand(
  {
    ...shared,
    name: 'logs errors',
    summary: 'show calls that ended by a fault, with the reason explained, and lines of errors',
    description: `Customers who hang up or do not answer are no faults. ${sources}`,
    args: [],
    options: { ...logsOptions, ...callOption },
    examples: [{ command: 'vapi logs errors --since 1d', does: 'what broke since yesterday' }],
  },
  ({ options }, context) => showLogs('errors', options, options.call, context),
)

export const logsWebhooks = defineCommand(
  {
    ...shared,
    name: 'logs webhooks',
    summary: 'show messages that were delivered to servers, as far as the server tells',
    description: `Where the server has no log of its own, lines about deliveries in the logs of the newest calls. ${sources}`,
    args: [],
    options: { ...logsOptions, ...callOption },
    examples: [{ command: 'vapi logs webhooks --since 1h', does: 'deliveries of the last hour' }],
  },
  ({ options }, context) => showLogs('webhooks', options, options.call, context),
)

async function showLogs(
  view: LogView,
  options: LogsChoices,
  callId: string | undefined,
  context: Context,
): Promise<undefined> {
  const { output, signal } = context
  const limit = limitOf(options)
  if (view === 'webhooks' && options.type !== undefined && options.type !== 'webhook')
    throw usageError('logs webhooks shows webhooks alone', 'vapi logs list --type TYPE')
  const { format } = output.options
  if (options.follow && (format === 'yaml' || format === 'id'))
    throw usageError(`--follow cannot print ${format}`, 'use --output table, tsv or json')
  const api = await context.api()
  const request: LogRequest = { view, filter: await filterOf(options, callId, api, Date.now()), limit }
  const say = (text: string) => output.note(text)
  const reader = createLogReader(api, say)
  if (options.follow) {
    const intervalMs = (options.interval ?? 5) * 1000
    const batches = followLogs(request, {
      reader,
      now: () => Date.now(),
      sleep: (ms, until) => wait(ms, undefined, { signal: until }).catch(() => {}),
      intervalMs,
      signal,
      say,
    })
    for await (const entries of batches)
      for (const entry of entries) await printOne(output, entry, callId === undefined)
    return
  }
  await printAll(reader, request, callId, output)
}

async function printAll(
  reader: LogReader,
  request: LogRequest,
  callId: string | undefined,
  output: Output,
): Promise<void> {
  const progress = output.progress('reading logs')
  const { entries, cut } = await reader.read(request).finally(() => progress.stop())
  if (output.isJson || output.options.format === 'yaml') await output.document(entries.map(entryJson))
  else await output.list(entries, columnsOf(callId === undefined), ({ callId: id }) => id ?? '')
  if (cut) output.note(`older entries are left out (--limit ${request.limit}); --all shows them`)
  if (entries.length === 0) output.note(nothingFound(request))
}

function nothingFound({ view }: LogRequest): string {
  if (view === 'errors') return 'no call ended by a fault, and no error is known'
  if (view === 'webhooks')
    return 'no delivery is known: neither the server’s log nor the logs of these calls name one; the log of the server that receives them does'
  return 'nothing is known of that time'
}

async function printOne(output: Output, entry: LogEntry, withCall: boolean): Promise<void> {
  if (output.isJson) return output.event(entryJson(entry))
  const cells = columnsOf(withCall).map(column => column.value(entry))
  const { format } = output.options
  if (format === 'tsv' || (format === null && !output.streams.stdoutIsTerminal))
    return output.text(renderTsv([cells]))
  const [time = '', level = '', type = '', ...rest] = cells.map(printable)
  output.text(`${[time, level.padEnd(5), type.padEnd(8), ...rest].join('  ')}\n`)
}

/** `withCall`: the entries may be of different calls. */
function columnsOf(withCall: boolean): Column<LogEntry>[] {
  return [
    { heading: 'TIME', value: ({ atMs }) => (atMs === null ? '-' : new Date(atMs).toISOString()) },
    { heading: 'LEVEL', value: ({ level }) => level },
    { heading: 'TYPE', value: ({ type }) => type },
    ...(withCall ? [{ heading: 'CALL ID', value: ({ callId }: LogEntry) => callId ?? '-' }] : []),
    { heading: 'TEXT', value: ({ text }) => text, wraps: true },
  ]
}
