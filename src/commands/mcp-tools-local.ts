import { isUtf8 } from 'node:buffer'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { explainCall } from '../call/explain/explain.ts'
import { openRecord } from '../call/explain/open-record.ts'
import { readLog } from '../call/explain/read-log.ts'
import { explanationBlocks } from '../call/explain/render-model.ts'
import type { Context } from '../cli/context.ts'
import type { Observation } from '../engine/observations.ts'
import { usageError } from '../errors.ts'
import { describeEvent } from '../listen/describe.ts'
import type { ExportedEvent } from '../listen/journal/export.ts'
import { journalFolder } from '../listen/journal/journal.ts'
import { readEvents } from '../listen/journal/reader.ts'
import { restoreEvent } from '../listen/journal/resend.ts'
import { SecretFiles } from '../listen/journal/secrets.ts'
import { hideAddress, maskText, maskValue } from '../listen/mask.ts'
import { parsePatterns } from '../listen/routes.ts'
import { cutText } from '../mcp/server/limit.ts'
import { defineTool, READS_HERE, type ServerTool } from '../mcp/server/tool.ts'
import { loadRecord, nothingFound } from './listen-recorded.ts'
import { fitJson } from './mcp-json.ts'

/** Simulated calls begin at this wall clock, so that they come out the same every time. */
const EPOCH_MS = Date.parse('2026-01-05T09:00:00Z')
const TEXT_CHARACTERS = 24_000
const DATA_CHARACTERS = 22_000
const BODY_CHARACTERS = 4000

/** Events of a call that say what happened in it. */
const TOLD = new Set([
  'transcript',
  'endpointing.decided',
  'assistant.speech.started',
  'assistant.speech.stopped',
  'interruption',
  'hook.triggered',
  'tool.called',
  'tool.completed',
  'assistant.changed',
  'turn.latency',
  'warning',
  'call.ended',
])

/** The tools that work on this machine: on the folder where the server was started. */
export function localTools(context: Context): ServerTool[] {
  return [simulateCallTool(context), readJournalTool(context), explainCallTool(context)]
}

const json = z.record(z.string(), z.unknown())

function simulateCallTool(context: Context): ServerTool {
  return defineTool({
    name: 'simulate_call',
    title: 'Simulate a call',
    description:
      'Runs a scripted call on an assistant’s own configuration: turn taking, interruption, hooks, tools and transfers to the millisecond on a virtual clock, with no account and no provider. The simulation has what a file of vapi call simulate has: caller (a list of {at, say, lasts} in seconds, or {after: "assistant", plus, say, lasts}, or {during: "assistant", plus, say}), model (a list of {reply, when, toolCalls}), tools ({name: {result}}), latencies, expect (a list of {event, matches, count, afterMs, since} or {endedReason}). What the assistant says comes from model; nothing is invented.',
    input: z.strictObject({
      assistant: z
        .union([json, z.string().min(1).max(1000)])
        .optional()
        .describe('the assistant, or a file with it; in place of the simulation’s own'),
      simulation: json.describe(
        '{"caller": [{"at": 1, "say": "Hello", "lasts": 0.8}], "model": [{"reply": "Hi."}]}',
      ),
    }),
    output: z.object({
      passed: z.boolean().describe('true where every expectation holds and the call did not break'),
      endedReason: z.string(),
      lengthMs: z.number(),
      failedExpectations: z.array(z.object({ index: z.number(), reason: z.string() })),
      warnings: z.array(z.string()),
      events: z.array(z.unknown()),
      leftOut: z.array(z.string()),
    }),
    annotations: READS_HERE,
    async run({ assistant, simulation }, { signal }) {
      const [{ parseScenario }, { validateExpectations }, { simulate }, { loadChecks }, { storedLoader }] =
        await Promise.all([
          import('../call/scenario.ts'),
          import('../call/simulation/expectations.ts'),
          import('../call/simulation/simulate.ts'),
          import('./call-checks.ts'),
          import('./call-options.ts'),
        ])
      const name = 'the simulation'
      const scenario = parseScenario({ ...simulation, ...(assistant !== undefined && { assistant }) }, name)
      validateExpectations(scenario.expect ?? [], name)
      const check = await loadChecks()
      signal.throwIfAborted()
      const loadStored = storedLoader(context, true)
      // Paths in it count from the folder of the server.
      const place = join(context.workingDirectory, 'simulation.yaml')
      const outcome = await simulate(scenario, place, {
        semantics: 'documentation',
        variables: {},
        epochMs: EPOCH_MS,
        seed: 1,
        signal,
        loadStored,
        check,
      })
      const { result, failed, observations, afterwards } = outcome
      const all = [...observations, ...afterwards]
      const warnings = [
        ...all.flatMap(each => (each.type === 'warning' ? [each.message] : [])),
        ...outcome.unmeant,
      ]
      const asked = scenario.expect?.some(line => line.endedReason === result.endedReason)
      const isBroken = result.failure !== null && !asked && (scenario.failures?.length ?? 0) === 0
      const events = fitJson(
        all.filter(({ type }) => TOLD.has(type)),
        DATA_CHARACTERS,
        'events',
      )
      const data = {
        passed: failed.length === 0 && !isBroken,
        endedReason: result.endedReason,
        lengthMs: result.ended.atMs,
        failedExpectations: failed.map(({ index, reason }) => ({ index, reason })),
        warnings: warnings.slice(0, 50),
        events: events.value as unknown[],
        leftOut: events.leftOut,
      }
      const head = [
        `The call ended with ${data.endedReason} after ${(data.lengthMs / 1000).toFixed(2)} s.`,
        ...(result.failure !== null ? [`It broke: ${result.failure.message}`] : []),
        ...failed.map(({ index, reason }) => `expect[${index}] does not hold: ${reason}`),
        ...(scenario.expect !== undefined && failed.length === 0 ? ['Every expectation holds.'] : []),
        ...data.warnings.map(warning => `Warning: ${warning}`),
      ].join('\n')
      const { text } = await explained(eventsOf(all), null)
      return { text: cutText(`${head}\n\n${text}`, TEXT_CHARACTERS).text, data }
    },
  })
}

