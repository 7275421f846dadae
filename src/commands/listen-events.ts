import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { describeEvent } from '../listen/describe.ts'
import { journalFolder } from '../listen/journal/journal.ts'
import { type EventRecord, finalOutcomes, hasFailed, loadLine, readEvents } from '../listen/journal/reader.ts'
import { restoreEvent } from '../listen/journal/resend.ts'
import { SecretFiles } from '../listen/journal/secrets.ts'
import type { OutcomeEntry } from '../listen/journal/types.ts'
import { hideAddress, maskText } from '../listen/mask.ts'
import type { Column } from '../output/output.ts'
import { filterOf, filterOptions, nothingFound, outcomeText } from './listen-recorded.ts'

const DEFAULT_LIMIT = 50

interface Row {
  id: string
  at: string
  event: string | null
  callId: string | null
  method: string
  path: string
  summary: string
  bodyBytes: number | null
  malformed: boolean
  duplicateOf: string | null
  /** The event that was sent again. */
  replayOf: string | null
  failed: boolean
  /** What became of it at each target in the end, that of the target which answers first. */
  outcomes: Outcome[]
}

interface Outcome {
  target: string
  /** Null where there was no reply. */
  status: number | null
  /** In short: the status, or what came in its place. */
  result: string
  durationMs: number | null
  /** How often it was sent again. */
  retries: number
}

const columns: Column<Row>[] = [
  { heading: 'TIME', value: ({ at }) => at },
  { heading: 'ID', value: ({ id }) => id },
  { heading: 'EVENT', value: ({ event, method, path }) => event ?? `${method} ${path}` },
  { heading: 'REPLY', value: ({ outcomes: [first] }) => first?.result ?? '-' },
  { heading: 'MS', value: ({ outcomes: [first] }) => durationText(first?.durationMs ?? null) },
  { heading: 'CALL ID', value: ({ callId }) => callId ?? '-' },
  {
    heading: 'WHAT',
    value: ({ summary, duplicateOf, replayOf }) =>
      [
        ...(duplicateOf === null ? [] : [`(again: ${duplicateOf})`]),
        ...(replayOf === null ? [] : [`(replay of ${replayOf})`]),
        summary,
      ]
        .join(' ')
        .trim(),
    wraps: true,
  },
]

export default defineCommand(
  {
    name: 'listen events',
    summary: 'list the events that vapi listen has kept',
    description:
      'From the journal of this folder (.vapi/listen), in the order of their arrival; what vapi listen replay and the inspector sent again stands among them. Secrets in addresses are never shown; --mask hides telephone numbers, e-mail addresses and secrets in the useful line and the path too. The journal itself keeps bodies as they came.',
    args: [],
    options: {
      ...filterOptions,
      failed: { type: 'boolean', summary: 'those that a target did not take' },
      limit: {
        type: 'number',
        placeholder: 'COUNT',
        minimum: 1,
        summary: `the newest so many (default ${DEFAULT_LIMIT})`,
      },
      all: { type: 'boolean', summary: 'no limit' },
      mask: {
        type: 'boolean',
        summary: 'hide telephone numbers, e-mail addresses and secrets in what is shown',
      },
    },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi listen events', does: 'the newest events, and what was answered' },
      { command: 'vapi listen events --failed --since 1h', does: 'what went wrong in the last hour' },
      { command: "vapi listen events --type 'tool-calls,status-*' --json", does: 'some types, as JSON' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ options }, context) => {
    const { output, workingDirectory } = context
    if (options.all && options.limit !== undefined) throw usageError('--all and --limit exclude each other')
    if (options.limit !== undefined && !Number.isInteger(options.limit))
      throw usageError('--limit is a whole number')
    const filter = { ...filterOf(options), failed: options.failed }
    const found = await readEvents(journalFolder(workingDirectory), filter)
    const limit = options.all ? found.length : (options.limit ?? DEFAULT_LIMIT)
    const shown = found.slice(Math.max(0, found.length - limit))
    await output.list(rowsOf(shown, options.mask), columns, ({ id }) => id)
    if (shown.length < found.length)
      output.note(`${found.length - shown.length} older events are left out; --limit or --all shows more`)
    if (found.length === 0) output.note(await nothingFound(context))
    return undefined
  },
)

function durationText(durationMs: number | null): string {
  return durationMs === null ? '-' : String(Math.round(durationMs))
}

async function* rowsOf(records: readonly EventRecord[], mask: boolean): AsyncGenerator<Row> {
  const secrets = new SecretFiles()
  for (const record of records) yield rowOf(record, mask, secrets)
}

async function rowOf(record: EventRecord, mask: boolean, secrets: SecretFiles): Promise<Row> {
  const { event, place } = record
  const { id, atMs, callId, method, requested, bodyBytes, malformed, duplicateOf, replayOf } = event
  const shown = (address: string) => (mask ? maskText(hideAddress(address)) : hideAddress(address))
  const summary = describeEvent(restoreEvent(event, await loadLine(place, secrets)).head)
  return {
    id,
    at: new Date(atMs).toISOString(),
    event: event.event,
    callId,
    method,
    path: shown(requested),
    summary: mask ? maskText(summary) : summary,
    bodyBytes,
    malformed,
    duplicateOf,
    replayOf,
    failed: hasFailed(record),
    outcomes: outcomesOf(record).map(outcome => ({ ...outcome, target: shown(outcome.target) })),
  }
}

function outcomesOf(record: EventRecord): Outcome[] {
  const final = finalOutcomes(record)
  const { to } = record.event
  const targets = [...to, ...[...final.keys()].filter(target => !to.includes(target))]
  return targets.map(target => outcomeOf(target, final.get(target) ?? null))
}

function outcomeOf(target: string, entry: OutcomeEntry | null): Outcome {
  return {
    target,
    status: entry?.type === 'reply' ? entry.status : null,
    result: outcomeText(entry),
    durationMs: entry === null || entry.type === 'attempt' ? null : entry.durationMs,
    retries: entry?.attempt ?? 0,
  }
}
