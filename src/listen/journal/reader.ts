import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { systemCodeOf, usageError, VapiError } from '../../errors.ts'
import { fits } from '../routes.ts'
import { bodyOf, entryOf, headersOf, type ParsedLine, parseLine } from './lines.ts'
import { revealEntry, revealLine, SecretFiles } from './secrets.ts'
import { listSegments, readHeader, type Segment } from './segments.ts'
import type { EventEntry, OutcomeEntry, Place, Placed, SegmentHeader } from './types.ts'

const READ_BYTES = 1_048_576
/** A new listener looks back so far for duplicates. */
const TAIL_BYTES = 67_108_864
const LINE_BREAK = 0x0a

/** An entry with its place and its segment. */
export type Scanned = Placed & { header: SegmentHeader }

/**
 * All entries of a journal, segment by segment in the order in which they were begun. A torn last line and damaged ones are passed
 * over. Reading while a listener writes is safe. Throws VapiError `journal-newer` and `journal-not-read`.
 */
export async function* scanJournal(
  folder: string,
  segments: readonly Segment[] = listSegments(folder),
): AsyncGenerator<Scanned> {
  const secrets = new SecretFiles()
  for (const segment of segments) yield* scanSegment(segment, secrets)
}

/** The entries from `sinceMs` on, as far as they stand in the newest 64 MB. */
export async function* scanTail(folder: string, sinceMs: number): AsyncGenerator<Placed> {
  let bytes = 0
  const newest = listSegments(folder)
    .toReversed()
    .filter(segment => {
      bytes += segment.bytes
      return segment.changedMs >= sinceMs && bytes - segment.bytes < TAIL_BYTES
    })
  for await (const placed of scanJournal(folder, newest.toReversed()))
    if (placed.entry.atMs >= sinceMs) yield placed
}

async function* scanSegment({ path }: Segment, secrets: SecretFiles): AsyncGenerator<Scanned> {
  let header: SegmentHeader | null = null
  for await (const { line, offset } of linesOf(path)) {
    if (header === null) {
      header = readHeader(line, path)
      if (header === null) return
      continue
    }
    const parsed = parseLine(line)
    const entry = parsed === null ? null : entryOf(parsed)
    if (entry === null) continue
    const place = { file: path, offset, bytes: line.length }
    yield { entry: revealEntry(entry, path, secrets), header, place }
  }
}

/** Whole lines without their line breaks; what is after the last line break is left out. */
async function* linesOf(path: string): AsyncGenerator<{ line: Buffer; offset: number }> {
  let rest: Buffer[] = []
  let offset = 0
  try {
    for await (const read of createReadStream(path, { highWaterMark: READ_BYTES })) {
      const piece = read as Buffer
      let from = 0
      for (let end = piece.indexOf(LINE_BREAK); end !== -1; end = piece.indexOf(LINE_BREAK, from)) {
        rest.push(piece.subarray(from, end))
        const [only] = rest
        const line = rest.length === 1 && only !== undefined ? only : Buffer.concat(rest)
        yield { line, offset }
        offset += line.length + 1
        rest = []
        from = end + 1
      }
      if (from < piece.length) rest.push(piece.subarray(from))
    }
  } catch (error) {
    // A listener has removed it meanwhile, to make room.
    if (systemCodeOf(error) === 'ENOENT') return
    throw new VapiError({
      code: 'journal-not-read',
      message: `${path} cannot be read (${systemCodeOf(error) ?? 'unknown error'})`,
      cause: error,
    })
  }
}

/** An event and what became of it, without headers and bodies. */
export interface EventRecord {
  event: EventEntry
  place: Place
  header: SegmentHeader
  /** In the order in which it happened. */
  outcomes: Placed<OutcomeEntry>[]
}

export interface EventFilter {
  /** Types, with `*` for any part; null is all. */
  types?: readonly string[] | null
  callId?: string | null
  /** Milliseconds since 1970. */
  sinceMs?: number | null
  /** Those that a target did not take, in the end. */
  failed?: boolean
  /** Also what was sent again by hand; true unless given. */
  replays?: boolean
  /** The newest so many. */
  last?: number | null
}

