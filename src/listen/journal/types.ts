/** What stands in a journal. Its form on disk is in README.md. */

import type { PathMode } from '../target.ts'

/** Of this program's journals. Absent counts as 1; newer ones are refused. */
export const JOURNAL_FORMAT = 1

/** The run of all that is sent again by hand, one after the other. No listener has it. */
export const REPLAY_RUN = '00000000'

/** Where a line stands. */
export interface Place {
  /** Path of the segment. */
  file: string
  /** Of the line's first byte. */
  offset: number
  /** Without the line break at its end. */
  bytes: number
}

interface Line {
  /** Of the event. */
  id: string
  /** Milliseconds since 1970. */
  atMs: number
}

/** An event as it came, without headers and body: `loadEvent` reads these. */
export interface EventEntry extends Line {
  type: 'event'
  /** Type of the message, or null. */
  event: string | null
  callId: string | null
  method: string
  /** Path and query. */
  requested: string
  /** Addresses of the targets that it was passed to, the one that answers first; none where it was left out. */
  to: readonly string[]
  /** Of the body; null where the body was not kept. */
  bodyBytes: number | null
  /** Of the body, for finding duplicates; null where there is none. */
  hash: string | null
  duplicateOf: string | null
  /** The event that was sent again by hand: this is what was sent, and nothing that came. Null for all others. */
  replayOf: string | null
  /** How the path was made for the target of a replay; null: as the segment says. */
  pathMode: PathMode | null
  malformed: boolean
}

/** What makes a replay of an event. */
export interface ReplayMark {
  /** Id of the event that was sent again. */
  of: string
  pathMode: PathMode
}

/** What a target answered, without headers and body. */
export interface ReplyEntry extends Line {
  type: 'reply'
  target: string
  /** False: a copy, whose reply went nowhere. */
  answers: boolean
  status: number
  durationMs: number
  /** Of the whole reply; only its beginning is kept of long ones. */
  bodyBytes: number
  /** 0 for the delivery itself, 1 for the first that `--retry` made. */
  attempt: number
}

/** A target did not answer, the sender went away, or the event was not let in. */
export interface ProblemEntry extends Line {
  type: 'problem'
  problem: 'target' | 'broken' | 'cancelled' | 'refused'
  /** Null where it concerns no single target. */
  target: string | null
  answers: boolean
  code: string | null
  message: string
  /** What a refused sender was answered. */
  status: number | null
  durationMs: number | null
  attempt: number
}

/** An event is about to be sent again. */
export interface AttemptEntry extends Line {
  type: 'attempt'
  target: string
  attempt: number
  possiblyDelivered: boolean
}

export type OutcomeEntry = ReplyEntry | ProblemEntry | AttemptEntry
export type JournalEntry = EventEntry | OutcomeEntry

/** The first line of a segment. */
export interface SegmentHeader {
  format: number
  run: string
  startedMs: number
  /** How a path was made for the targets. */
  pathMode: PathMode
}

/** An entry and where it stands. */
export interface Placed<Entry extends JournalEntry = JournalEntry> {
  entry: Entry
  place: Place
}
