import type { JsonObject } from '../api/types.ts'
import { isAnswered, nameOf, serverOf } from '../api/webhooks.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, type ExitCode, usageError, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { findServerMessageType } from '../messages/events.ts'
import type { SampleSubject } from '../messages/sample-call.ts'
import { sampleMessage } from '../messages/samples.ts'
import { newToolCallId } from '../trigger/message.ts'
import { chooseEvent } from './trigger-event.ts'
import { requireUrl } from './web-address.ts'
import { authOptions, readAuth } from './webhook-auth.ts'
import { chosenOwner, describeOwner, loadOwner, type Owner, ownerOptions } from './webhook-owners.ts'
import { limitOf, printReport } from './webhook-report.ts'
import { sendMessage } from './webhook-send.ts'

export default defineCommand(
  {
    name: 'webhook test',
    summary: 'send a sample message to a server, and check its reply',
    description:
      'Sends a made-up but realistic message as the platform would: to an address, or to the server of an assistant, phone number or tool with its headers, authentication and time limit. Exits with 3 where the reply is wrong, with 1 where the server fails.',
    args: [{ name: 'url', summary: 'address that gets the message', required: false }],
    options: {
      ...ownerOptions,
      type: {
        type: 'string',
        placeholder: 'TYPE',
        summary: 'type of the message (vapi webhook events); what fits unless given',
      },
      ...authOptions,
    },
    formats: ['table', 'json', 'yaml', 'jsonl'],
    examples: [
      {
        command: 'vapi webhook test http://localhost:3000/vapi --type assistant-request',
        does: 'a server here',
      },
      {
        command: 'vapi webhook test --assistant Reception --type end-of-call-report --bearer @token.txt',
        does: 'the server of an assistant',
      },
      {
        command: 'vapi webhook test https://example.com/vapi --type tool-calls --hmac @key.txt',
        does: 'a signed message',
      },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [address], options }, context): Promise<ExitCode> => {
    const chosen = chosenOwner({ assistant: options.assistant, phone: options.phone, tool: options.tool })
    const given = address === undefined ? undefined : requireUrl(address)
    if (chosen === null && given === undefined)
      throw usageError(
        'the URL is missing: where to send it',
        'give a URL, or --assistant, --phone or --tool',
      )
    const wanted = options.type === undefined ? null : chooseEvent(options.type, true, context)
    const owner = chosen === null ? null : await loadOwner(chosen.kind, chosen.name, context)
    const { type, fields } = wanted ?? { type: typeFor(owner), fields: {} }
    const server = owner === null ? {} : (serverOf(owner.object) ?? {})
    const url = given ?? (typeof server.url === 'string' ? server.url : null)
    if (url === null)
      throw new VapiError({
        code: 'not-found',
        message: `${owner === null ? 'it' : describeOwner(owner)} has no server`,
        exit: Exit.notFound,
        hint: 'vapi webhook list shows who has one; or give a URL',
      })
    const auth = await readAuth(
      {
        secret: options.secret,
        bearer: options.bearer,
        hmacSecret: options.hmac,
        hmacPlan: options['hmac-plan'],
        noAuth: options['no-auth'],
      },
      server,
      context,
    )
    warnUnsent(owner, type, context)
    const nowMs = Date.now()
    const message = sampleMessage(type, { ...subjectOf(owner, nowMs), fields })
    if (message === null) throw new Error(`there is no sample of ${type}`)
    const limitSeconds = limitOf(context, server, findServerMessageType(type)?.limitSeconds)
    const sending = { server, message, url, auth, limitSeconds, nowMs }
    const { delivered, findings } = await sendMessage(sending, context)
    return printReport(
      { method: 'POST', url, sent: type, limitSeconds, delivered, outcome: {}, findings },
      context,
    )
  },
)

/** What such a server surely gets. */
function typeFor(owner: Owner | null): string {
  if (owner?.kind === 'tool') return 'tool-calls'
  if (owner?.kind === 'phone' && !isAnswered(owner.object)) return 'assistant-request'
  return 'status-update'
}

function warnUnsent(owner: Owner | null, type: string, { output }: Context): void {
  if (owner?.kind !== 'assistant' || !Array.isArray(owner.object.serverMessages)) return
  const { selection } = findServerMessageType(type) ?? {}
  if (selection !== 'always' && !owner.object.serverMessages.includes(type))
    output.warning(`${describeOwner(owner)} does not send ${type}: its serverMessages leave it out`)
}

/** The sample tells of what it is sent for. Configuration with secrets stays here: only names and ids go along. */
function subjectOf(owner: Owner | null, nowMs: number): SampleSubject {
  if (owner === null) return { nowMs, ...toolCall(null) }
  const { kind, object } = owner
  if (kind === 'tool') return { nowMs, ...toolCall(object) }
  const { id, name, number } = object
  if (kind === 'assistant') return { nowMs, ...toolCall(null), assistant: { id, name } }
  return { nowMs, ...toolCall(null), phoneNumber: { id, name, number } }
}

/** A tool call has another id each time; one of a stored tool has arguments by its own schema. */
function toolCall(tool: JsonObject | null): Partial<SampleSubject> {
  const callId = newToolCallId()
  if (tool === null) return { callId }
  const holder = isObject(tool.function) ? tool.function : {}
  return {
    tool: {
      definition: { ...tool },
      name: nameOf(tool),
      arguments: exampleOf(holder.parameters),
      callId,
    },
  }
}

/** Values that fit a schema's properties, as far as simple ones go. */
function exampleOf(schema: unknown): Record<string, unknown> {
  const properties = isObject(schema) && isObject(schema.properties) ? schema.properties : {}
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, exampleValue(property)]),
  )
}

function exampleValue(schema: unknown): unknown {
  if (!isObject(schema)) return 'example'
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0]
  switch (schema.type) {
    case 'number':
    case 'integer':
      return 1
    case 'boolean':
      return true
    case 'array':
      return [exampleValue(schema.items)]
    case 'object':
      return exampleOf(schema)
    default:
      return 'example'
  }
}
