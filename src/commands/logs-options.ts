import { type LogFilter, type LogLevel, type LogType, logLevels, logTypes } from '../api/logs/entry.ts'
import { parseMoment } from '../api/logs/moment.ts'
import { findId } from '../api/lookup.ts'
import type { Api } from '../api/types.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { usageError } from '../errors.ts'

const DEFAULT_LIMIT = 100

/** Options of every command that shows logs. */
export const logsOptions = {
  follow: { type: 'boolean', short: 'f', summary: 'go on with what is new, until Ctrl-C' },
  interval: {
    type: 'number',
    placeholder: 'SECONDS',
    minimum: 0.1,
    summary: 'with --follow: time between two looks (default 5)',
  },
  level: {
    type: 'string',
    placeholder: 'LEVEL',
    choices: logLevels,
    summary: 'this level and what is graver',
  },
  since: {
    type: 'string',
    placeholder: 'TIME',
    summary: 'from then on: 30m, 2h, 7d, 2026-01-05, 2026-01-05T09:00',
  },
  until: { type: 'string', placeholder: 'TIME', summary: 'up to then' },
  assistant: { type: 'string', placeholder: 'ID|NAME', summary: 'of this assistant’s calls' },
  type: { type: 'string', placeholder: 'TYPE', choices: logTypes, summary: 'entries of this kind' },
  limit: {
    type: 'number',
    placeholder: 'COUNT',
    minimum: 1,
    summary: `the newest so many (default ${DEFAULT_LIMIT}); with --follow, to begin with`,
  },
  all: { type: 'boolean', summary: 'no limit' },
} as const satisfies Record<string, OptionDefinition>

export const callOption = {
  call: { type: 'string', placeholder: 'ID', summary: 'of this call, with its own log and conversation' },
} as const satisfies Record<string, OptionDefinition>

export interface LogsChoices {
  follow: boolean
  interval: number | undefined
  level: string | undefined
  since: string | undefined
  until: string | undefined
  assistant: string | undefined
  type: string | undefined
  limit: number | undefined
  all: boolean
}

/** What the options ask for. Throws usage errors; looks the assistant up where it is given by name. */
export async function filterOf(
  options: LogsChoices,
  callId: string | undefined,
  api: Api,
  nowMs: number,
): Promise<LogFilter> {
  if (options.follow && options.until !== undefined)
    throw usageError('--follow and --until exclude each other')
  if (options.interval !== undefined && !options.follow) throw usageError('--interval needs --follow')
  const sinceMs = options.since === undefined ? null : parseMoment(options.since, nowMs, '--since')
  const untilMs = options.until === undefined ? null : parseMoment(options.until, nowMs, '--until')
  if (sinceMs !== null && untilMs !== null && sinceMs > untilMs) throw usageError('--since is after --until')
  return {
    level: (options.level as LogLevel | undefined) ?? null,
    type: (options.type as LogType | undefined) ?? null,
    sinceMs,
    untilMs,
    assistantId: options.assistant === undefined ? null : await findId(api, 'assistant', options.assistant),
    callId: callId ?? null,
  }
}

/** How many entries are wanted at most; null is all. */
export function limitOf(options: LogsChoices): number | null {
  if (options.all && options.limit !== undefined) throw usageError('--all and --limit exclude each other')
  if (options.limit !== undefined && !Number.isInteger(options.limit))
    throw usageError('--limit is a whole number')
  return options.all ? null : (options.limit ?? DEFAULT_LIMIT)
}
