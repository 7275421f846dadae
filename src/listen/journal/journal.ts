import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fstatSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FileLock, takeLock } from '../../config/file-lock.ts'
import { PRIVATE_MODE } from '../../config/save-file.ts'
import { messageOf, systemCodeOf, VapiError } from '../../errors.ts'
import type { RelayedEvent, RelayedReply, RelayProblem } from '../relay/types.ts'
import { DUPLICATE_WINDOW_MS, Duplicates, fingerprint } from './duplicates.ts'
import { LineFile } from './line-file.ts'
import {
  attemptLine,
  eventLine,
  headerLine,
  type LinePieces,
  parseLine,
  problemLine,
  replyLine,
} from './lines.ts'
import { scanTail } from './reader.ts'
import { type SecretHider, SecretWriter } from './secrets.ts'
import { listSegments, lockTarget, removeOldest, removeSegment, segmentPath } from './segments.ts'
import { type AttemptEntry, JOURNAL_FORMAT, type Place, REPLAY_RUN, type ReplayMark } from './types.ts'

/** `--journal-size` unless given: room for a day at one event of 3 kB a second. */
export const DEFAULT_JOURNAL_BYTES = 268_435_456
const SEGMENT_BYTES = 16_777_216
const MAXIMUM_SEGMENTS = 200

/** Where the journal of a working directory lies. */
export function journalFolder(workingDirectory: string): string {
  return join(workingDirectory, '.vapi', 'listen')
}

export interface JournalOptions {
  /** All segments together are no larger; `DEFAULT_JOURNAL_BYTES` unless given. */
  maximumBytes?: number
  /** 16 MB unless given; an eighth of the whole where that is less. */
  segmentBytes?: number
  /** Of the listener: replays make their paths in the same way. */
  pathMode: 'append' | 'fixed'
  /** Lines of one moment are written together: `written` tells when. Without it each call writes. */
  gathers?: boolean
  /** Told once when the journal cannot be written any more. */
  warn(message: string): void
  /** Wall clock, in milliseconds since 1970. */
  now?(): number
  /** Opens a file for appending; the system's own unless given. */
  open?(path: string): number
  /** It takes replays alone, goes on in the last segment of such ones, and makes no room. */
  replays?: boolean
}

/**
 * What a listener writes. Each call returns when the line is with the operating system: killing the listener loses none. With
 * `gathers` it is there when `written` calls back.
 */
export interface Journal {
  readonly folder: string
  /** Eight hexadecimal digits of this listener. */
  readonly run: string
  /** False after the disk was full. */
  readonly isOpen: boolean
  /**
   * `to`: addresses of the targets that it goes to (`target.url.href`), the one that answers first; none where it is left
   * out; `pieces`: the body, where it need not be joined. Gives the id of the same event before it, or null, and where it
   * stands, or null where it could not be written.
   */
  event(
    event: RelayedEvent,
    to: readonly string[],
    pieces?: readonly Buffer[] | null,
  ): { duplicateOf: string | null; place: Place | null }
  /** An event that is sent again by hand to this target. It is no duplicate, and `--retry` leaves it alone. */
  replay(event: RelayedEvent, to: readonly string[], mark: ReplayMark): void
  /** `attempt`: 0 for the delivery itself. */
  reply(reply: RelayedReply, attempt?: number): void
  problem(problem: RelayProblem, attempt?: number): void
  attempt(attempt: AttemptEntry): void
  /** Calls back when all lines so far are with the operating system; at once, unless it gathers. */
  written(then: () => void): void
  close(): void
}

/**
 * Opens a journal for a new listener, in segments of its own: several listeners of a folder do not meet. Throws VapiError
 * `journal-not-written` where the folder cannot be written, `journal-newer` for a newer format.
 */
export async function openJournal(folder: string, options: JournalOptions): Promise<Journal> {
  const { now = Date.now, replays = false } = options
  try {
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o700)
    writeFileSync(join(folder, '.gitignore'), '*\n')
  } catch (error) {
    throw notWritten(folder, error)
  }
  const duplicates = replays ? new Duplicates() : await readDuplicates(folder, now())
  const { run, lock } = await takeRun(folder, replays)
  try {
    return new FileJournal(folder, run, lock, duplicates, options)
  } catch (error) {
    lock.release()
    throw error instanceof VapiError ? error : notWritten(folder, error)
  }
}

