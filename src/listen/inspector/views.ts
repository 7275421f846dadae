import { findServerMessageType } from '../../messages/events.ts'
import type { Finding } from '../../messages/reply-findings.ts'
import { maskHeaders, maskUrl } from '../../net/trace.ts'
import { describeEvent } from '../describe.ts'
import { findingsOf, wordsFor } from '../listener.ts'
import { hideAddress, maskText } from '../mask.ts'
import { bodyView } from './bodies.ts'
import type {
  EventDetail,
  EventRow,
  EventState,
  Header,
  KeptEvent,
  KeptOutcome,
  OutcomeView,
} from './types.ts'

export interface ViewSettings {
  /** How long the platform waits for most replies, in seconds. */
  limitSeconds: number
  /** Telephone numbers, addresses and secrets are hidden in bodies too. */
  mask: boolean
}

/** An event and the findings of each of its outcomes. */
export interface CheckedEvent {
  kept: KeptEvent
  findings: readonly (readonly Finding[])[]
  /** The useful line, where the head that it is made of is not kept whole. */
  summary?: string
}

/** What the reply that goes back does wrong; copies are not checked. */
export function checkOutcome(
  { reply }: KeptOutcome,
  event: KeptEvent['event'],
  settings: ViewSettings,
): readonly Finding[] {
  return reply?.answers === true ? findingsOf(reply, event, settings.limitSeconds) : []
}

export function rowOf(checked: CheckedEvent, settings: ViewSettings): EventRow {
  const { kept, findings } = checked
  const { event, duplicateOf, replayOf } = kept
  const { type } = event.head
  const place = kept.outcomes.findLastIndex(isFinal)
  const final = kept.outcomes[place]
  const found = findings[place] ?? []
  const summary = (checked.summary ?? describeEvent(event.head)) || unreadSummary(type, final)
  return {
    id: event.id,
    atMs: event.receivedMs,
    type,
    callId: event.head.callId,
    method: event.method,
    path: settings.mask ? maskText(hideAddress(event.requested)) : hideAddress(event.requested),
    summary: settings.mask ? maskText(summary) : summary,
    ...stateOf(final),
    limitMs: 1000 * (limitOf(type) ?? settings.limitSeconds),
    errors: found.filter(({ level }) => level === 'error').length,
    warnings: found.filter(({ level }) => level === 'warning').length,
    malformed: event.malformed,
    duplicateOf,
    replayOf,
  }
}

/** Of a request of which no more is known than that it was refused. */
function unreadSummary(type: string | null, outcome: KeptOutcome | undefined): string {
  return type === null && outcome?.problem?.type === 'refused' ? outcome.problem.message : ''
}

/** Is it what the sender got to hear? */
function isFinal({ reply, problem }: KeptOutcome): boolean {
  if (reply !== undefined) return reply.answers
  return problem.type === 'target' || problem.type === 'broken' ? problem.answers : true
}

function stateOf(outcome: KeptOutcome | undefined): {
  state: EventState
  status: number | null
  durationMs: number | null
} {
  if (outcome === undefined) return { state: 'waiting', status: null, durationMs: null }
  const { reply, problem } = outcome
  if (reply !== undefined) return { state: 'answered', status: reply.status, durationMs: reply.durationMs }
  switch (problem.type) {
    case 'refused':
      return { state: 'refused', status: problem.status, durationMs: null }
    case 'cancelled':
      return { state: 'cancelled', status: null, durationMs: problem.durationMs }
    default:
      return { state: 'failed', status: null, durationMs: problem.durationMs }
  }
}

export function detailOf(checked: CheckedEvent, settings: ViewSettings): EventDetail {
  const { kept, findings } = checked
  const { event, outcomes, bodyBytes } = kept
  const type = event.head.type
  return {
    row: rowOf(checked, settings),
    needsReply: type !== null && (findServerMessageType(type)?.reply ?? null) !== null,
    request: {
      headers: headersOf(event.rawHeaders),
      body: bodyView(event.body, event.rawHeaders, bodyBytes, { mask: settings.mask }),
    },
    outcomes: outcomes.map((outcome, place) => outcomeView(outcome, findings[place] ?? [], settings)),
  }
}

function outcomeView(
  { reply, problem }: KeptOutcome,
  findings: readonly Finding[],
  { mask }: ViewSettings,
): OutcomeView {
  if (reply !== undefined)
    return {
      target: maskUrl(reply.url),
      answers: reply.answers,
      status: reply.status,
      durationMs: reply.durationMs,
      headers: headersOf(reply.rawHeaders),
      body: bodyView(reply.body, reply.rawHeaders, reply.bodyBytes, { mask }),
      findings,
      problem: null,
    }
  const { message, hint, target } = wordsFor(problem)
  return {
    target: target === undefined ? '' : maskUrl(target),
    answers: isFinal({ problem }),
    status: problem.type === 'refused' ? problem.status : null,
    durationMs: 'durationMs' in problem ? problem.durationMs : null,
    headers: [],
    body: null,
    findings,
    problem: { message: mask ? maskText(message) : message, hint: hint ?? null },
  }
}

/** Pairs in their order, the values of secrets hidden. */
function headersOf(rawHeaders: readonly string[]): Header[] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, place) => {
    const name = rawHeaders[2 * place] ?? ''
    const value = rawHeaders[2 * place + 1] ?? ''
    return [name, isSecretHeader(name) ? '***' : value] as const
  })
}

/** Does the value of a header of this name tell a secret, or that the sender knows one? */
export function isSecretHeader(name: string): boolean {
  return maskHeaders({ [name]: '' })[name] !== ''
}

function limitOf(type: string | null): number | null {
  return type === null ? null : (findServerMessageType(type)?.limitSeconds ?? null)
}
