import type { Finding } from '../messages/reply-findings.ts'

/** What a listener tells, in the order in which it happens; the JSON lines of `vapi listen --json`. */
export type ListenEvent = ReadyEvent | ReceivedEvent | ReplyEvent | ProblemEvent | NoteEvent

export interface ReadyEvent {
  type: 'ready'
  /** Where events are taken: `http://127.0.0.1:4242`. */
  url: string
  port: number
  /** Addresses by the events that go there. */
  routes: { events: readonly string[]; target: string }[]
  /** The page of the inspector, with its token. */
  inspector?: string
  /** The address that a tunnel gave. */
  publicUrl?: string
}

interface OfEvent {
  /** Of the event, unique in this listener. */
  id: string
  /** Time as ISO 8601. */
  at: string
  /** Its type; null where the request is no message of the platform. */
  event: string | null
  callId: string | null
}

export interface ReceivedEvent extends OfEvent {
  type: 'event'
  method: string
  /** Path and query as they were asked for. */
  path: string
  /** The useful line: words of a transcript, tools with their arguments, status and reason. */
  summary: string
  /** The body says that it is JSON and is not. */
  malformed?: true
  /** The same event came before, under this id. */
  duplicateOf?: string
  /** With `--print-json`: the body, as JSON where it is some, else as text, else its size in words. */
  body?: unknown
}

export interface ReplyEvent extends OfEvent {
  type: 'reply'
  target: string
  /** False: a copy, whose reply goes nowhere. */
  answers: boolean
  status: number
  durationMs: number
  /** Of a try that `--retry` made: the first is 1. */
  attempt?: number
  /** What is wrong with it. */
  findings: readonly Finding[]
  /** Of replies with an error status, and with `--print-json`. */
  body?: unknown
}

export interface ProblemEvent extends OfEvent {
  type: 'error'
  code: string
  message: string
  /** What to do about it. */
  hint?: string
  target?: string
  /** Of a try that `--retry` made: the first is 1. */
  attempt?: number
}

/** Something that the user should know, of no event. */
export interface NoteEvent {
  type: 'note'
  at: string
  message: string
}
