import { existsSync, lstatSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf, VapiError } from '../../errors.ts'
import { parseLine } from './lines.ts'
import { secretsPath } from './secrets.ts'
import { JOURNAL_FORMAT, type SegmentHeader } from './types.ts'

/** A file of a journal. The names sort by the time at which they were begun. */
export interface Segment {
  path: string
  /** Of the listener that wrote it. */
  run: string
  /** With the secrets that are kept beside it. */
  bytes: number
  /** Milliseconds since 1970 of its last change. */
  changedMs: number
}

const NAME = /^journal-\d{13}-([0-9a-f]{8})\.jsonl$/
/** A lock that showed no life for so long holds nothing. Its owner touches it every second. */
const DEAD_MS = 60_000

export function segmentPath(folder: string, startedMs: number, run: string): string {
  return join(folder, `journal-${String(startedMs).padStart(13, '0')}-${run}.jsonl`)
}

/** What the lock of a run is named after; a listener holds it while it appends. */
export function lockTarget(folder: string, run: string): string {
  return join(folder, `journal-${run}`)
}

/** The segments of a folder, the oldest first; none where there is no folder. */
export function listSegments(folder: string): Segment[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw new VapiError({
      code: 'journal-not-read',
      message: `the journal in ${folder} cannot be read (${code ?? 'unknown error'})`,
      cause: error,
    })
  }
  return names.toSorted().flatMap(name => {
    const run = NAME.exec(name)?.[1]
    if (run === undefined) return []
    const path = join(folder, name)
    try {
      const { size, mtimeMs } = statSync(path)
      return [{ path, run, bytes: size + secretBytes(path), changedMs: mtimeMs }]
    } catch {
      // Another listener has removed it.
      return []
    }
  })
}

function secretBytes(segment: string): number {
  return statSync(secretsPath(segment) ?? segment, { throwIfNoEntry: false })?.size ?? 0
}

/** Removes a segment; its secrets go first, so that they are never left alone. */
export function removeSegment(segment: string): void {
  const secrets = secretsPath(segment)
  if (secrets !== null) rmSync(secrets, { force: true })
  rmSync(segment, { force: true })
}

/** Removes secrets whose segments are gone: somebody removed these by hand. A segment is there before its secrets. */
function removeOrphans(folder: string): void {
  for (const name of readdirSync(folder)) {
    const segment = name.replace(/^secrets-/, 'journal-')
    if (segment !== name && NAME.test(segment) && !existsSync(join(folder, segment)))
      rmSync(join(folder, name), { force: true })
  }
}

/** Is there a listener that holds this run? */
export function isHeld(folder: string, run: string): boolean {
  const lock = `${lockTarget(folder, run)}.lock`
  try {
    return Date.now() - lstatSync(lock).mtimeMs < DEAD_MS
  } catch {
    return false
  }
}

/**
 * Removes the oldest segments until those that are left are no larger and no more than this. The last segment of a
 * listener that is running stays. Gives the number of those removed.
 */
export function removeOldest(folder: string, maximumBytes: number, maximumCount: number): number {
  removeOrphans(folder)
  const segments = listSegments(folder)
  const last = new Map(segments.map(({ run, path }) => [run, path]))
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
  let count = segments.length
  let removed = 0
  for (const segment of segments) {
    if (bytes <= maximumBytes && count <= maximumCount) break
    const isLast = last.get(segment.run) === segment.path
    if (isLast && isHeld(folder, segment.run)) continue
    removeSegment(segment.path)
    const lock = `${lockTarget(folder, segment.run)}.lock`
    if (isLast && existsSync(lock)) rmSync(lock, { force: true })
    bytes -= segment.bytes
    count--
    removed++
  }
  return removed
}

/**
 * Reads the first line of a segment; null where it is none (the listener was killed while it wrote it). Throws VapiError
 * `journal-newer` for a format that this program does not know.
 */
export function readHeader(line: Buffer, path: string): SegmentHeader | null {
  const fields = parseLine(line)?.fields
  if (fields === undefined || fields.type !== 'journal') return null
  const format = fields.format ?? 1
  if (typeof format !== 'number' || format > JOURNAL_FORMAT)
    throw new VapiError({
      code: 'journal-newer',
      message: `${path} was written by a newer vapi (format ${String(format)})`,
      hint: 'update vapi, or move the file away',
    })
  return {
    format,
    run: String(fields.run),
    startedMs: Date.parse(String(fields.startedAt)),
    pathMode: fields.pathMode === 'fixed' ? 'fixed' : 'append',
  }
}
