import { type EventRecord, loadLine, readEvents } from '../journal/reader.ts'
import { restoreEvent } from '../journal/resend.ts'
import { SecretFiles } from '../journal/secrets.ts'
import type { OutcomeEntry, Placed } from '../journal/types.ts'
import type { RelayProblem } from '../relay/types.ts'
import type { EventHistory, KeptEvent, KeptOutcome } from './types.ts'

/** What stands in the journal is looked through anew no more often. */
const INDEX_MS = 2000

/** The events of a journal, for what memory no longer has. Its segments are read when the page asks for older events. */
export function journalHistory(folder: string, now: () => number = Date.now): EventHistory {
  const secrets = new SecretFiles()
  let index: { records: readonly EventRecord[]; readMs: number } | null = null

  /** As it was at that time, or is. */
  async function recordsAt(atMs: number): Promise<readonly EventRecord[]> {
    if (index !== null && (atMs < index.readMs || now() - index.readMs < INDEX_MS)) return index.records
    const readMs = now()
    index = { records: await readEvents(folder), readMs }
    return index.records
  }

  return {
    async *before(atMs) {
      const records = await recordsAt(atMs)
      for (let place = records.length - 1; place >= 0; place--) {
        const record = records[place]
        if (record === undefined || record.event.atMs > atMs) continue
        const kept = await load(record, secrets)
        if (kept !== null) yield kept
      }
    },
    async find(id) {
      const isWanted = ({ event }: EventRecord) => event.id === id
      const record = index?.records.find(isWanted) ?? (await recordsAt(now())).find(isWanted)
      return record === undefined ? null : load(record, secrets)
    },
    async *ofCall(callId, isKnown) {
      for (const record of index?.records ?? (await recordsAt(now()))) {
        if (record.event.callId !== callId || isKnown(record.event.id)) continue
        const kept = await load(record, secrets)
        if (kept !== null) yield kept
      }
    },
  }
}

/** Null where its segment was removed meanwhile. */
async function load(
  { event: entry, place, outcomes }: EventRecord,
  secrets: SecretFiles,
): Promise<KeptEvent | null> {
  try {
    const event = restoreEvent(entry, await loadLine(place, secrets))
    const loaded: KeptOutcome[] = []
    for (const outcome of outcomes) {
      const one = await loadOutcome(outcome, secrets)
      if (one !== null) loaded.push(one)
    }
    const { duplicateOf, replayOf, bodyBytes } = entry
    return { event, outcomes: loaded, duplicateOf, replayOf, bodyBytes }
  } catch {
    return null
  }
}

async function loadOutcome(
  { entry, place }: Placed<OutcomeEntry>,
  secrets: SecretFiles,
): Promise<KeptOutcome | null> {
  if (entry.type === 'attempt') return null
  if (entry.type === 'problem') return { problem: problemOf(entry) }
  const { rawHeaders, body } = await loadLine(place, secrets)
  const { id, target: url, answers, status, durationMs, bodyBytes } = entry
  return {
    reply: { id, url, answers, status, durationMs, rawHeaders, body: body ?? Buffer.alloc(0), bodyBytes },
  }
}

function problemOf(entry: Extract<OutcomeEntry, { type: 'problem' }>): RelayProblem {
  const { id, message, answers } = entry
  const url = entry.target ?? ''
  const durationMs = entry.durationMs ?? 0
  switch (entry.problem) {
    case 'target':
      return { type: 'target', id, url, answers, code: entry.code ?? 'failed', message, durationMs }
    case 'broken':
      return { type: 'broken', id, url, answers, message, durationMs }
    case 'cancelled':
      return { type: 'cancelled', id, durationMs }
    case 'refused':
      return { type: 'refused', id, status: entry.status === 413 ? 413 : 401, message }
  }
}
