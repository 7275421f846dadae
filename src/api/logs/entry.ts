import { createHash } from 'node:crypto'
import type { Json } from '../types.ts'

/** From least to most grave. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * What an entry is about: a call's beginning or end, its conversation, a line of its own log, or what the platform's log has: requests to
 * the API, deliveries to servers, answers of providers.
 */
export const logTypes = ['call', 'message', 'log', 'api', 'webhook', 'provider'] as const
export type LogType = (typeof logTypes)[number]

/** One thing that happened, from whichever source it is known. */
export interface LogEntry {
  /** Epoch milliseconds; null where the source does not say. */
  atMs: number | null
  level: LogLevel
  type: LogType
  callId: string | null
  assistantId: string | null
  /** One or more lines of plain text. */
  text: string
  source: 'calls' | 'messages' | 'call-log' | 'logs'
  /** What the API sent. */
  data: Json
}

/** The same for the same thing, however often it is read. */
export function keyOf(entry: LogEntry): string {
  const { source, callId, atMs, text, data } = entry
  const hash = createHash('sha1').update(JSON.stringify([source, callId, text]))
  // A call's record goes on to change after its end; its other parts do not.
  if (source !== 'calls') hash.update(JSON.stringify([atMs, data]))
  return hash.digest('base64')
}

/** An entry as machines get it. */
export function entryJson({ atMs, ...entry }: LogEntry): object {
  return { time: atMs === null ? null : new Date(atMs).toISOString(), ...entry }
}

export interface LogFilter {
  /** The least grave level that is wanted. */
  level: LogLevel | null
  /** Epoch milliseconds, inclusive. */
  sinceMs: number | null
  untilMs: number | null
  assistantId: string | null
  callId: string | null
  type: LogType | null
}

export const everything: LogFilter = {
  level: null,
  sinceMs: null,
  untilMs: null,
  assistantId: null,
  callId: null,
  type: null,
}

/** Whether an entry is wanted. One without a time passes limits of time; one without an assistant does not pass for one. */
export function isWanted(entry: LogEntry, filter: LogFilter): boolean {
  const { level, sinceMs, untilMs, assistantId, callId, type } = filter
  if (level !== null && logLevels.indexOf(entry.level) < logLevels.indexOf(level)) return false
  if (type !== null && entry.type !== type) return false
  if (callId !== null && entry.callId !== callId) return false
  if (assistantId !== null && entry.assistantId !== assistantId) return false
  if (entry.atMs === null) return true
  return (sinceMs === null || entry.atMs >= sinceMs) && (untilMs === null || entry.atMs <= untilMs)
}

/** Keeps the newest entries of many, in little memory; the same entry from two reads counts once. */
export interface EntryCollector {
  add(entry: LogEntry): void
  /** From the oldest to the newest; entries of one moment in the order in which they came. */
  entries(): LogEntry[]
  /** True where older entries were left out. */
  readonly cut: boolean
}

/** `limit` null: keeps all. */
export function collectNewest(limit: number | null): EntryCollector {
  let kept: { entry: LogEntry; key: string }[] = []
  const keys = new Set<string>()
  let cut = false

  function tidy(): void {
    kept.sort((one, other) => timeOf(one.entry) - timeOf(other.entry))
    if (limit === null || kept.length <= limit) return
    cut = true
    for (const { key } of kept.slice(0, kept.length - limit)) keys.delete(key)
    kept = kept.slice(kept.length - limit)
  }

  return {
    add(entry) {
      const key = keyOf(entry)
      if (keys.has(key)) return
      keys.add(key)
      kept.push({ entry, key })
      if (limit !== null && kept.length >= 2 * limit + 100) tidy()
    },
    entries() {
      tidy()
      return kept.map(({ entry }) => entry)
    },
    get cut() {
      tidy()
      return cut
    },
  }
}

/** Entries without a time come first: nothing says that they are new. */
function timeOf({ atMs }: LogEntry): number {
  return atMs ?? Number.NEGATIVE_INFINITY
}
