import { type Assignment, assign, parseAssignment, textAt } from '../api/body.ts'
import type { JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { type ExitCode, usageError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { findServerMessageType } from '../messages/events.ts'
import type { Finding } from '../messages/reply-findings.ts'
import { buildMessage, isOfCall } from '../trigger/message.ts'
import { loadObject } from './call-options.ts'
import { chooseEvent, listEvents, triggerableEvents } from './trigger-event.ts'
import {
  explainUnreached,
  leftOutReason,
  readCallId,
  readTriggerTarget,
  targetOptions,
} from './trigger-target.ts'
import { readVolley, sendVolley } from './trigger-volley.ts'
import { limitOf, printReport } from './webhook-report.ts'
import { sendMessage } from './webhook-send.ts'

export default defineCommand(
  {
    name: 'trigger',
    summary: 'send a made-up server message to your server, and check its reply',
    description:
      'Builds any message that the platform sends to servers, complete and valid, and sends it as the platform would. Without --to it goes to the listener (vapi listen) that runs in this folder. Exits with 3 where the reply is wrong, with 1 where the server fails. vapi trigger call plays a whole call. No account is needed.',
    args: [{ name: 'event', summary: 'which one: a name of --list', required: false }],
    options: {
      ...targetOptions,
      list: { type: 'boolean', summary: 'show all events: which need a reply, and in what time' },
      set: {
        type: 'list',
        placeholder: 'PATH=VALUE',
        summary: 'change a field of the message (call.customer.number=+15551234567)',
      },
      file: {
        type: 'string',
        placeholder: 'FILE',
        summary:
          'fields of the message, or a whole one (JSON or YAML, - is standard input), over the made-up ones',
      },
      'call-id': {
        type: 'string',
        placeholder: 'ID',
        summary: 'id of the call (default: a new one each time)',
      },
      count: { type: 'number', placeholder: 'N', minimum: 1, summary: 'send so many, and sum up' },
      rate: { type: 'number', placeholder: 'R', minimum: 0.01, summary: 'so many a second' },
      concurrency: {
        type: 'number',
        placeholder: 'N',
        minimum: 1,
        summary: 'how many may be under way at once (default 1, with --rate 100)',
      },
    },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi trigger tool-calls', does: 'to the running listener' },
      {
        command:
          'vapi trigger end-of-call-report --to localhost:3000/webhook --set endedReason=silence-timed-out',
        does: 'to your server, with a field of your own',
      },
      {
        command: 'vapi trigger assistant-request --to 3000 --count 1000 --rate 50',
        does: 'how fast your server answers',
      },
      { command: 'vapi trigger --list', does: 'all events' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [name], options }, context): Promise<ExitCode | undefined> => {
    const { output } = context
    if (options.list) {
      await listEvents(triggerableEvents, context)
      return undefined
    }
    output.requireFormat('table', 'json', 'yaml', 'jsonl')
    const given = options.file === undefined ? null : await readMessageFile(options.file, context)
    const wanted = wantedName(name, given)
    const { type, fields: meant } = chooseEvent(wanted, given === null, context)
    const callId = readCallId(options['call-id'])
    if (callId !== undefined && !isOfCall(type))
      throw usageError(`${type} tells of no call: --call-id has no place in it`)
    const volley = readVolley(options)
    const assignments = readAssignments(options.set, type)
    const target = await readTriggerTarget(options, context)
    const limitSeconds = limitOf(context, {}, findServerMessageType(type)?.limitSeconds)

    const send = async () => {
      const nowMs = Date.now()
      const fields = { ...meant, ...given }
      const built = buildMessage({ type, nowMs, callId: callId ?? null, fields })
      const message = assign((built ?? { type, timestamp: nowMs }) as JsonObject, assignments)
      const { url, auth, trust } = target
      const sending = { server: {}, message, url, auth, trust, limitSeconds, nowMs }
      const sent = await sendMessage(sending, context)
      const reason = leftOutReason(sent.delivered)
      return reason === null ? sent : { ...sent, findings: [leftOut(reason)] }
    }
    if (volley !== null) return sendVolley({ type, target, volley, limitSeconds, send }, context)
    const { delivered, findings, message } = await send().catch(thrown => {
      throw explainUnreached(thrown, target)
    })
    const sentId = textAt(message, 'call.id')
    return printReport(
      {
        method: 'POST',
        url: target.url,
        sent: type,
        limitSeconds,
        delivered,
        outcome: sentId === '' ? {} : { callId: sentId },
        findings,
        showsReply: true,
      },
      context,
    )
  },
)

function leftOut(reason: string): Finding {
  const message = `no server got it: ${reason}`
  return {
    level: 'error',
    path: '',
    message,
    fix: 'start the listener without that, or choose another event',
  }
}

/** The message of a file, bare or as it is posted. */
async function readMessageFile(file: string, context: Context): Promise<Record<string, unknown>> {
  const document = await loadObject(file, context)
  return isObject(document.message) ? document.message : document
}

function wantedName(name: string | undefined, given: Readonly<Record<string, unknown>> | null): string {
  const type = given?.type
  if (name === undefined && typeof type === 'string') return type
  if (name === undefined)
    throw usageError(
      'the event is missing: what to send',
      'vapi trigger --list shows all, for example tool-calls',
    )
  if (typeof type === 'string' && type !== name)
    throw usageError(`--file has a message of type ${type}, and not ${name}`, 'leave one of them out')
  return name
}

/** Fields that are text in the made-up message stay text. */
function readAssignments(texts: readonly string[], type: string): Assignment[] {
  const sample = buildMessage({ type, nowMs: 0, callId: null, fields: {} }) ?? {}
  return texts.map(text =>
    parseAssignment(text.replace(/^\s*message\./, ''), path =>
      typeof valueAt(sample, path) === 'string' ? 'string' : undefined,
    ),
  )
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value)
}
