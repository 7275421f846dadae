import type { Finding } from '../../messages/reply-findings.ts'

/** What the server of the inspector and its page tell each other, as JSON. */

export interface ListenerFacts {
  /** Where events are taken. */
  url: string
  routes: readonly { events: readonly string[]; target: string }[]
  /** Bodies are shown masked. */
  mask: boolean
}

export interface ReplayOptions {
  /** Null: where events of its type go. */
  to: string | null
  /** Null: the body as it came. */
  body: string | null
  withSecrets: boolean
}

export interface Changes {
  cursor: string
  /** The page forgets what it has. */
  reset: boolean
  /** In the order of arrival. */
  rows: readonly EventRow[]
}

export interface EventPage {
  rows: readonly EventRow[]
  /** There are older ones. */
  more: boolean
}

export type EventState =
  /** No reply yet. */
  | 'waiting'
  | 'answered'
  /** The target did not answer, or its reply broke off. */
  | 'failed'
  /** It was not let in. */
  | 'refused'
  /** The sender went away. */
  | 'cancelled'

/** An event in the list. */
export interface EventRow {
  id: string
  /** Milliseconds since 1970. */
  atMs: number
  type: string | null
  callId: string | null
  method: string
  path: string
  /** The useful line. */
  summary: string
  state: EventState
  status: number | null
  durationMs: number | null
  /** What the platform waits for the reply. */
  limitMs: number
  /** Findings of the reply that goes back. */
  errors: number
  warnings: number
  malformed: boolean
  duplicateOf: string | null
  replayOf: string | null
}

export interface EventDetail {
  row: EventRow
  needsReply: boolean
  request: { headers: readonly Header[]; body: BodyView }
  outcomes: readonly OutcomeView[]
}

/** Values that are secrets are hidden. */
export type Header = readonly [name: string, value: string]

export interface BodyView {
  /** Null: it was passed on as it came. */
  bytes: number | null
  /** Of these are kept. */
  keptBytes: number
  contentType: string | null
  kind: 'json' | 'text' | 'binary' | 'empty' | 'unkept'
  /** The text; for `binary` a table of its first bytes; null where it is large and must be asked for. */
  text: string | null
  /** The text was unpacked from this encoding, or null. */
  unpacked: string | null
}

export interface OutcomeView {
  target: string
  answers: boolean
  status: number | null
  durationMs: number | null
  headers: readonly Header[]
  body: BodyView | null
  findings: readonly Finding[]
  /** What went wrong where there is no reply. */
  problem: { message: string; hint: string | null } | null
}

/** A call as its events tell it. */
export interface CallView {
  callId: string
  items: readonly CallItem[]
  /** Who speaks at this moment, as far as it is told. */
  speaking: readonly ('assistant' | 'user')[]
}

interface ItemOfEvent {
  /** Unique and lasting within the call. */
  key: string
  atMs: number
  /** Where it comes from. */
  eventId: string
}

export type CallItem =
  | (ItemOfEvent & { kind: 'said'; role: 'assistant' | 'user' | 'system'; text: string; partial: boolean })
  | (ItemOfEvent & {
      kind: 'tool'
      name: string
      /** As JSON. */
      arguments: string
      state: 'waiting' | 'done' | 'failed'
      /** What the reply says, or what went wrong. */
      result: string | null
      durationMs: number | null
    })
  | (ItemOfEvent & { kind: 'note'; type: string; text: string; failed: boolean })
  | (ItemOfEvent & { kind: 'end'; reason: string; summary: string | null; figures: string })