/** All replays are of one run, so that each does not begin a segment; those at the same time as others are of a new one. */
async function takeRun(folder: string, replays: boolean): Promise<{ run: string; lock: FileLock }> {
  const take = async (run: string) => ({ run, lock: await takeLock(lockTarget(folder, run), { waitMs: 0 }) })
  const taken = replays ? await take(REPLAY_RUN).catch(() => null) : null
  return taken ?? take(randomBytes(4).toString('hex'))
}

async function readDuplicates(folder: string, nowMs: number): Promise<Duplicates> {
  const duplicates = new Duplicates()
  for await (const { entry, place } of scanTail(folder, nowMs - DUPLICATE_WINDOW_MS)) {
    if (entry.type === 'event' && entry.replayOf === null)
      duplicates.take({ ...entry, id: entry.duplicateOf ?? entry.id, body: null, place })
  }
  return duplicates
}

function notWritten(folder: string, error: unknown): VapiError {
  return new VapiError({
    code: 'journal-not-written',
    message: `the journal in ${folder} cannot be written (${systemCodeOf(error) ?? messageOf(error)})`,
    hint: '--no-journal relays without one',
    cause: error,
  })
}

class FileJournal implements Journal {
  readonly folder: string
  readonly run: string
  private readonly lock: FileLock
  private readonly duplicates: Duplicates
  private readonly options: JournalOptions
  private readonly now: () => number
  private readonly maximumBytes: number
  private readonly segmentBytes: number
  private readonly secrets = new SecretWriter()
  private file: LineFile | null = null
  private path = ''
  private startedMs = 0
  private headerBytes = 0
  private waiting: (() => void)[] = []
  private isDue = false

  constructor(folder: string, run: string, lock: FileLock, duplicates: Duplicates, options: JournalOptions) {
    this.folder = folder
    this.run = run
    this.lock = lock
    this.duplicates = duplicates
    this.options = options
    this.now = options.now ?? Date.now
    this.maximumBytes = options.maximumBytes ?? DEFAULT_JOURNAL_BYTES
    this.segmentBytes = options.segmentBytes ?? Math.min(SEGMENT_BYTES, Math.ceil(this.maximumBytes / 8))
    duplicates.beforeReading = () => this.flush()
    this.begin()
  }

  get isOpen(): boolean {
    return this.file !== null
  }

  event(
    event: RelayedEvent,
    to: readonly string[],
    pieces: readonly Buffer[] | null = event.body === null ? null : [event.body],
  ): { duplicateOf: string | null; place: Place | null } {
    const { id, method, requested, receivedMs: atMs } = event
    const hash = fingerprint(pieces)
    const duplicateOf = this.duplicates.take({ id, atMs, method, requested, hash, body: pieces, place: null })
    if (this.file === null) return { duplicateOf, place: null }
    const place = this.append(hide => eventLine(event, pieces, { to, hash, duplicateOf }, hide))
    if (place !== null) this.duplicates.placed(place)
    return { duplicateOf, place }
  }

  replay(event: RelayedEvent, to: readonly string[], replay: ReplayMark): void {
    if (this.file === null) return
    const pieces = event.body === null ? null : [event.body]
    const hash = fingerprint(pieces)
    this.append(hide => eventLine(event, pieces, { to, hash, duplicateOf: null, replay }, hide))
    this.flush()
  }

  reply(reply: RelayedReply, attempt = 0): void {
    if (this.file !== null) this.append(hide => replyLine(reply, attempt, this.now(), hide))
  }

  problem(problem: RelayProblem, attempt = 0): void {
    if (this.file !== null) this.append(hide => problemLine(problem, attempt, this.now(), hide))
  }

  /** It is on disk when the call returns: what goes out after it may have been delivered before. */
  attempt(attempt: AttemptEntry): void {
    if (this.file === null) return
    this.append(hide => attemptLine(attempt, hide))
    this.flush()
  }

  written(then: () => void): void {
    if (this.options.gathers !== true) {
      then()
      return
    }
    this.waiting.push(then)
    this.flushSoon()
  }