/** The events of a journal that fit, in the order of their arrival. */
export async function readEvents(folder: string, filter: EventFilter = {}): Promise<EventRecord[]> {
  const records = new Map<string, EventRecord>()
  for await (const { entry, place, header } of scanJournal(folder)) {
    if (entry.type === 'event') {
      if (isWanted(entry, filter)) records.set(entry.id, { event: entry, place, header, outcomes: [] })
    } else records.get(entry.id)?.outcomes.push({ entry, place })
  }
  const { failed = false, last = null } = filter
  const found = [...records.values()]
    .filter(record => !failed || hasFailed(record))
    // Segments of listeners that ran at the same time follow each other.
    .sort((one, other) => one.event.atMs - other.event.atMs)
  return last === null ? found : found.slice(Math.max(0, found.length - last))
}

function isWanted(event: EventEntry, filter: EventFilter): boolean {
  const { types = null, callId = null, sinceMs = null, replays = true } = filter
  return (
    (replays || event.replayOf === null) &&
    (types === null || fits(types, event.event ?? '')) &&
    (callId === null || event.callId === callId) &&
    (sinceMs === null || event.atMs >= sinceMs)
  )
}

/** The last word of each target. */
export function finalOutcomes({ event, outcomes }: EventRecord): Map<string, OutcomeEntry> {
  const final = new Map<string, OutcomeEntry>()
  for (const { entry } of outcomes) {
    if (entry.type === 'attempt') continue
    const target = entry.target ?? event.to[0]
    if (target !== undefined) final.set(target, entry)
  }
  return final
}

/** Is there a target that did not take it? Of one that is still at work nothing is known yet. */
export function hasFailed(record: EventRecord): boolean {
  return [...finalOutcomes(record).values()].some(
    entry =>
      entry.type === 'problem' || (entry.type === 'reply' && (entry.status < 200 || entry.status > 299)),
  )
}

/**
 * The event of this id, of an id that begins so, or (`12`) the newest of this number. Throws a usage error where several
 * begin so, VapiError `not-found` (exit 5) where none does.
 */
export async function findEvent(folder: string, id: string): Promise<EventRecord> {
  const records = await readEvents(folder)
  const exact = records.find(({ event }) => event.id === id)
  if (exact !== undefined) return exact
  const numbered = /^\d+$/.test(id)
    ? records.findLast(
        ({ event }) => event.replayOf === null && Number(event.id.split('-')[1]) === Number(id),
      )
    : undefined
  if (numbered !== undefined) return numbered
  const [first, ...others] = id === '' ? [] : records.filter(({ event }) => event.id.startsWith(id))
  if (first === undefined)
    throw new VapiError({
      code: 'not-found',
      message: `no event ${id} is in the journal of ${folder}`,
      exit: 5,
      hint: 'vapi listen events shows what there is',
    })
  if (others.length === 0) return first
  const some = [first, ...others].slice(-3).map(({ event }) => event.id)
  throw usageError(
    `${others.length + 1} events begin with ${id}`,
    `give more of it, as in ${some.join(', ')}`,
  )
}

/** What the line of an event or reply says beside its entry. */
export interface LoadedLine {
  parsed: ParsedLine
  /** Secrets included; `***` for those that are not kept any more. */
  rawHeaders: string[]
  /** Names of these: of headers, and of values in addresses as `?token`. */
  lost: readonly string[]
  /** Null where it was not kept. */
  body: Buffer | null
}

/** Reads one line, with its secrets in place; who reads many hands in its own `secrets`. Throws VapiError `journal-gone` where the segment was removed meanwhile to make room. */
export async function loadLine(
  { file, offset, bytes }: Place,
  secrets = new SecretFiles(),
): Promise<LoadedLine> {
  const gone = (cause?: unknown) =>
    new VapiError({
      code: 'journal-gone',
      message: `${file} was removed from the journal to make room`,
      cause,
    })
  const line = Buffer.allocUnsafe(bytes)
  try {
    const opened = await open(file, 'r')
    try {
      const { bytesRead } = await opened.read(line, 0, bytes, offset)
      if (bytesRead < bytes) throw gone()
    } finally {
      await opened.close()
    }
  } catch (error) {
    throw error instanceof VapiError ? error : gone(error)
  }
  const read = parseLine(line)
  if (read === null) throw gone()
  const { parsed, lost } = revealLine(read, file, secrets)
  return { parsed, rawHeaders: headersOf(parsed), lost, body: bodyOf(parsed) }
}
