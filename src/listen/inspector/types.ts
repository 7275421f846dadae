import type { RelayedEvent, RelayedReply, RelayProblem } from '../relay/types.ts'
import type { BodyView, CallView, Changes, EventDetail, EventPage, ReplayOptions } from './wire.ts'

export type * from './wire.ts'

/** What the inspector asks of the listener. */

/** An event with what became of it, as far as it is kept. */
export interface KeptEvent {
  event: RelayedEvent
  /** In the order in which they came: of the target that answers, and of copies. */
  outcomes: readonly KeptOutcome[]
  /** The event that this one repeats, or null. */
  duplicateOf: string | null
  /** The event that was sent again, or null. */
  replayOf: string | null
  /** Of the request, also where `event.body` holds its beginning alone; null: not known. */
  bodyBytes: number | null
}

export type KeptOutcome =
  | { reply: RelayedReply; problem?: undefined }
  | { problem: RelayProblem; reply?: undefined }

/** Events that are no longer in memory: a journal. */
export interface EventHistory {
  /** Events that came at that time or before it, the newest first; read as far as they are asked for. */
  before(atMs: number): AsyncIterable<KeptEvent>
  find(id: string): Promise<KeptEvent | null>
  /** Events of a call that are not known, the oldest first. */
  ofCall(callId: string, isKnown: (id: string) => boolean): AsyncIterable<KeptEvent>
}

/** Sends a request to a target once more, or another one in its place. */
export type Resend = (request: ResendRequest) => Promise<KeptOutcome>

export interface ResendRequest {
  /** What is sent: its id, method, path, headers and body. */
  event: RelayedEvent
  /** The event that it is made of. */
  of: string
  /** Address in place of the target of its type, as `parseTarget` reads it; null: the target. */
  to: string | null
  /** Whether headers that carry secrets and signatures go along. */
  withSecrets: boolean
}

/** Where the page gets what it shows. */
export interface InspectorSource {
  /** Hears that something is new; ask `changes` for it. Returns what ends it. */
  subscribe(listener: () => void): () => void
  /** What changed since that cursor; null, or one of another run: the newest events, and `reset`. */
  changes(cursor: string | null): Changes
  /** Events older than that one, newest first; null: the newest. */
  list(before: { id: string; atMs: number } | null, limit: number): Promise<EventPage>
  /** One event; null where it is not kept (any more). */
  get(id: string): Promise<EventDetail | null>
  /** The whole text of a body: of the request, or of the outcome at that place. */
  body(id: string, of: 'request' | number): Promise<BodyView | null>
  call(callId: string): Promise<CallView | null>
  /** Ids of the events in memory with that text anywhere in request or reply, upper and lower case alike. */
  search(text: string): Promise<readonly string[]>
  /** Sends an event again. Resolves with the id of the event that this made, once its outcome is there. */
  replay(id: string, options: ReplayOptions): Promise<string>
}
