import { hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { bodyOf, parseLine } from './lines.ts'
import { areSame, bytesOf, copyFrom, joined } from './pieces.ts'
import type { Place } from './types.ts'

/** The same body within this time is the same event again; each time it comes the time begins anew. */
export const DUPLICATE_WINDOW_MS = 600_000
/** So many events are remembered at least, the last ones; up to twice as many. */
const REMEMBERED = 10_000
/** Larger bodies are named by samples and compared byte by byte: hashing one of 200 kB costs as much as half its relaying. */
const HASHED_WHOLE_BYTES = 16_384
const SAMPLES = 32
const SAMPLE_BYTES = 128

/** A short name of the bytes of a body, by which the same ones are looked for; null for none, which says nothing. */
export function fingerprint(pieces: readonly Buffer[] | null): string | null {
  const bytes = pieces === null ? 0 : bytesOf(pieces)
  if (pieces === null || bytes === 0) return null
  if (bytes <= HASHED_WHOLE_BYTES) return hash('sha1', joined(pieces), 'base64').slice(0, 22)
  const samples = Buffer.allocUnsafe(SAMPLES * SAMPLE_BYTES)
  const step = (bytes - SAMPLE_BYTES) / (SAMPLES - 1)
  for (let place = 0; place < SAMPLES; place++)
    copyFrom(
      pieces,
      Math.floor(place * step),
      samples.subarray(place * SAMPLE_BYTES, (place + 1) * SAMPLE_BYTES),
    )
  return `${bytes}.${hash('sha1', samples, 'base64').slice(0, 22)}`
}

/** An event that may be the same as others. */
export interface Candidate {
  id: string
  atMs: number
  method: string
  requested: string
  hash: string | null
  /** Null where it is not at hand: it stands in the journal. */
  body: readonly Buffer[] | null
  /** Of the event in the journal; null where it is not there yet. */
  place: Place | null
}

interface Seen {
  id: string
  atMs: number
  place: Place | null
}

/**
 * Finds events that came before: the same method, path and body. Large bodies are compared with what stands in the journal.
 * They are not held in memory: what lives so long is cleared away by the engine at a great price.
 */
export class Duplicates {
  /** Called before the journal is read: some of it may not be written yet. */
  beforeReading: () => void = () => {}
  /** The newer ones; when these are enough, the older ones go. Taking single ones out would cost more with each. */
  private seen = new Map<string, Seen>()
  private seenBefore = new Map<string, Seen>()
  private newest: Seen | null = null

  /** The id of the first of the same events, or null; and remembers this one. */
  take({ id, atMs, method, requested, hash: name, body, place }: Candidate): string | null {
    this.newest = null
    if (name === null) return null
    const key = `${name} ${method} ${requested}`
    const before = this.seen.get(key) ?? this.seenBefore.get(key)
    const isLarge = body !== null && bytesOf(body) > HASHED_WHOLE_BYTES
    const isSame =
      before !== undefined &&
      atMs - before.atMs <= DUPLICATE_WINDOW_MS &&
      (!isLarge || this.isSameInJournal(before, body))
    const seen: Seen = isSame ? { ...before, atMs } : { id, atMs, place }
    this.seen.set(key, seen)
    if (this.seen.size >= REMEMBERED) {
      this.seenBefore = this.seen
      this.seen = new Map()
    }
    if (isSame) return before.id
    if (isLarge) this.newest = seen
    return null
  }

  /** Where the event of the last `take` stands now; that is of use for large ones alone. */
  placed(place: Place): void {
    if (this.newest !== null) this.newest.place = place
  }

  private isSameInJournal({ place }: Seen, body: readonly Buffer[]): boolean {
    this.beforeReading()
    const before = place === null ? null : readBody(place)
    return before !== null && areSame(body, before)
  }
}

function readBody({ file, offset, bytes }: Place): Buffer | null {
  try {
    const line = Buffer.allocUnsafe(bytes)
    const opened = openSync(file, 'r')
    try {
      if (readSync(opened, line, 0, bytes, offset) < bytes) return null
    } finally {
      closeSync(opened)
    }
    const parsed = parseLine(line)
    return parsed === null ? null : bodyOf(parsed)
  } catch {
    // It was removed to make room.
    return null
  }
}
