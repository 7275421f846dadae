import { VapiError } from '../../errors.ts'
import { isOver, type LiveCall, readCall, textOf } from '../live-call.ts'
import { resourceOf } from '../resources.ts'
import { listRows } from '../rows.ts'
import type { Api } from '../types.ts'
import { callEntries, endedByFault, messageEntries } from './call-entries.ts'
import { callLogEntry, readCallLog } from './call-log.ts'
import { collectNewest, type EntryCollector, isWanted, type LogEntry, type LogFilter } from './entry.ts'
import { readPlatformLog } from './platform-log.ts'

/** Which part of everything is looked at. */
export type LogView = 'list' | 'calls' | 'errors' | 'webhooks'

export interface LogRequest {
  view: LogView
  filter: LogFilter
  /** Entries at most, the newest; null: all. */
  limit: number | null
}

export interface LogResult {
  /** From the oldest to the newest. */
  entries: LogEntry[]
  /** Older ones were left out. */
  cut: boolean
  /** Nothing more will come: one call was asked for, it is over and its log is there. */
  complete: boolean
}

/** Reads logs again and again; remembers what the server does not have. */
export interface LogReader {
  read(request: LogRequest): Promise<LogResult>
}

/** Without a limit of time so many calls are looked at, and of so many of them the own logs. */
const NEWEST_CALLS = 200
const DETAILED_CALLS = 10
/** And so many lines of the server’s own log, where only some of them are wanted. */
const NEWEST_ROWS = 1000
const AT_ONCE = 4

/**
 * Gathers logs from what this server has: its own log, the records of calls, the logs of single calls. `say` is told once of
 * each thing that is missing or was left out.
 */
export function createLogReader(api: Api, say: (text: string) => void): LogReader {
  let hasPlatformLog = true
  const said = new Set<string>()
  const sayOnce = (text: string) => {
    if (!said.has(text)) say(text)
    said.add(text)
  }

  async function read(request: LogRequest): Promise<LogResult> {
    const { view, limit } = request
    const filter = narrowed(request)
    const collector = collectNewest(limit)
    const add = (entry: LogEntry) => {
      if (isWanted(entry, filter)) collector.add(entry)
    }
    const fromPlatform = await addPlatformLog(request, filter, add)
    const { callId } = filter
    const complete = callId === null ? false : await addOneCall(callId, view, add)
    if (callId === null && !(view === 'webhooks' && fromPlatform))
      await addCalls(request, filter, fromPlatform, add)
    return resultOf(collector, complete)
  }

  /** True where the server has a log of its own. */
  async function addPlatformLog(
    { view, limit }: LogRequest,
    filter: LogFilter,
    add: (entry: LogEntry) => void,
  ): Promise<boolean> {
    if (!hasPlatformLog) return false
    const type = view === 'calls' && filter.callId === null ? 'call' : filter.type
    const bounded = filter.sinceMs !== null || limit === null
    const maximum = bounded ? Number.POSITIVE_INFINITY : filter.level === null ? limit : NEWEST_ROWS
    let rows = 0
    try {
      for await (const entry of readPlatformLog(api, { ...filter, type }, maximum)) {
        add(entry)
        rows++
      }
    } catch (thrown) {
      if (!(thrown instanceof VapiError) || (thrown.status !== 404 && thrown.status !== 410)) throw thrown
      hasPlatformLog = false
      sayOnce('this server has no log of its own (GET /logs); shown is what calls and their logs tell')
      return false
    }
    if (maximum === NEWEST_ROWS && rows >= NEWEST_ROWS)
      sayOnce(
        `the newest ${rows} lines of the server’s log were looked at; --since 7d looks at all of a time`,
      )
    return true
  }

  /** Everything about one call. */
  async function addOneCall(id: string, view: LogView, add: (entry: LogEntry) => void): Promise<boolean> {
    const call = await readCall(api, id)
    for (const entry of callEntries(call)) add(entry)
    if (view === 'list' || view === 'calls') for (const entry of messageEntries(call)) add(entry)
    const found = await addCallLog(call, add)
    if (!found && isOver(call)) sayOnce(`call ${id} has no log (not kept, not there yet, or erased)`)
    return found && isOver(call)
  }

  async function addCalls(
    { view }: LogRequest,
    filter: LogFilter,
    fromPlatform: boolean,
    add: (entry: LogEntry) => void,
  ): Promise<void> {
    const detailed: LiveCall[] = []
    let more = false
    for await (const call of callsOf(filter)) {
      const fault = endedByFault(call)
      if (view !== 'webhooks' && (view !== 'errors' || fault))
        for (const entry of callEntries(call)) add(entry)
      const wanted = view === 'errors' ? fault : view === 'webhooks' || (view === 'list' && !fromPlatform)
      if (!wanted || !isOver(call)) continue
      if (detailed.length < DETAILED_CALLS) detailed.push(slim(call))
      else more = true
    }
    if (more)
      sayOnce(
        `the logs of the newest ${DETAILED_CALLS} of these calls were read; vapi logs calls ID shows another’s`,
      )
    for (let from = 0; from < detailed.length; from += AT_ONCE) {
      await Promise.all(detailed.slice(from, from + AT_ONCE).map(call => addCallLog(call, add)))
    }
  }

  /** Calls from the newest on, as far back as is asked for. */
  function callsOf(filter: LogFilter): AsyncIterable<LiveCall> {
    const { sinceMs, untilMs, assistantId } = filter
    return listRows(api, resourceOf('call'), {
      query: {
        assistantId: assistantId ?? undefined,
        // A call that began before may have ended since.
        updatedAtGe: sinceMs === null ? undefined : new Date(sinceMs).toISOString(),
        createdAtLt: untilMs === null ? undefined : new Date(untilMs + 1).toISOString(),
      },
      limit: sinceMs === null ? NEWEST_CALLS : null,
      onCut: () =>
        sayOnce(`the newest ${NEWEST_CALLS} calls were looked at; --since 7d looks at all of a time`),
    }) as AsyncIterable<LiveCall>
  }

  /** False where the call has no log. A broken log is told of and its readable lines count. */
  async function addCallLog(call: LiveCall, add: (entry: LogEntry) => void): Promise<boolean> {
    const id = call.id ?? ''
    try {
      const path = `/call/${encodeURIComponent(id)}/call-logs`
      const reply = await api.open({ method: 'GET', path, timeoutMs: 0 })
      const assistantId = textOf(call.assistantId) ?? null
      for await (const line of readCallLog(reply.body)) add(callLogEntry(line, id, assistantId))
      return true
    } catch (thrown) {
      if (!(thrown instanceof VapiError)) throw thrown
      if (thrown.status === 404) return false
      if (thrown.code === 'interrupted') throw thrown
      sayOnce(`the log of call ${id} could not be read: ${thrown.message}`)
      return false
    }
  }

  return { read }
}

/** What a view asks for by itself. */
function narrowed({ view, filter }: LogRequest): LogFilter {
  if (view === 'errors') return { ...filter, level: 'error' }
  return view === 'webhooks' ? { ...filter, type: 'webhook' } : filter
}

/** What is needed of a call to read its log; its conversation need not be kept. */
function slim({ id, status, assistantId }: LiveCall): LiveCall {
  return {
    ...(id !== undefined && { id }),
    ...(status !== undefined && { status }),
    ...(assistantId !== undefined && { assistantId }),
  }
}

function resultOf(collector: EntryCollector, complete: boolean): LogResult {
  return { entries: collector.entries(), cut: collector.cut, complete }
}
