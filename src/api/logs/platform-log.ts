import { fieldOf, isJsonObject, textOf } from '../live-call.ts'
import type { Api, Json, Query } from '../types.ts'
import { epochMs } from './call-log.ts'
import type { LogEntry, LogFilter, LogLevel, LogType } from './entry.ts'

const PAGE_ROWS = 100

/**
 * The platform's own log, newest first (`GET /logs`: dropped from the API's document; servers may have it still). Throws VapiError with
 * status 404 where the server has none. `signal` ends the reading.
 */
export async function* readPlatformLog(
  api: Api,
  filter: LogFilter,
  maximumRows: number,
): AsyncGenerator<LogEntry> {
  for (let page = 1, rows = 0; rows < maximumRows; page++) {
    const query: Query = {
      page,
      limit: PAGE_ROWS,
      sortOrder: 'DESC',
      callId: filter.callId ?? undefined,
      assistantId: filter.assistantId ?? undefined,
      type: filter.type === null ? undefined : platformTypes[filter.type],
      createdAtGe: filter.sinceMs === null ? undefined : new Date(filter.sinceMs).toISOString(),
      createdAtLe: filter.untilMs === null ? undefined : new Date(filter.untilMs).toISOString(),
    }
    const reply = await api.request({ method: 'GET', path: '/logs', query })
    const results = Array.isArray(reply) ? reply : fieldOf(reply, 'results')
    if (!Array.isArray(results)) return
    for (const row of results) yield platformEntry(row)
    rows += results.length
    if (results.length < PAGE_ROWS || Array.isArray(reply)) return
  }
}

const platformTypes: Readonly<Partial<Record<LogType, string>>> = {
  api: 'API',
  webhook: 'Webhook',
  call: 'Call',
  provider: 'Provider',
}

/** A row of the platform's log (fields: `vapi-api.md` 1.10). */
export function platformEntry(row: Json): LogEntry {
  const type = textOf(fieldOf(row, 'type'))?.toLowerCase()
  return {
    atMs: epochMs(fieldOf(row, 'time') ?? fieldOf(row, 'createdAt') ?? fieldOf(row, 'requestStartedAt')),
    level: levelOfRow(row),
    type: type === 'api' || type === 'webhook' || type === 'provider' || type === 'call' ? type : 'log',
    callId: textOf(fieldOf(row, 'callId')) ?? null,
    assistantId: textOf(fieldOf(row, 'assistantId')) ?? null,
    text: textOfRow(row),
    source: 'logs',
    data: row,
  }
}

function levelOfRow(row: Json): LogLevel {
  const code = Number(fieldOf(row, 'responseHttpCode') ?? 0)
  if (textOf(fieldOf(row, 'error')) !== undefined || code >= 500) return 'error'
  // What a client of the API did wrong is a warning; a server of the user's that refuses a delivery is a fault.
  if (code >= 400) return /^api$/i.test(textOf(fieldOf(row, 'type')) ?? '') ? 'warn' : 'error'
  return 'info'
}

function textOfRow(row: Json): string {
  if (!isJsonObject(row)) return JSON.stringify(row)
  const method = textOf(row.requestHttpMethod)
  const seconds = row.requestDurationSeconds
  const parts = [
    textOf(row.webhookType) ?? textOf(row.resource),
    method,
    textOf(row.requestUrl) ?? textOf(row.requestPath),
    row.responseHttpCode === undefined ? undefined : `→ ${String(row.responseHttpCode)}`,
    typeof seconds === 'number' ? `${Math.round(seconds * 1000)} ms` : undefined,
    textOf(row.error),
    // The oldest form of the log.
    textOf(row.log),
  ].filter(part => part !== undefined)
  return parts.length === 0 ? JSON.stringify(row) : parts.join(' ')
}
