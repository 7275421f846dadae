import { isUtf8 } from 'node:buffer'
import { findServerMessageType } from '../messages/events.ts'
import { checkReply } from '../messages/reply-checks.ts'
import type { Finding } from '../messages/reply-findings.ts'
import { describeEvent } from './describe.ts'
import type { ListenEvent, ProblemEvent, ReplyEvent } from './events.ts'
import { headerOf, unpack } from './journal/packed.ts'
import { hideAddress, maskText, maskValue } from './mask.ts'
import {
  KEPT_REPLY_BYTES,
  type RelayedEvent,
  type RelayedReply,
  type RelayListener,
  type RelayProblem,
} from './relay/types.ts'

export interface ListenerSettings {
  /** How long the platform waits for most replies, in seconds (the server's `timeoutSeconds`). */
  limitSeconds: number
  /** Whole bodies go along with the events. */
  withBodies: boolean
  /** Telephone numbers, addresses and secrets are hidden in what is told. */
  mask: boolean
}

/** Errors that a check found so far, and the events that no target answered. */
export interface Tally {
  events: number
  wrongReplies: number
  failed: number
}

/** Bodies that unpack to more are not looked at. */
const UNPACKED_BYTES = 4 * KEPT_REPLY_BYTES
/** A body that is shown with an error is cut to this length. */
const SHOWN_ERROR_BYTES = 2000

/**
 * Makes of what the relay does what the user is told: the useful line of each event, the check of each reply. `tell`
 * hears of each once; `tally` counts.
 */
export function createListener(
  settings: ListenerSettings,
  tell: (event: ListenEvent) => void,
): RelayListener & { tally: Tally; duplicate(id: string, of: string): void } {
  const tally: Tally = { events: 0, wrongReplies: 0, failed: 0 }
  const duplicates = new Map<string, string>()
  const text = (value: string) => (settings.mask ? maskText(value) : value)
  const shown = (body: Buffer, rawHeaders: readonly string[], limit = Number.POSITIVE_INFINITY) => {
    const value = readable(body, rawHeaders, limit)
    return settings.mask ? maskValue(value) : value
  }
  // Many events come in one millisecond, and writing a time costs more than looking at the last one.
  let last = { ms: -1, text: '' }
  const isoTime = (ms: number) => {
    if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() }
    return last.text
  }
  return {
    tally,
    duplicate: (id, first) => duplicates.set(id, first),
    event(event) {
      tally.events++
      const duplicateOf = duplicates.get(event.id)
      duplicates.delete(event.id)
      tell({
        type: 'event',
        at: isoTime(event.receivedMs),
        id: event.id,
        event: event.head.type,
        callId: event.head.callId,
        method: event.method,
        path: text(hideAddress(event.requested)),
        summary: text(describeEvent(event.head)),
        ...(event.malformed && { malformed: true }),
        ...(duplicateOf !== undefined && { duplicateOf }),
        ...(settings.withBodies && event.body !== null && { body: shown(event.body, event.rawHeaders) }),
      })
    },
    reply(reply, event) {
      const findings = reply.answers ? findingsOf(reply, event, settings.limitSeconds) : []
      if (findings.some(({ level }) => level === 'error')) tally.wrongReplies++
      const failed = reply.status < 200 || reply.status >= 300
      const told: ReplyEvent = {
        type: 'reply',
        at: isoTime(Date.now()),
        id: event.id,
        event: event.head.type,
        callId: event.head.callId,
        target: hideAddress(reply.url),
        answers: reply.answers,
        status: reply.status,
        durationMs: Math.round(reply.durationMs * 10) / 10,
        findings,
        ...((failed || settings.withBodies) && {
          body: shown(reply.body, reply.rawHeaders, settings.withBodies ? undefined : SHOWN_ERROR_BYTES),
        }),
      }
      tell(told)
    },
    problem(problem, event) {
      if (problem.type !== 'cancelled') tally.failed++
      // Whoever waits for an answer gets none that fits.
      const answers = (problem.type === 'target' || problem.type === 'broken') && problem.answers
      if (answers && findServerMessageType(event?.head.type ?? '')?.reply != null) tally.wrongReplies++
      tell({
        type: 'error',
        id: problem.id,
        at: isoTime(Date.now()),
        event: event?.head.type ?? null,
        callId: event?.head.callId ?? null,
        ...wordsFor(problem),
      })
    },
  }
}

