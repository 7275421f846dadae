import { randomBytes, randomUUID } from 'node:crypto'
import { assign } from '../api/body.ts'
import type { JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, type ExitCode, messageOf, usageError } from '../errors.ts'
import { type Difference, differencesOf } from '../listen/journal/difference.ts'
import { editEvent } from '../listen/journal/edit.ts'
import { type Journal, journalFolder, openReplayJournal } from '../listen/journal/journal.ts'
import { type EventRecord, finalOutcomes, loadLine } from '../listen/journal/reader.ts'
import { keepsPath, type ResendOutcome, resend, restoreEvent, withHeaders } from '../listen/journal/resend.ts'
import { withoutSecrets } from '../listen/journal/secrets.ts'
import type { OutcomeEntry } from '../listen/journal/types.ts'
import { findingsOf } from '../listen/listener.ts'
import { TargetPools } from '../listen/relay/pools.ts'
import type { RelayedEvent } from '../listen/relay/types.ts'
import { assumedAddress, type PathMode, parseTarget } from '../listen/target.ts'
import { DEFAULT_TIMEOUT_SECONDS } from '../messages/send.ts'
import { authHeaders, type ServerAuth } from '../messages/sign.ts'
import {
  ID_SUMMARY,
  nothingFound,
  pathModeOf,
  selectionOptions,
  selectRecords,
  wholeAddress,
} from './listen-recorded.ts'
import { type Replayed, tellPlan, tellReplayed } from './listen-replay-view.ts'
import { readCertificate, tlsOptions } from './listen-tls.ts'
import { setAssignments } from './resource/body.ts'
import { authOptions, readAuth } from './webhook-auth.ts'

const { secret, bearer, hmac: hmacSecret, 'hmac-plan': hmacPlan } = authOptions

export default defineCommand(
  {
    name: 'listen replay',
    summary: 'send events that vapi listen has kept again, and compare the replies',
    description:
      'Each goes to the targets that had it, with its own headers and body, one after the other in the order of arrival. Exits with 1 where a target failed, with 3 where a reply is wrong. A changed body has the right length; it is signed where a secret is given. What is sent and what comes back is kept in the journal as well, marked as a replay (vapi listen events); --last, --since and the other choices pass such entries over, an id names them too.',
    args: [{ name: 'id', summary: ID_SUMMARY, required: false }],
    options: {
      ...selectionOptions,
      to: {
        type: 'string',
        placeholder: 'TARGET',
        summary: 'another target, as for --forward-to; one without a path gets the path that was asked for',
      },
      set: {
        type: 'list',
        placeholder: 'PATH=VALUE',
        summary: 'change the message first (toolCallList[0].function.name=cancel); @FILE is a file’s content',
      },
      'dry-run': { type: 'boolean', summary: 'show what would be sent' },
      'no-journal': { type: 'boolean', summary: 'keep nothing of what is sent and what comes back' },
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
    const target = options.to === undefined ? null : parseTarget(options.to)
    const assumed = target === null ? null : assumedAddress(target)
    if (assumed !== null) context.output.note(assumed)
    const other = target?.url ?? null
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
    const found = await selectRecords(id, options, context, id !== undefined)
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
    const keeps = records.length > 0 && !options['dry-run'] && !options['no-journal']
    const journal = keeps ? await openReplays(context) : null
    const replay = {
      journal,
      run: randomBytes(4).toString('hex'),
      other,
      change,
      auth,
      pools,
      seconds,
      dryRun: options['dry-run'],
      told: new Set<string>(),
      sent: 0,
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
      journal?.close()
    }
    if (failed) return Exit.failed
    return wrong ? Exit.checkFailed : Exit.done
  },
)

/** Null where it cannot be written: the replay itself needs none. */
async function openReplays({ workingDirectory, output }: Context): Promise<Journal | null> {
  const warn = (message: string) => output.warning(message)
  try {
    return await openReplayJournal(journalFolder(workingDirectory), warn)
  } catch (error) {
    warn(`${messageOf(error)}: what is sent again is not kept`)
    return null
  }
}

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
  /** Where it is kept; null: nowhere. */
  journal: Journal | null
  /** Part of the ids of what is sent, unique. */
  run: string
  sent: number
  /** Names of the secrets of which was said that they are not kept any more. */
  told: Set<string>
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
      ? entry.to.map(target => ({ target, base: new URL(target), mode: pathModeOf(record) }))
      : [{ target: entry.to[0] ?? '', base: replay.other, mode: modeFor(replay.other) }]
  if (addresses.length === 0)
    throw usageError(`${entry.id} was passed to no target`, 'say where to: --to localhost:3000')
  for (const { target, base, mode } of addresses) {
    const url = wholeAddress(record, base, mode)
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
    const keep = keeper(replay, request, base, mode)
    const outcome = await resend(replay.pools, { ...request, path, answers: true, timeoutMs, signal })
    keep?.outcome(outcome)
    const findings = outcome.type === 'reply' ? findingsOf(outcome.reply, event, replay.seconds) : []
    const differences = outcome.type === 'reply' ? await compare(record, before, outcome.reply) : null
    const replayed = { event, keptAs: keep?.id ?? null, url, outcome, findings, before, differences }
    await tellReplayed(replayed, context)
    yield replayed
  }
}

/** A target without a path takes the path that was asked for. */
function modeFor(target: URL): PathMode {
  return keepsPath(target) ? 'append' : 'fixed'
}

/** Keeps what is about to be sent, without secrets that were given for it; `outcome` keeps what came of it. */
function keeper(
  replay: Replay,
  { event, headers }: { event: RelayedEvent; headers: readonly string[] },
  base: URL,
  pathMode: PathMode,
): { id: string; outcome(outcome: ResendOutcome): void } | null {
  const { journal, run } = replay
  if (journal === null) return null
  const id = `replay-${++replay.sent}-${run}`
  const rawHeaders = withHeaders(event, withoutSecrets(headers), headers)
  const url = base.href
  journal.replay({ ...event, id, receivedMs: Date.now(), rawHeaders }, [url], { of: event.id, pathMode })
  return {
    id,
    outcome: outcome => {
      if (outcome.type === 'reply') journal.reply({ ...outcome.reply, id, url })
      else journal.problem({ ...outcome.problem, id, url })
    },
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
