import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, type ExitCode, VapiError } from '../errors.ts'
import type { Delivered } from '../messages/deliver.ts'
import { findServerMessageType } from '../messages/events.ts'
import type { Finding } from '../messages/reply-findings.ts'
import { type PlayedReply, playCall } from '../trigger/play.ts'
import type { JsonObject, ScriptedMessage } from '../trigger/script.ts'
import { createCallView, type PlayedEvent } from './trigger-call-view.ts'
import { DEFAULT_STORY, findCallSource } from './trigger-source.ts'
import {
  explainUnreached,
  leftOutReason,
  readCallId,
  readTriggerTarget,
  type TriggerTarget,
  targetOptions,
} from './trigger-target.ts'
import { limitOf } from './webhook-report.ts'
import { sendMessage } from './webhook-send.ts'

/** A target that is gone for so many messages is not waited for any longer. */
const FAILURES_IN_A_ROW = 3

export default defineCommand(
  {
    name: 'trigger call',
    summary: 'play a whole call to your server, message by message',
    description:
      'Sends what the platform sends of a call, in its order: status, speech, transcripts, tool calls, the report. What your server answers to tool calls goes into what follows. The call is a built-in story, a simulation file, a folder or file of a recorded call (.vapi/calls/ID, vapi call get ID --json), or what vapi listen kept (.vapi/listen) or exported. Ids are new, times are now. Exits with 3 where a reply is wrong, with 1 where a message was not taken.',
    args: [
      {
        name: 'call',
        summary: `a story or a file (default: the story ${DEFAULT_STORY})`,
        required: false,
      },
    ],
    options: {
      ...targetOptions,
      'call-id': { type: 'string', placeholder: 'ID', summary: 'id of the call (default: a new one)' },
      fast: { type: 'boolean', summary: 'without the pauses of a real call' },
    },
    formats: ['table', 'json', 'jsonl'],
    examples: [
      { command: 'vapi trigger call', does: 'a booking, to the running listener, at real pace' },
      { command: 'vapi trigger call --to localhost:3000/webhook --fast', does: 'to your server, at once' },
      { command: 'vapi trigger call .vapi/calls/20260105-090000-4f3a --fast', does: 'a call that you had' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [given = DEFAULT_STORY], options }, context): Promise<ExitCode> => {
    const { output, signal } = context
    const callId = readCallId(options['call-id'])
    const target = await readTriggerTarget(options, context)
    const source = await findCallSource(given, target.url, context)
    const script = await source.script({
      ...(callId !== undefined && { callId }),
      ended: options.fast,
      nowMs: Date.now(),
    })
    const view = await createCallView(output)
    if (!output.isJson)
      output.note(`${source.name} to ${target.url}${script.callId === null ? '' : `, call ${script.callId}`}`)
    const tally = new Tally()
    await playCall(script, { fast: options.fast, signal }, async (message, scripted) => {
      const played = await sendOne(message, scripted, target, context)
      tally.take(played)
      await view.show(played.event)
      if (played.error !== null && (tally.sent === 1 || tally.failuresInRow === FAILURES_IN_A_ROW))
        throw explainUnreached(played.error, target)
      return played.reply
    })
    await view.end({ ...tally.counts(), callId: script.callId })
    if (tally.failed > 0) return Exit.failed
    return tally.wrong > 0 ? Exit.checkFailed : Exit.done
  },
)

interface Played {
  event: PlayedEvent
  /** The listener passed it on to nobody. */
  isLeftOut: boolean
  reply: PlayedReply | null
  /** Why nothing was answered. */
  error: VapiError | null
}

async function sendOne(
  message: JsonObject,
  { atMs }: ScriptedMessage,
  { url, auth, trust }: TriggerTarget,
  context: Context,
): Promise<Played> {
  const type = String(message.type)
  const limitSeconds = limitOf(context, {}, findServerMessageType(type)?.limitSeconds)
  const event = { atMs: Math.round(atMs), type, message }
  let answer: { delivered: Delivered; findings: Finding[] }
  try {
    answer = await sendMessage(
      { server: {}, message, url, auth, trust, limitSeconds, nowMs: Date.now() },
      context,
    )
  } catch (thrown) {
    if (!(thrown instanceof VapiError) || thrown.code === 'interrupted') throw thrown
    const failed = { ...event, status: null, durationMs: null, findings: [], reply: null }
    return { event: { ...failed, error: thrown.message }, isLeftOut: false, reply: null, error: thrown }
  }
  const { status, durationMs, body } = answer.delivered
  const text = body.toString('utf8')
  const isLeftOut = leftOutReason(answer.delivered) !== null
  const findings = isLeftOut ? [] : answer.findings
  return {
    event: { ...event, status, durationMs, findings, reply: text, error: null },
    isLeftOut,
    reply: { status, body: text, tookMs: durationMs },
    error: null,
  }
}

/** Counts what came of the messages. */
class Tally {
  sent = 0
  failed = 0
  wrong = 0
  leftOut = 0
  failuresInRow = 0

  take({ event: { status, findings }, isLeftOut }: Played): void {
    this.sent++
    if (isLeftOut) this.leftOut++
    this.failuresInRow = status === null ? this.failuresInRow + 1 : 0
    const failed = status === null || status < 200 || status >= 300
    if (failed) this.failed++
    else if (findings.some(({ level }) => level === 'error')) this.wrong++
  }

  counts() {
    const { sent, failed, wrong, leftOut } = this
    return { sent, failed, wrong, leftOut }
  }
}