function* eventsOf(observations: Iterable<Observation | Record<string, unknown>>): Generator<string> {
  for (const observation of observations) yield `${JSON.stringify(observation)}\n`
}

function readJournalTool(context: Context): ServerTool {
  return defineTool({
    name: 'read_listen_journal',
    title: 'Read the journal of vapi listen',
    description:
      'The newest webhook messages that vapi listen took in the folder of this server, with the answers of the local server: type, call, body, status and time. Telephone numbers, e-mail addresses and secrets are hidden.',
    input: z.strictObject({
      last: z.number().int().min(1).max(100).default(10).describe('the newest so many'),
      event: z.string().max(500).optional().describe('types: "tool-calls,status-*"'),
      callId: z.string().max(200).optional().describe('of this call'),
      failed: z.boolean().default(false).describe('only those that the server did not take'),
    }),
    output: z.object({ events: z.array(z.unknown()), leftOut: z.array(z.string()) }),
    annotations: READS_HERE,
    async run({ last, event, callId = null, failed }, { signal }) {
      const types = event === undefined ? null : parsePatterns(event)
      const filter = { types: types?.length === 0 ? null : types, callId, failed, last }
      const records = await readEvents(journalFolder(context.workingDirectory), filter)
      const secrets = new SecretFiles()
      const all: unknown[] = []
      for (const record of records) {
        signal.throwIfAborted()
        all.push(journalRow(await loadRecord(record, secrets)))
      }
      // The newest first: what does not fit is the oldest.
      const { value, leftOut } = fitJson(all.reverse(), DATA_CHARACTERS, 'events')
      const events = value as unknown[]
      const text =
        events.length === 0
          ? `Nothing to show: ${await nothingFound(context)}.`
          : `\`\`\`json\n${JSON.stringify(events, null, 1)}\n\`\`\`${leftOut.length === 0 ? '' : `\n\nLeft out: ${leftOut.join(', ')}`}`
      return { text: cutText(text, TEXT_CHARACTERS * 1.5).text, data: { events, leftOut } }
    },
  })
}

