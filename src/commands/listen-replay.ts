import { isUtf8 } from 'node:buffer'
import { randomBytes, randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { assign } from '../api/body.ts'
import type { JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, type ExitCode, usageError } from '../errors.ts'
import { type Difference, differencesOf } from '../listen/journal/difference.ts'
import { editEvent } from '../listen/journal/edit.ts'
import { hideQuery, hideSecrets } from '../listen/journal/export.ts'
import { type EventRecord, finalOutcomes, loadLine } from '../listen/journal/reader.ts'
import { type ResendOutcome, resend, resendHeaders, restoreEvent } from '../listen/journal/resend.ts'
import type { OutcomeEntry } from '../listen/journal/types.ts'
import { findingsOf } from '../listen/listener.ts'
import { TargetPools } from '../listen/relay/pools.ts'
import type { RelayedEvent } from '../listen/relay/types.ts'
import { parseTarget } from '../listen/target.ts'
import type { Finding } from '../messages/reply-findings.ts'
import { DEFAULT_TIMEOUT_SECONDS } from '../messages/send.ts'
import { authHeaders, type ServerAuth } from '../messages/sign.ts'
import {
  addressOf,
  ID_SUMMARY,
  nothingFound,
  otherAddressOf,
  outcomeText,
  selectionOptions,
  selectRecords,
} from './listen-recorded.ts'
import { readCertificate, tlsOptions } from './listen-tls.ts'
import { setAssignments } from './resource/body.ts'
import { authOptions, readAuth } from './webhook-auth.ts'

const { secret, bearer, hmac: hmacSecret, 'hmac-plan': hmacPlan } = authOptions
/** So many differences are told; --json has all. */
const TOLD_DIFFERENCES = 5
const LONGEST_VALUE = 120

export default defineCommand(
  {
    name: 'listen replay',
    summary: 'send events that vapi listen has kept again, and compare the replies',
    description:
      'Each goes to the targets that had it, with its own headers and body, one after the other in the order of arrival. Exits with 1 where a target failed, with 3 where a reply is wrong. A changed body has the right length; it is signed where a secret is given.',
    args: [{ name: 'id', summary: ID_SUMMARY, required: false }],
    options: {
      ...selectionOptions,
      to: {
        type: 'string',
        placeholder: 'TARGET',
        summary: 'another target; one without a path gets the path that was asked for',
      },
      set: {
        type: 'list',
        placeholder: 'PATH=VALUE',
        summary: 'change the message first (toolCallList[0].function.name=cancel); @FILE is a file’s content',
      },
      'dry-run': { type: 'boolean', summary: 'show what would be sent' },
      secret,
      bearer,
      hmac: hmacSecret,
      'hmac-plan': hmacPlan,
      ...tlsOptions,
    },
    formats: ['table', 'json', 'jsonl'],
    examples: [
      { command: 'vapi listen replay 12', does: 'the event 12 to the target that had it' },
      { command: 'vapi listen replay --last 3 --to localhost:4000', does: 'the last three, elsewhere' },
      {
        command: 'vapi listen replay 12 --set endedReason=customer-busy --hmac @key.txt',
        does: 'a changed message, signed',
      },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [id], options }, context): Promise<ExitCode> => {
    if (id === undefined && options.last === undefined && options.since === undefined)
      throw usageError('which event is missing', 'give an id, --last N or --since TIME (vapi listen events)')
    const other = options.to === undefined ? null : parseTarget(options.to).url
    const assignments = await setAssignments(options, () => undefined, context)
    const auth = await readAuth(
      {
        secret: options.secret,
        bearer: options.bearer,
        hmacSecret: options.hmac,
        hmacPlan: options['hmac-plan'],
        noAuth: false,
      },
      {},
      context,
    )
    const found = await selectRecords(id, options, context)
    if (found.length === 0) context.output.note(await nothingFound(context))
    const records = id === undefined ? found.filter(record => goesSomewhere(record, other)) : found
    const skipped = found.length - records.length
    if (skipped > 0) context.output.note(`${skipped} events went to no target, or their bodies were not kept`)
    const pools = new TargetPools({
      skipVerify: options['skip-verify'],
      ca: await readCertificate(options.ca, context),
    })
    const change =
      assignments.length === 0
        ? null
        : (message: Record<string, unknown>) => ({ ...assign(message as JsonObject, assignments) })
    const seconds = context.flags.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS
    const replay = {
      other,
      change,
      auth,
      pools,
      seconds,
      dryRun: options['dry-run'],
      told: new Set<string>(),
    }
    let failed = false
    let wrong = false
    try {
      for (const record of records)
        for await (const { outcome, findings } of replayOne(record, replay, context)) {
          failed ||= outcome.type !== 'reply' || outcome.reply.status < 200 || outcome.reply.status > 299
          wrong ||= findings.some(({ level }) => level === 'error')
        }
    } finally {
      await pools.close()
    }
    if (failed) return Exit.failed
    return wrong ? Exit.checkFailed : Exit.done
  },
)

function goesSomewhere({ event }: EventRecord, other: URL | null): boolean {
  return event.bodyBytes !== null && (other !== null || event.to.length > 0)
}

interface Replay {
  /** In place of the recorded targets. */
  other: URL | null
  change: ((message: Record<string, unknown>) => Record<string, unknown>) | null
  auth: ServerAuth
  pools: TargetPools
  seconds: number
  dryRun: boolean
  /** Names of the secrets of which was said that they are not kept any more. */
  told: Set<string>
}

interface Replayed {
  event: RelayedEvent
  /** Whole address. */
  url: string
  outcome: ResendOutcome
  findings: Finding[]
  before: OutcomeEntry | null
  /** Null where there is nothing to compare with. */
  differences: Difference[] | null
}

/** Sends an event to each of its targets, and tells what came of it. */
async function* replayOne(record: EventRecord, replay: Replay, context: Context): AsyncGenerator<Replayed> {
  const { event: entry } = record
  const line = await loadLine(record.place)
  const recorded = restoreEvent(entry, line)
  if (recorded.body === null)
    throw usageError(`the body of ${entry.id} was not kept`, 'send it with vapi trigger')
  const event = replay.change === null ? recorded : editEvent(recorded, replay.change)
  if (event === null) throw usageError(`the body of ${entry.id} is no JSON object: --set cannot change it`)
  const final = finalOutcomes(record)
  const addresses =
    replay.other === null
      ? entry.to.map(target => ({ target, url: addressOf(record, target) }))
      : [{ target: entry.to[0] ?? '', url: otherAddressOf(record, replay.other) }]
  if (addresses.length === 0)
    throw usageError(`${entry.id} was passed to no target`, 'say where to: --to localhost:3000')
  for (const { target, url } of addresses) {
    const before = final.get(target) ?? null
    const request = {
      event,
      url,
      target: new URL(url),
      headers: signed(event, url, replay.auth),
      sessionId: randomBytes(4).toString('hex'),
      nowMs: Date.now(),
    }
    tellLost(line.lost, request.headers, replay, context)
    if (replay.dryRun) {
      await tellPlan(request, context)
      continue
    }
    const path = url.slice(request.target.origin.length)
    const timeoutMs = replay.seconds * 1000
    const { signal } = context
    const outcome = await resend(replay.pools, { ...request, path, answers: true, timeoutMs, signal })
    const findings = outcome.type === 'reply' ? findingsOf(outcome.reply, event, replay.seconds) : []
    const differences = outcome.type === 'reply' ? await compare(record, before, outcome.reply) : null
    const replayed = { event, url, outcome, findings, before, differences }
    await tellReplayed(replayed, context)
    yield replayed
  }
}

/** Says once what is not sent, unless options give it anew. */
function tellLost(
  lost: readonly string[],
  given: readonly string[],
  { told }: Replay,
  { output }: Context,
): void {
  const names = given.map(name => name.toLowerCase())
  const missing = lost.filter(name => !names.includes(name.toLowerCase()) && !told.has(name))
  if (missing.length === 0) return
  for (const name of missing) told.add(name)
  output.note(
    `sent without ${missing.join(', ')}: its secret is not kept any more; give --secret or --bearer`,
  )
}

/** Names and values in turn. Nothing is signed unless a secret is given. */
function signed(event: RelayedEvent, url: string, auth: ServerAuth): string[] {
  const headers = authHeaders(auth, {
    method: event.method,
    url,
    body: event.body ?? Buffer.alloc(0),
    nowMs: Date.now(),
    messageId: `msg_${randomUUID()}`,
  })
  return Object.entries(headers).flat()
}

async function compare(
  record: EventRecord,
  before: OutcomeEntry | null,
  after: Parameters<typeof differencesOf>[1],
): Promise<Difference[] | null> {
  const place = record.outcomes.find(({ entry }) => entry === before)?.place
  if (before?.type !== 'reply' || place === undefined) return null
  const { rawHeaders, body } = await loadLine(place)
  return differencesOf({ status: before.status, rawHeaders, body: body ?? Buffer.alloc(0) }, after)
}

async function tellPlan(
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
      url: hideQuery(url),
      headers: lines,
      bodyBytes: bytes,
      body,
    })
    return
  }
  const shown = [
    `${event.id}: ${event.method} ${hideQuery(url)}, ${bytes} bytes`,
    ...lines.map(line => `  ${line}`),
  ]
  output.text(shown.map(line => `${clean(line)}\n`).join(''))
}

async function tellReplayed(replayed: Replayed, { output }: Context): Promise<void> {
  const { event, url, outcome, findings, before, differences } = replayed
  const { id } = event
  if (output.isJson) {
    await output.event({
      id,
      event: event.head.type,
      callId: event.head.callId,
      url: hideQuery(url),
      ...(outcome.type === 'reply'
        ? { status: outcome.reply.status, reply: contentOf(outcome.reply.body) }
        : { status: null, problem: outcome.problem }),
      durationMs: Math.round(durationOf(outcome) * 10) / 10,
      recorded: before === null ? null : { result: outcomeText(before) },
      differences,
      findings,
    })
    return
  }
  const lines = [
    `${id} ${event.head.type ?? `${event.method} ${event.requested}`} → ${hideQuery(url)}: ${resultText(outcome)} in ${Math.round(durationOf(outcome))} ms`,
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
