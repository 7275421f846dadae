import { VapiError } from '../../errors.ts'
import type { LogReader, LogRequest } from './collect.ts'
import { keyOf, type LogEntry } from './entry.ts'

export interface FollowParts {
  reader: LogReader
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after so long, or sooner when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  intervalMs: number
  signal: AbortSignal
  say(text: string): void
}

/** Entries may become known so long after they happened. */
const OVERLAP_MS = 600_000
const MAXIMUM_FAILURES = 6
/** The log of a call appears some time after its end; so many looks are given to it. */
const LOOKS_FOR_LOG = 24
/** Keys of entries that were given; older ones are forgotten, being outside the overlap. */
const REMEMBERED = 50_000

/**
 * Gives what there is and then what is new, each entry once, until the signal aborts (it throws its reason) or nothing more can come. A
 * failing server is asked again; after six failures in a row the error is thrown.
 */
export async function* followLogs(request: LogRequest, parts: FollowParts): AsyncGenerator<LogEntry[]> {
  const { reader, signal } = parts
  const given = new Set<string>()
  const startedAtMs = parts.now()
  let next = request
  let floorMs: number | null = null
  let failures = 0
  let idleLooks = 0
  for (;;) {
    signal.throwIfAborted()
    try {
      const { entries, complete } = await reader.read(next)
      failures = 0
      const fresh = entries.filter(entry => !given.has(keyOf(entry)))
      for (const entry of fresh) given.add(keyOf(entry))
      forget(given)
      if (fresh.length > 0) yield fresh
      if (complete) return
      idleLooks = fresh.length > 0 ? 0 : idleLooks + 1
      if (
        request.filter.callId !== null &&
        endedIn(entries, request.filter.callId) &&
        idleLooks >= LOOKS_FOR_LOG
      )
        return
      // What the first look left out for its limit does not come later.
      floorMs ??= entries.find(({ atMs }) => atMs !== null)?.atMs ?? request.filter.sinceMs ?? startedAtMs
      const oneCall = request.filter.callId !== null
      const sinceMs = oneCall ? floorMs : Math.max(floorMs, parts.now() - OVERLAP_MS)
      next = { ...request, limit: null, filter: { ...request.filter, sinceMs } }
    } catch (thrown) {
      signal.throwIfAborted()
      if (!(thrown instanceof VapiError) || !thrown.retryable || ++failures >= MAXIMUM_FAILURES) throw thrown
      parts.say(`${thrown.message}; trying again`)
    }
    await parts.sleep(parts.intervalMs * 2 ** Math.min(failures, 4), signal)
  }
}

function endedIn(entries: readonly LogEntry[], callId: string): boolean {
  return entries.some(
    ({ source, text, callId: of }) => source === 'calls' && of === callId && text.startsWith('ended'),
  )
}

function forget(given: Set<string>): void {
  for (const key of given) {
    if (given.size <= REMEMBERED) return
    given.delete(key)
  }
}