function journalRow({ event, line, outcomes }: ExportedEvent): object {
  return {
    id: event.id,
    at: new Date(event.atMs).toISOString(),
    event: event.event,
    callId: event.callId,
    request: `${event.method} ${maskText(hideAddress(event.requested))}`,
    summary: maskText(describeEvent(restoreEvent(event, line).head)),
    body: bodyOf(line.body),
    ...(event.duplicateOf !== null && { duplicateOf: event.duplicateOf }),
    ...(event.replayOf !== null && { replayOf: event.replayOf }),
    outcomes: outcomes.map(({ entry, line: reply }) => ({
      target: entry.target === null ? null : maskText(hideAddress(entry.target)),
      ...(entry.type === 'reply' && { status: entry.status, body: bodyOf(reply.body) }),
      ...(entry.type === 'problem' && { problem: entry.problem, message: maskText(entry.message) }),
      ...(entry.type !== 'attempt' && { durationMs: entry.durationMs }),
    })),
  }
}

/** A body with its secrets hidden; what is too large of it is left out. */
function bodyOf(body: Buffer | null): unknown {
  if (body === null || body.length === 0) return null
  if (!isUtf8(body)) return `${body.length} bytes that are no text`
  const text = body.toString('utf8')
  try {
    const { value, leftOut } = fitJson(maskValue(JSON.parse(text)), BODY_CHARACTERS)
    return leftOut.length === 0 ? value : { ...(value as object), '…': `left out: ${leftOut.join(', ')}` }
  } catch {
    return maskText(text).slice(0, BODY_CHARACTERS)
  }
}

function explainCallTool(context: Context): ServerTool {
  return defineTool({
    name: 'explain_call',
    title: 'Explain a call',
    description:
      'Tells turn by turn why the assistant spoke when it did: who ended the turn, what was waited for, where the time went, what interrupted, and which settings would make it faster. For calls of vapi call local (by the folder or id in .vapi/calls; without one the last), a saved .vapicall, a file of events, or the events themselves.',
    input: z.strictObject({
      call: z
        .string()
        .min(1)
        .max(1000)
        .optional()
        .describe('file, folder or id; the last local call without it'),
      events: z.array(json).max(50_000).optional().describe('events of a call, in place of a file'),
      turn: z.number().int().min(0).optional().describe('this turn alone; 0 is the opening'),
    }),
    output: z.object({ calls: z.array(z.unknown()), leftOut: z.array(z.string()) }),
    annotations: READS_HERE,
    async run({ call, events, turn }, { signal }) {
      if (call !== undefined && events !== undefined) throw usageError('call and events exclude each other')
      if (call === '-') throw usageError('standard input carries the protocol', 'name a file, or give events')
      const pieces =
        events === undefined
          ? (await openRecord(call, context.workingDirectory, Readable.from([]))).pieces
          : Readable.from(eventsOf(events))
      signal.throwIfAborted()
      const { calls, text } = await explained(pieces, turn ?? null)
      if (calls.length === 0)
        throw usageError(
          `${call ?? 'this'} holds no events of a call`,
          'vapi call local keeps them in .vapi/calls; vapi call simulate FILE --json prints them',
        )
      const known = calls.flatMap(each => each.turns.map(({ turn: number }) => number))
      if (turn !== undefined && !known.includes(turn))
        throw usageError(`there is no turn ${turn}`, `turns go from 0 to ${Math.max(...known)}`)
      const { value, leftOut } = fitJson(
        calls.map(each => ({
          ...each,
          turns: each.turns.filter(({ turn: number }) => turn === undefined || number === turn),
        })),
        DATA_CHARACTERS,
        'calls',
      )
      return { text: cutText(text, TEXT_CHARACTERS).text, data: { calls: value as unknown[], leftOut } }
    },
  })
}

/** The explanation of a record, as data and as Markdown. */
async function explained(pieces: AsyncIterable<Uint8Array | string> | Iterable<string>, turn: number | null) {
  const log = await readLog(
    'next' in pieces ? Readable.from(pieces) : (pieces as AsyncIterable<Uint8Array | string>),
  )
  const calls = log.calls.map(explainCall)
  const text = calls
    .flatMap(call => explanationBlocks(call, turn))
    .map(({ heading, aside, lines }) =>
      [`## ${heading}${aside === '' ? '' : ` (${aside})`}`, ...lines.map(line => lineText(line))].join('\n'),
    )
    .join('\n\n')
  return { calls, text }
}

function lineText({ kind, text }: { kind: string; text: string }): string {
  return kind === 'quote' ? `> ${text}` : kind === 'remark' ? `- ${text}` : text
}
