import type { MessageHead } from '../message-head.ts'
import type { Route } from '../routes.ts'

/** A request that came in, as soon as it is known what it is. */
export interface RelayedEvent {
  /** Of this listener: unique, in the order of arrival. */
  id: string
  /** Milliseconds since 1970. */
  receivedMs: number
  method: string
  /** Path and query as they were asked for. */
  requested: string
  rawHeaders: readonly string[]
  head: MessageHead
  /** The body is no JSON although it says so, or nothing says what it is. */
  malformed: boolean
  /** The whole body; null where it is passed on while it comes. */
  body: Buffer | null
}

/** What became of an event at one target. */
export interface RelayedReply {
  id: string
  /** Address that was asked. */
  url: string
  /** The target whose reply goes back to the sender; others get copies. */
  answers: boolean
  status: number
  rawHeaders: readonly string[]
  /** The beginning of the reply, up to `KEPT_REPLY_BYTES`. */
  body: Buffer
  bodyBytes: number
  /** From the last byte of the event to the last byte of the reply. */
  durationMs: number
}

export type RelayProblem =
  /** A target did not answer; without a `url`: no route takes the event (`no-route`). */
  | {
      type: 'target'
      id: string
      url: string
      answers: boolean
      code: string
      message: string
      durationMs: number
    }
  /** The reply broke off. */
  | { type: 'broken'; id: string; url: string; answers: boolean; message: string; durationMs: number }
  /** The sender went away before it had its reply. */
  | { type: 'cancelled'; id: string; durationMs: number }
  /** It was not let in. */
  | { type: 'refused'; id: string; status: 401 | 413 | 501; message: string }

/** What a listener hears of, in the order in which it happens. */
export interface RelayListener {
  /** Before the event is passed on. `pieces`: its body as it came, where it is whole; it need not be joined for these. */
  event(event: RelayedEvent, pieces?: readonly Buffer[] | null): void
  /** Of the reply that goes back: before its last byte does. */
  reply(reply: RelayedReply, event: RelayedEvent): void
  problem(problem: RelayProblem, event: RelayedEvent | null): void
}

/** A reply is kept up to this size for what is shown and checked of it. */
export const KEPT_REPLY_BYTES = 1_048_576

export interface RelayOptions {
  routes: readonly Route[]
  pathMode: 'append' | 'fixed'
  /** Events for which this is false are answered, not passed on and not told of. */
  passes: (head: MessageHead) => boolean
  /** Who may send; null where nothing is asked. Returns what is wrong, or null. */
  verify:
    | ((request: {
        method: string
        requested: string
        rawHeaders: readonly string[]
        body: Buffer
      }) => string | null)
    | null
  maximumBodyBytes: number
  /** Bodies are whole before they are passed on: they are kept, or copied to several targets. */
  wholeBodies: boolean
  /**
   * Calls back when what was told so far is kept; the event, or the end of the reply, goes on then. Without it both go on at
   * once.
   */
  whenKept?: (then: () => void) => void
  sessionId: string
  tls: { skipVerify: boolean; ca: string | null }
}
