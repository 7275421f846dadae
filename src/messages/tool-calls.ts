/** The `tool-calls` server message and the replies to it. */

import type { ToolCall } from '../engine/ports/language-model.ts'
import type { ToolOutcome } from '../engine/ports/tool-runner.ts'
import { isObject } from '../is-object.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** A tool call as servers get it: OpenAI's form with `arguments` as an object, and flat copies for older handlers. */
export interface ToolCallItem {
  id: string
  type: 'function'
  function: { name: string; arguments: JsonObject }
  name: string
  arguments: JsonObject
  parameters: JsonObject
}

/** `envelope` holds the fields common to all messages: `call`, `assistant`, `customer`, `phoneNumber`, `artifact` … */
export function toolCallsMessage(
  call: ToolCall,
  definition: JsonObject,
  envelope: JsonObject,
  timestampMs: number,
): Record<string, unknown> {
  return { ...envelope, timestamp: timestampMs, type: 'tool-calls', ...toolCallsFields(call, definition) }
}

/** What `tool-calls` has beyond the fields of every message. */
export function toolCallsFields(call: ToolCall, definition: JsonObject): Record<string, unknown> {
  const item = toolCallItem(call, definition)
  return {
    toolCalls: [item],
    toolCallList: [item],
    toolWithToolCallList: [{ ...withoutSecrets(definition), toolCall: item }],
  }
}

/** The older `function-call`, for handlers that listen for it (row 32). */
export function functionCallMessage(
  call: ToolCall,
  definition: JsonObject,
  envelope: JsonObject,
  timestampMs: number,
): Record<string, unknown> {
  const { name, parameters } = toolCallItem(call, definition)
  return { ...envelope, timestamp: timestampMs, type: 'function-call', functionCall: { name, parameters } }
}

/** One call as messages carry it. */
export function toolCallItem(call: ToolCall, definition: JsonObject): ToolCallItem {
  const values = withStaticValues(call.arguments, definition)
  return {
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: values },
    name: call.name,
    arguments: values,
    parameters: values,
  }
}

/**
 * Tools of hooks may hold fixed values in their parameter schema (`properties.text.value`). They are arguments like
 * others, and handlers also find them where they were written: `arguments.properties.text.value`.
 */
function withStaticValues(values: JsonObject, definition: JsonObject): JsonObject {
  const holder = isObject(definition.function) ? definition.function : definition
  const schema = isObject(holder.parameters) ? holder.parameters.properties : undefined
  if (!isObject(schema)) return values
  const fixed = Object.entries(schema).filter(([, property]) => isObject(property) && 'value' in property)
  if (fixed.length === 0) return values
  const complete: Record<string, unknown> = { ...values }
  const properties: Record<string, unknown> = {}
  for (const [name, property] of fixed) {
    if (!isObject(property)) continue
    complete[name] ??= property.value
    properties[name] = { ...property, value: complete[name] }
  }
  return { properties, ...complete }
}

/** The definition may reach a server that is not the one it names. */
function withoutSecrets(definition: JsonObject): JsonObject {
  if (!isObject(definition.server)) return definition
  const { secret: _secret, headers: _headers, ...server } = definition.server
  return { ...definition, server }
}

/** The id under which the handlers of hook tools reply, whatever the id of the request. */
const HOOK_CALL_ID = 'hook-function-call'

const ID_RULE = 'toolCallId must be exactly the id of the request'
const FORM_RULE = 'reply with {"results": [{"toolCallId": "…", "result": "…"}]}'

/** An answer with the message that the server wants spoken in place of the configured one, as it came. */
export type ToolReply = ToolOutcome & { message?: JsonObject }

/**
 * Reads a server's reply to the one call that it was sent: `{results: […]}`, `{result}` or `{error}`, each also inside
 * `{messageResponse: …}`. What is not text becomes JSON, and all text one line. A reply without a result for this call is
 * an `error` that says what is wrong with it.
 */
export function readToolReply(body: string, callId: string): ToolReply {
  if (body.trim() === '') return noResult(`the reply is empty; ${FORM_RULE}`)
  let reply: unknown
  try {
    reply = JSON.parse(body)
  } catch {
    return noResult(`the reply is not JSON (${oneLine(body.slice(0, 80))}); ${FORM_RULE}`)
  }
  const content = isObject(reply) && isObject(reply.messageResponse) ? reply.messageResponse : reply
  if (!isObject(content)) return noResult(`the reply is not a JSON object; ${FORM_RULE}`)
  if (!Array.isArray(content.results))
    return outcomeOf(content) ?? noResult(`the reply has no "results"; ${FORM_RULE}`)

  const results = content.results.filter(isObject)
  const own = results.find(result => result.toolCallId === callId || result.toolCallId === HOOK_CALL_ID)
  if (own) return outcomeOf(own) ?? noResult('the entry of this call has neither "result" nor "error"')
  if (typeof content.error === 'string') return { type: 'error', error: oneLine(content.error) }
  if (results.length === 0) return noResult('the list "results" is empty')
  const ids = results.map(({ toolCallId }) =>
    toolCallId === undefined ? 'none' : JSON.stringify(toolCallId),
  )
  return noResult(
    `no entry has the toolCallId ${JSON.stringify(callId)} (found: ${ids.join(', ')}); ${ID_RULE}`,
  )
}

/** True where a body can be meant as a reply, whatever the status that came with it. */
export function isToolReply(body: string): boolean {
  try {
    const reply: unknown = JSON.parse(body)
    const content = isObject(reply) && isObject(reply.messageResponse) ? reply.messageResponse : reply
    return isObject(content) && (Array.isArray(content.results) || content.result !== undefined)
  } catch {
    return false
  }
}

function outcomeOf(entry: JsonObject): ToolReply | null {
  const message = isObject(entry.message) ? { message: entry.message } : {}
  if (isGiven(entry.error)) return { type: 'error', error: textOf(entry.error), ...message }
  if (isGiven(entry.result)) return { type: 'result', result: textOf(entry.result), ...message }
  return null
}

function noResult(reason: string): ToolReply {
  return { type: 'error', error: `No result returned: ${reason}` }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function textOf(value: unknown): string {
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value))
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ').trim()
}