/** What the platform would find wrong with a reply, lateness included. */
export function findingsOf(reply: RelayedReply, event: RelayedEvent, limitSeconds: number): Finding[] {
  const { type, fields } = event.head
  if (type === null) return []
  const limit = findServerMessageType(type)?.limitSeconds ?? limitSeconds
  const needed = findServerMessageType(type)?.reply ?? null
  const late: Finding[] =
    reply.durationMs <= limit * 1000
      ? []
      : [
          {
            level: needed === null ? 'warning' : 'error',
            path: '',
            message: `it took ${(reply.durationMs / 1000).toFixed(1)} s; the platform gives up after ${limit} s`,
            fix:
              needed === null
                ? 'answer first and work afterwards'
                : 'answer sooner, or raise timeoutSeconds of the server',
          },
        ]
  const body =
    reply.bodyBytes > KEPT_REPLY_BYTES ? null : unpack(reply.body, reply.rawHeaders, UNPACKED_BYTES)
  if (body === null) return late
  const contentType = headerOf(reply.rawHeaders, 'content-type')
  const checked = { status: reply.status, body, ...(contentType !== null && { contentType }) }
  return [...checkReply(fields, checked), ...late]
}

/** A body as JSON where it is some, else as text, else its size in words. */
function readable(body: Buffer, rawHeaders: readonly string[], limit: number): unknown {
  const plain = unpack(body, rawHeaders, UNPACKED_BYTES)
  if (plain === null) return `${body.length} bytes, packed`
  const text = plain.toString('utf8')
  if (plain.length <= limit) {
    try {
      return JSON.parse(text)
    } catch {}
  }
  if (!isUtf8(plain))
    return limit === Number.POSITIVE_INFINITY
      ? { base64: plain.toString('base64') }
      : `${plain.length} bytes that are no text`
  return text.length > limit ? `${text.slice(0, limit)}…` : text
}

type Words = Pick<ProblemEvent, 'code' | 'message' | 'hint' | 'target'>

/** A problem in words for the user. */
export function wordsFor(problem: RelayProblem): Words {
  switch (problem.type) {
    case 'target':
      return {
        ...targetWords(problem.code, problem.message),
        ...(problem.url !== '' && { target: hideAddress(problem.url) }),
      }
    case 'broken':
      return {
        code: 'reply-broken',
        message: `the reply broke off: ${problem.message}`,
        target: hideAddress(problem.url),
      }
    case 'cancelled':
      return { code: 'sender-gone', message: 'the sender went away before the reply; the target was told' }
    case 'refused':
      return { ...REFUSALS[problem.status], message: problem.message }
  }
}

const REFUSALS = {
  401: { code: 'not-verified', hint: 'the sender and the listener need the same secret' },
  413: { code: 'body-too-large', hint: 'raise --max-body' },
  501: { code: 'not-implemented', hint: 'the sender may send the body as it is' },
} as const

const CERTIFICATES = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|SSL|TLS/

function targetWords(code: string, message: string): Pick<Words, 'code' | 'message' | 'hint'> {
  if (code === 'no-route')
    return { code, message, hint: 'add a route for it, or --forward-to for all others' }
  if (code === 'ECONNREFUSED')
    return {
      code: 'target-down',
      message: 'nothing listens at the target',
      hint: 'start your server; events that come then are relayed',
    }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { code: 'target-unknown', message: 'the target’s name is not known', hint: 'check --forward-to' }
  if (CERTIFICATES.test(code))
    return {
      code: 'target-certificate',
      message: `the target’s certificate is not trusted (${code})`,
      hint: 'give its certificate with --ca FILE, or trust any with --skip-verify',
    }
  if (/EPROTO|WRONG_VERSION/.test(code))
    return {
      code: 'target-protocol',
      message: `the target does not speak TLS (${message})`,
      hint: 'is it http:// rather than https://?',
    }
  return { code: 'target-failed', message: `the target did not answer: ${message}` }
}