  close(): void {
    this.flush()
    const isEmpty = this.file?.bytes === this.headerBytes
    if (this.file !== null) {
      this.shut()
      if (isEmpty) removeSegment(this.path)
    }
    this.lock.release()
  }

  private shut(): void {
    this.file?.close()
    this.file = null
    this.secrets.close()
  }

  /** Begins a segment. Throws what the system throws. */
  private begin(): void {
    const { folder, run, options } = this
    this.file?.flush()
    if (options.replays === true && this.goesOn()) return
    removeOldest(folder, this.maximumBytes - this.segmentBytes, MAXIMUM_SEGMENTS - 1)
    this.startedMs = Math.max(this.now(), this.startedMs + 1)
    this.path = segmentPath(folder, this.startedMs, run)
    this.shut()
    this.file = new LineFile(options.open?.(this.path) ?? openSync(this.path, 'a', PRIVATE_MODE))
    this.secrets.begin(this.path)
    const { startedMs } = this
    this.file.add(headerLine({ format: JOURNAL_FORMAT, run, startedMs, pathMode: options.pathMode }))
    this.file.flush()
    this.headerBytes = this.file.bytes
  }

  /** Opens the last segment of this run again, if there is one with room. */
  private goesOn(): boolean {
    const { folder, run } = this
    const last = listSegments(folder).findLast(segment => segment.run === run)
    if (last === undefined || last.bytes >= this.segmentBytes || this.file !== null) return false
    const file = openSync(last.path, 'a+', PRIVATE_MODE)
    const { size } = fstatSync(file)
    const head = Buffer.alloc(Math.min(size, LONGEST_HEADER))
    readSync(file, head, 0, head.length, 0)
    const headerEnd = head.indexOf(LINE_BREAK)
    // Whoever wrote it was killed at the very begin.
    if (headerEnd === -1 || parseLine(head.subarray(0, headerEnd))?.fields.format !== JOURNAL_FORMAT) {
      closeSync(file)
      return false
    }
    this.path = last.path
    this.file = new LineFile(file, size)
    this.secrets.begin(last.path)
    this.headerBytes = -1
    const end = Buffer.alloc(1)
    readSync(file, end, 0, 1, size - 1)
    // Whoever wrote it was killed within a line.
    if (end[0] !== LINE_BREAK) this.file.add({ head: '', body: null })
    return true
  }

  /** Secrets are written to the file of the segment first: no line names one that is not there. */
  private append(lineOf: (hide: SecretHider) => LinePieces): Place | null {
    try {
      if ((this.file?.bytes ?? 0) + this.secrets.bytes >= this.segmentBytes) this.begin()
      const placed = this.file?.add(lineOf(this.secrets))
      if (this.options.gathers === true) this.flushSoon()
      else this.file?.flush()
      return placed === undefined ? null : { file: this.path, ...placed }
    } catch (error) {
      this.giveUp(error)
      return null
    }
  }

  /** After what has come in in this moment. */
  private flushSoon(): void {
    if (this.isDue) return
    this.isDue = true
    setImmediate(() => {
      this.isDue = false
      this.flush()
      const { waiting } = this
      this.waiting = []
      for (const then of waiting) then()
    })
  }

  private flush(): void {
    try {
      this.file?.flush()
    } catch (error) {
      this.giveUp(error)
    }
  }

  private giveUp(error: unknown): void {
    const code = systemCodeOf(error)
    const reason =
      code === 'ENOSPC'
        ? 'the disk is full'
        : code === 'EDQUOT'
          ? 'the disk quota is used up'
          : (code ?? messageOf(error))
    this.options.warn(
      `the journal in ${this.folder} cannot be written any more (${reason}): events are relayed and not kept until the next start`,
    )
    this.shut()
  }
}

const LINE_BREAK = 0x0a
/** A first line is no longer. */
const LONGEST_HEADER = 4096

/**
 * Opens the journal for what is sent again by hand, by a program that is no listener. Nothing is removed to make room:
 * the next listener does that. Throws as `openJournal` does.
 */
export function openReplayJournal(folder: string, warn: (message: string) => void): Promise<Journal> {
  return openJournal(folder, {
    pathMode: 'append',
    warn,
    maximumBytes: Number.POSITIVE_INFINITY,
    replays: true,
  })
}
