import { isUtf8 } from 'node:buffer'
import { isObject } from '../../is-object.ts'
import type { RelayedEvent, RelayedReply, RelayProblem } from '../relay/types.ts'
import { areUtf8, bytesOf, joined } from './pieces.ts'
import type { SecretHider } from './secrets.ts'
import type { AttemptEntry, JournalEntry, ReplayMark, SegmentHeader } from './types.ts'

/**
 * A line in pieces that are written one after the other: JSON text, and for an event whose body is JSON itself the bytes
 * of the body and what closes the line. Quoting a body of 200 kB costs more than relaying it; copied as it is it costs
 * what the write costs.
 */
export interface LinePieces {
  head: string
  /** Stands between head and `}`, in the pieces in which it came. */
  body: readonly Buffer[] | null
}

const LINE_BREAK = 0x0a
const CLOSE_BRACE = 0x7d

/** `pieces`: the body, or null. `hash`: of the body, or null. */
export function eventLine(
  event: RelayedEvent,
  pieces: readonly Buffer[] | null,
  about: { to: readonly string[]; hash: string | null; duplicateOf: string | null; replay?: ReplayMark },
  hide: SecretHider,
): LinePieces {
  const { malformed } = event
  const bodyBytes = pieces === null ? null : bytesOf(pieces)
  const fields = {
    type: 'event',
    bodyBytes,
    id: event.id,
    at: new Date(event.receivedMs).toISOString(),
    event: event.head.type,
    callId: event.head.callId,
    method: event.method,
    path: hide.address(event.requested),
    to: about.to.map(target => hide.address(target)),
    ...(about.hash !== null && { hash: about.hash }),
    ...(about.duplicateOf !== null && { duplicateOf: about.duplicateOf }),
    ...(about.replay !== undefined && { replayOf: about.replay.of, pathMode: about.replay.pathMode }),
    ...(malformed && { malformed }),
    headers: hide.headers(event.rawHeaders),
  }
  if (pieces === null || bodyBytes === 0) return { head: JSON.stringify(fields), body: null }
  if (isJsonLine(event, pieces))
    return { head: `${JSON.stringify(fields).slice(0, -1)},"json":`, body: pieces }
  return { head: JSON.stringify({ ...fields, ...encoded(joined(pieces)) }), body: null }
}

/**
 * A message of the platform on one line: an object, as reading its type has shown. Of a large one only the beginning and
 * the end were looked at; its length stands in front, so that whatever is between cannot confuse the reader.
 */
function isJsonLine({ head, malformed }: RelayedEvent, pieces: readonly Buffer[]): boolean {
  return (
    head.type !== null &&
    !malformed &&
    pieces.at(-1)?.at(-1) === CLOSE_BRACE &&
    areUtf8(pieces) &&
    pieces.every(piece => piece.indexOf(LINE_BREAK) === -1)
  )
}

export function replyLine(
  reply: RelayedReply,
  attempt: number,
  nowMs: number,
  hide: SecretHider,
): LinePieces {
  const fields = {
    type: 'reply',
    bodyBytes: reply.bodyBytes,
    id: reply.id,
    at: new Date(nowMs).toISOString(),
    target: hide.address(reply.url),
    answers: reply.answers,
    status: reply.status,
    durationMs: Math.round(reply.durationMs * 10) / 10,
    ...(attempt > 0 && { attempt }),
    headers: hide.headers(reply.rawHeaders),
    ...(reply.body.length > 0 && encoded(reply.body)),
  }
  return { head: JSON.stringify(fields), body: null }
}

export function problemLine(
  problem: RelayProblem,
  attempt: number,
  nowMs: number,
  hide: SecretHider,
): LinePieces {
  const { type, id, ...rest } = problem
  const at = new Date(nowMs).toISOString()
  const { url, ...more } = { url: undefined, ...rest }
  const target = url === undefined ? undefined : hide.address(url)
  const fields = { type: 'problem', problem: type, id, at, target, ...more, ...(attempt > 0 && { attempt }) }
  return { head: JSON.stringify(fields), body: null }
}

export function attemptLine(entry: AttemptEntry, hide: SecretHider): LinePieces {
  const { id, atMs, attempt, possiblyDelivered } = entry
  const at = new Date(atMs).toISOString()
  const target = hide.address(entry.target)
  const fields = { type: 'attempt', id, at, target, attempt, ...(possiblyDelivered && { possiblyDelivered }) }
  return { head: JSON.stringify(fields), body: null }
}

export function headerLine(header: SegmentHeader): LinePieces {
  const { format, run, startedMs, pathMode } = header
  const fields = { format, type: 'journal', run, startedAt: new Date(startedMs).toISOString(), pathMode }
  return { head: JSON.stringify(fields), body: null }
}

