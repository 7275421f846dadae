/** Questions of tools to a server that are not `tool-calls`: where a call is to go, what a knowledge base knows. */

import type { ToolOutcome, ToolRequest, ToolServer } from '../engine/ports/tool-runner.ts'
import { messageOf, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { HttpClient } from '../net/http.ts'
import { excerpt } from '../net/reply.ts'
import type { JsonObject } from './reply-findings.ts'
import { DEFAULT_TIMEOUT_SECONDS, postMessage } from './send.ts'

export interface ToolServerOptions {
  http: HttpClient
  /** The fields of the message that describe the call at this moment. */
  envelope: () => Readonly<Record<string, unknown>>
  now: () => number
}

/** Asks by `transfer-destination-request` or `handoff-destination-request` where the call is to go. */
export async function askDestination(
  { call, definition, server }: ToolRequest,
  options: ToolServerOptions,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const isHandoff = definition.type === 'handoff'
  const type = isHandoff ? 'handoff-destination-request' : 'transfer-destination-request'
  if (server === null)
    return failed(
      `${call.name} has no destinations and no server: set server.url of the tool or of the assistant`,
    )
  const { destination: _destination, ...parameters } = call.arguments
  const reply = await askServer(server, { type, ...(isHandoff && { parameters }) }, options, signal)
  if (typeof reply === 'string') return failed(reply)
  const message = isObject(reply.message) ? { message: reply.message } : {}
  if (typeof reply.error === 'string' && reply.error !== '') return failed(reply.error)
  const { destination } = reply
  if (!isObject(destination) || Object.keys(destination).length === 0)
    return failed(`the reply to ${type} names no destination`)
  return {
    type: 'destination',
    destination,
    ...message,
    ...(typeof reply.result === 'string' && { result: reply.result }),
  }
}

/** Asks a knowledge base by `knowledge-base-request`; its documents are the result, its message is said or answered. */
export async function askKnowledgeBase(
  { messages = [], server }: ToolRequest,
  options: ToolServerOptions,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  if (server === null) return failed('the knowledge base has no server')
  const fields = { messages, messagesOpenAIFormatted: messages }
  const reply = await askServer(server, { type: 'knowledge-base-request', ...fields }, options, signal)
  if (typeof reply === 'string') return failed(reply)
  const documents = Array.isArray(reply.documents) ? reply.documents.filter(isObject) : []
  const found = documents
    .toSorted((one, other) => Number(other.similarity ?? 0) - Number(one.similarity ?? 0))
    .flatMap(({ content }) => (typeof content === 'string' ? [content] : []))
  const { message } = reply
  const spoken = isObject(message) && typeof message.role !== 'string' ? { message: asComplete(message) } : {}
  const told = isObject(message) && typeof message.role === 'string' ? String(message.content ?? '') : ''
  const texts = told === '' ? found : [...found, told]
  if (texts.length === 0 && !('message' in spoken))
    return failed('the reply to knowledge-base-request has neither documents nor a message')
  return { type: 'result', result: texts.join('\n\n') || 'No documents.', ...spoken }
}

function asComplete(message: JsonObject): JsonObject {
  return { ...message, type: 'request-complete' }
}

/** The reply as an object, bare or inside `messageResponse`; a text says what is wrong. */
export async function askServer(
  server: ToolServer,
  message: JsonObject,
  { http, envelope, now }: ToolServerOptions,
  signal: AbortSignal,
): Promise<JsonObject | string> {
  signal.throwIfAborted()
  const url = new URL(server.url)
  const place = url.origin + url.pathname
  try {
    const reply = await postMessage(http, server, { ...envelope(), timestamp: now(), ...message }, signal)
    const content = parse(reply.body)
    if (content !== null && typeof content.error === 'string' && content.error !== '') return content
    if (reply.status < 200 || reply.status > 299)
      return `${place} answered ${reply.statusText} instead of 200`
    return content ?? `${place} answered no JSON object: ${excerpt(reply.body)}`
  } catch (thrown) {
    signal.throwIfAborted()
    if (thrown instanceof VapiError && thrown.code === 'timeout')
      return `${place} did not answer within ${server.timeoutSeconds || DEFAULT_TIMEOUT_SECONDS} s (server.timeoutSeconds)`
    return messageOf(thrown)
  }
}

function parse(body: string): JsonObject | null {
  try {
    const reply: unknown = JSON.parse(body)
    const content = isObject(reply) && isObject(reply.messageResponse) ? reply.messageResponse : reply
    return isObject(content) ? content : null
  } catch {
    return null
  }
}

function failed(error: string): ToolOutcome {
  return { type: 'error', error }
}
