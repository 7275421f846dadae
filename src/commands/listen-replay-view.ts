/** How `vapi listen replay` tells what it does. */
import { isUtf8 } from 'node:buffer'
import { STATUS_CODES } from 'node:http'
import type { Context } from '../cli/context.ts'
import type { Difference } from '../listen/journal/difference.ts'
import { hideSecrets } from '../listen/journal/export.ts'
import { type ResendOutcome, resendHeaders } from '../listen/journal/resend.ts'
import type { OutcomeEntry } from '../listen/journal/types.ts'
import { hideAddress } from '../listen/mask.ts'
import type { RelayedEvent } from '../listen/relay/types.ts'
import type { Finding } from '../messages/reply-findings.ts'
import { outcomeText } from './listen-recorded.ts'

/** So many differences are told; --json has all. */
const TOLD_DIFFERENCES = 5
const LONGEST_VALUE = 120

export interface Replayed {
  event: RelayedEvent
  /** Its id in the journal, or null. */
  keptAs: string | null
  /** Whole address. */
  url: string
  outcome: ResendOutcome
  findings: Finding[]
  before: OutcomeEntry | null
  /** Null where there is nothing to compare with. */
  differences: Difference[] | null
}

/** Prints what would be sent. */
export async function tellPlan(
  request: Parameters<typeof resendHeaders>[0] & { url: string },
  { output }: Context,
): Promise<void> {
  const { event, url } = request
  const headers = hideSecrets(resendHeaders(request))
  const bytes = event.body?.length ?? 0
  const lines = headers.flatMap((name, place) => (place % 2 === 0 ? [`${name}: ${headers[place + 1]}`] : []))
  if (output.isJson) {
    const body = isUtf8(event.body ?? Buffer.alloc(0)) ? event.body?.toString('utf8') : null
    await output.event({
      id: event.id,
      method: event.method,
      url: hideAddress(url),
      headers: lines,
      bodyBytes: bytes,
      body,
    })
    return
  }
  const shown = [
    `${event.id}: ${event.method} ${hideAddress(url)}, ${bytes} bytes`,
    ...lines.map(line => `  ${line}`),
  ]
  output.text(shown.map(line => `${clean(line)}\n`).join(''))
}

/** Prints what came of one that was sent again, and what is other than before. */
export async function tellReplayed(replayed: Replayed, { output }: Context): Promise<void> {
  const { event, keptAs, url, outcome, findings, before, differences } = replayed
  const { id } = event
  if (output.isJson) {
    await output.event({
      id,
      event: event.head.type,
      callId: event.head.callId,
      url: hideAddress(url),
      ...(outcome.type === 'reply'
        ? { status: outcome.reply.status, reply: contentOf(outcome.reply.body) }
        : { status: null, problem: outcome.problem }),
      durationMs: Math.round(durationOf(outcome) * 10) / 10,
      keptAs,
      recorded: before === null ? null : { result: outcomeText(before) },
      differences,
      findings,
    })
    return
  }
  const lines = [
    `${id} ${event.head.type ?? `${event.method} ${hideAddress(event.requested)}`} → ${hideAddress(url)}: ${resultText(outcome)} in ${Math.round(durationOf(outcome))} ms`,
    ...differenceLines(before, differences).map(line => `  ${line}`),
    ...findings.map(
      ({ level, path, message, fix }) => `  ${level}: ${path === '' ? '' : `${path}: `}${message}; ${fix}`,
    ),
  ]
  output.text(lines.map(line => `${clean(line)}\n`).join(''))
}

function durationOf(outcome: ResendOutcome): number {
  return outcome.type === 'reply' ? outcome.reply.durationMs : outcome.problem.durationMs
}

function resultText(outcome: ResendOutcome): string {
  if (outcome.type === 'reply')
    return `${outcome.reply.status} ${STATUS_CODES[outcome.reply.status] ?? ''}`.trim()
  const { problem } = outcome
  return problem.type === 'broken'
    ? `the reply broke off (${problem.message})`
    : `no answer (${problem.message || problem.code})`
}

function differenceLines(before: OutcomeEntry | null, differences: Difference[] | null): string[] {
  if (before === null) return ['no reply was recorded']
  if (before.type !== 'reply') return [`recorded: ${outcomeText(before)}`]
  if (differences === null) return [`recorded: ${before.status} in ${Math.round(before.durationMs)} ms`]
  if (differences.length === 0) return ['the reply is as recorded']
  const told = differences
    .slice(0, TOLD_DIFFERENCES)
    .map(({ path, before: was, after }) => `${path}: ${valueText(was)} → ${valueText(after)}`)
  const more = differences.length - told.length
  return [...told, ...(more > 0 ? [`and ${more} more differences (--json)`] : [])]
}

function valueText(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}

function contentOf(body: Buffer): unknown {
  if (!isUtf8(body)) return { base64: body.toString('base64') }
  const text = body.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Nothing that comes over the wire steers the terminal. */
function clean(line: string): string {
  return line.replace(/\p{Cc}/gu, ' ')
}
