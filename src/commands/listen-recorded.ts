/** What the commands have in common that read the journal of `vapi listen`. */

import { parseMoment } from '../api/logs/moment.ts'
import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import type { ExportedEvent } from '../listen/journal/export.ts'
import { journalFolder } from '../listen/journal/journal.ts'
import {
  type EventFilter,
  type EventRecord,
  finalOutcomes,
  findEvent,
  loadLine,
  readEvents,
} from '../listen/journal/reader.ts'
import { SecretFiles } from '../listen/journal/secrets.ts'
import type { OutcomeEntry } from '../listen/journal/types.ts'
import { parsePatterns } from '../listen/routes.ts'
import { type PathMode, pathFor } from '../listen/target.ts'

export const filterOptions = {
  type: { type: 'string', placeholder: 'EVENTS', summary: 'events of these types (tool-calls,status-*)' },
  'call-id': { type: 'string', placeholder: 'ID', summary: 'events of this call' },
  since: {
    type: 'string',
    placeholder: 'TIME',
    summary: 'what came from then on: 10m, 2h, 2026-01-05T09:00',
  },
} as const satisfies Record<string, OptionDefinition>

export const selectionOptions = {
  last: { type: 'number', placeholder: 'COUNT', minimum: 1, summary: 'the newest so many' },
  ...filterOptions,
} as const satisfies Record<string, OptionDefinition>

export const ID_SUMMARY = 'id of an event, its beginning, or its number'

export interface FilterChoices {
  type: string | undefined
  'call-id': string | undefined
  since: string | undefined
}

/** Throws usage errors. */
export function filterOf(options: FilterChoices): EventFilter {
  const types = options.type === undefined ? null : parsePatterns(options.type)
  if (types?.length === 0) throw usageError('--type names no event', "--type 'tool-calls,status-*'")
  if (options['call-id'] === '') throw usageError('--call-id is empty', 'leave it out for all calls')
  return {
    types,
    callId: options['call-id'] ?? null,
    sinceMs: options.since === undefined ? null : parseMoment(options.since, Date.now(), '--since'),
  }
}

/**
 * The events that were asked for, by an id or by options, with or without what was sent again by hand. Throws usage errors, and
 * `not-found` for an id.
 */
export async function selectRecords(
  id: string | undefined,
  options: FilterChoices & { last: number | undefined },
  { workingDirectory }: Context,
  replays = true,
): Promise<EventRecord[]> {
  const folder = journalFolder(workingDirectory)
  const { last } = options
  if (last !== undefined && !Number.isInteger(last)) throw usageError('--last is a whole number')
  if (id === undefined) return readEvents(folder, { ...filterOf(options), last: last ?? null, replays })
  const others = ['last', 'since', 'type', 'call-id'] as const
  const given = others.find(name => options[name] !== undefined)
  if (given !== undefined) throw usageError(`an id and --${given} exclude each other`)
  return [await findEvent(folder, id)]
}

/** Says why nothing was found. */
export async function nothingFound({ workingDirectory }: Context): Promise<string> {
  const folder = journalFolder(workingDirectory)
  const { listSegments } = await import('../listen/journal/segments.ts')
  return listSegments(folder).length === 0
    ? `there is no journal in ${folder}: vapi listen writes one`
    : 'no event in the journal fits'
}

/** The whole of an event: headers, bodies and replies. */
export async function loadRecord(record: EventRecord, secrets = new SecretFiles()): Promise<ExportedEvent> {
  const [line, outcomes] = await Promise.all([
    loadLine(record.place, secrets),
    Promise.all(
      record.outcomes.map(async ({ entry, place }) => ({ entry, line: await loadLine(place, secrets) })),
    ),
  ])
  const [target] = record.event.to
  return {
    event: record.event,
    line,
    outcomes,
    url: target === undefined ? null : addressOf(record, target),
  }
}

/** The whole address at a recorded target, as the relay made it. */
export function addressOf(record: EventRecord, target: string): string {
  return wholeAddress(record, new URL(target), pathModeOf(record))
}

/** How the path was made for the targets of an event. */
export function pathModeOf({ event, header }: EventRecord): PathMode {
  return event.pathMode ?? header.pathMode
}

export function wholeAddress({ event }: EventRecord, url: URL, mode: PathMode): string {
  return `${url.origin}${pathFor({ url }, event.requested, mode)}`
}

/** The last word of the target that answers, or null. */
export function answerOf(record: EventRecord): OutcomeEntry | null {
  const [target = ''] = record.event.to
  const final = finalOutcomes(record)
  return final.get(target) ?? final.values().next().value ?? null
}

/** `200`, or what came in place of an answer. */
export function outcomeText(entry: OutcomeEntry | null): string {
  if (entry === null || entry.type === 'attempt') return '-'
  if (entry.type === 'reply') return String(entry.status)
  return entry.problem === 'target' ? (entry.code ?? 'no answer') : entry.problem
}