function encoded(body: Buffer): { text: string } | { base64: string } {
  return isUtf8(body) ? { text: body.toString('utf8') } : { base64: body.toString('base64') }
}

/** A line read: its fields, and the body where it stands in the line as it is. */
export interface ParsedLine {
  fields: Record<string, unknown>
  body: Buffer | null
  /** The text of the fields, closed as an object. */
  head: Buffer
}

const BODY_LENGTH = /^\{"type":"event","bodyBytes":(\d+),/
const JSON_NAME = Buffer.from(',"json":')

/** Null for a line that is damaged. */
export function parseLine(line: Buffer): ParsedLine | null {
  const { head, body } = splitLine(line)
  try {
    const fields: unknown = JSON.parse(head.toString('utf8'))
    return isObject(fields) ? { fields, body, head } : null
  } catch {
    return null
  }
}

/**
 * Cuts the body out of a line. It can only be there where `,"json":` stands right before it: within a quoted text the
 * quotes of such words would have backslashes.
 */
function splitLine(line: Buffer): { head: Buffer; body: Buffer | null } {
  const [, digits] = BODY_LENGTH.exec(line.toString('latin1', 0, 48)) ?? []
  const start = line.length - 1 - Number(digits)
  const nameStart = start - JSON_NAME.length
  if (digits === undefined || nameStart < 0 || !line.subarray(nameStart, start).equals(JSON_NAME))
    return { head: line, body: null }
  return {
    head: Buffer.concat([line.subarray(0, nameStart), Buffer.from('}')]),
    body: line.subarray(start, line.length - 1),
  }
}

/** The bytes of the body of a line; null where it was not kept. */
export function bodyOf({ fields, body }: ParsedLine): Buffer | null {
  if (body !== null) return body
  if (typeof fields.text === 'string') return Buffer.from(fields.text)
  if (typeof fields.base64 === 'string') return Buffer.from(fields.base64, 'base64')
  // Written by hand, or by another program.
  if (fields.json !== undefined) return Buffer.from(JSON.stringify(fields.json))
  return fields.bodyBytes === null ? null : Buffer.alloc(0)
}

/** Names and values in turn. */
export function headersOf({ fields }: ParsedLine): string[] {
  return Array.isArray(fields.headers) ? fields.headers.map(String) : []
}

/** Null for a line of another kind, or one that lacks what it needs. */
export function entryOf({ fields }: ParsedLine): JournalEntry | null {
  const { type, id } = fields
  const atMs = Date.parse(String(fields.at))
  if (typeof id !== 'string' || Number.isNaN(atMs)) return null
  const attempt = numberOr(fields.attempt, 0)
  const target = textOr(fields.target, null)
  switch (type) {
    case 'event':
      return {
        type,
        id,
        atMs,
        event: textOr(fields.event, null),
        callId: textOr(fields.callId, null),
        method: textOr(fields.method, 'POST'),
        requested: textOr(fields.path, '/'),
        to: Array.isArray(fields.to) ? fields.to.map(String) : [],
        bodyBytes: numberOr(fields.bodyBytes, null),
        hash: textOr(fields.hash, null),
        duplicateOf: textOr(fields.duplicateOf, null),
        replayOf: textOr(fields.replayOf, null),
        pathMode: fields.pathMode === 'append' || fields.pathMode === 'fixed' ? fields.pathMode : null,
        malformed: fields.malformed === true,
      }
    case 'reply':
      if (target === null || typeof fields.status !== 'number') return null
      return {
        type,
        id,
        atMs,
        target,
        answers: fields.answers !== false,
        status: fields.status,
        durationMs: numberOr(fields.durationMs, 0),
        bodyBytes: numberOr(fields.bodyBytes, 0),
        attempt,
      }
    case 'problem': {
      const problem = problems.find(name => name === fields.problem)
      if (problem === undefined) return null
      return {
        type,
        id,
        atMs,
        problem,
        target,
        answers: fields.answers !== false,
        code: textOr(fields.code, null),
        message: textOr(fields.message, ''),
        status: numberOr(fields.status, null),
        durationMs: numberOr(fields.durationMs, null),
        attempt,
      }
    }
    case 'attempt':
      if (target === null) return null
      return { type, id, atMs, target, attempt, possiblyDelivered: fields.possiblyDelivered === true }
    default:
      return null
  }
}

const problems = ['target', 'broken', 'cancelled', 'refused'] as const

function textOr<Default extends string | null>(value: unknown, fallback: Default): string | Default {
  return typeof value === 'string' ? value : fallback
}

function numberOr<Default extends number | null>(value: unknown, fallback: Default): number | Default {
  return typeof value === 'number' ? value : fallback
}
