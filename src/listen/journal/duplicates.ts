import { hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { bodyOf, parseLine } from './lines.ts'
import type { Place } from './types.ts'

/** The same body within this time is the same event again; each time it comes the time begins anew. */
export const DUPLICATE_WINDOW_MS = 600_000
/** So many events are remembered, the last ones. */
const REMEMBERED = 20_000
/** Larger bodies are named by samples and compared byte by byte: hashing one of 200 kB costs as much as half its relaying. */
const HASHED_WHOLE_BYTES = 16_384
const SAMPLES = 32
const SAMPLE_BYTES = 128
/** Of large bodies so many bytes are held; others are read from the journal when they are to be compared. */
const HELD_BYTES = 4_194_304

/** A short name of the bytes of a body, by which the same ones are looked for; null for none, which says nothing. */
export function fingerprint(body: Buffer | null): string | null {
  if (body === null || body.length === 0) return null
  if (body.length <= HASHED_WHOLE_BYTES) return hash('sha1', body, 'base64').slice(0, 22)
  const samples = Buffer.allocUnsafe(SAMPLES * SAMPLE_BYTES)
  const step = (body.length - SAMPLE_BYTES) / (SAMPLES - 1)
  for (let place = 0; place < SAMPLES; place++) {
    const from = Math.floor(place * step)
    body.copy(samples, place * SAMPLE_BYTES, from, from + SAMPLE_BYTES)
  }
  return `${body.length}.${hash('sha1', samples, 'base64').slice(0, 22)}`
}

/** An event that may be the same as others. */
export interface Candidate {
  id: string
  atMs: number
  method: string
  requested: string
  hash: string | null
  /** Null where it is not at hand: it stands in the journal. */
  body: Buffer | null
  /** Of the event in the journal; null where it is not there yet. */
  place: Place | null
}

interface Seen {
  id: string
  atMs: number
  place: Place | null
}

/** Finds events that came before: the same method, path and body. */
export class Duplicates {
  private readonly seen = new Map<string, Seen>()
  private readonly held = new Map<string, Buffer>()
  private heldBytes = 0
  private newest: Seen | null = null

  /** The id of the first of the same events, or null; and remembers this one. */
  take({ id, atMs, method, requested, hash: name, body, place }: Candidate): string | null {
    this.newest = null
    if (name === null) return null
    const key = `${name} ${method} ${requested}`
    const before = this.seen.get(key)
    if (before !== undefined) this.seen.delete(key)
    const isLarge = body !== null && body.length > HASHED_WHOLE_BYTES
    const isSame =
      before !== undefined &&
      atMs - before.atMs <= DUPLICATE_WINDOW_MS &&
      (!isLarge || this.isSame(before, body))
    const seen: Seen = isSame ? { ...before, atMs } : { id, atMs, place }
    this.seen.set(key, seen)
    if (this.seen.size > REMEMBERED) {
      const [oldest = ''] = this.seen.keys()
      this.seen.delete(oldest)
    }
    if (isSame) return before.id
    this.newest = seen
    if (isLarge) this.hold(id, body)
    return null
  }

  /** Where the event of the last `take` stands now. */
  placed(place: Place): void {
    if (this.newest !== null) this.newest.place = place
  }

  private isSame({ id, place }: Seen, body: Buffer): boolean {
    const held = this.held.get(id) ?? (place === null ? null : readBody(place))
    if (held === null) return false
    this.hold(id, held)
    return held.equals(body)
  }

  /** Holds a body, and lets go of those that were not looked at for the longest time. */
  private hold(id: string, body: Buffer): void {
    if (this.held.delete(id)) this.heldBytes -= body.length
    this.held.set(id, body)
    this.heldBytes += body.length
    for (const [oldest, { length }] of this.held) {
      if (this.heldBytes <= HELD_BYTES) return
      this.held.delete(oldest)
      this.heldBytes -= length
    }
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
