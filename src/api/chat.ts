/** Chats: what is sent, and the reply as a stream of events (vapi-api.md 1.6). */
import { VapiError } from '../errors.ts'
import { excerpt, type HttpReply } from '../net/reply.ts'
import { createEventParser, type ServerSentEvent } from '../net/sse.ts'
import type { Api, Json, JsonObject } from './types.ts'

/** What came of a chat so far. */
export interface ChatProgress {
  /** The chat's id, once an event told it: the next chat names it in `previousChatId`. */
  id: string | null
  sessionId: string | null
  /** Texts of `output`, by their index. */
  outputs: readonly string[]
}

export const noProgress: ChatProgress = { id: null, sessionId: null, outputs: [] }

const CONTENT_PATH = /^chat\.output\[(\d+)\]\.content$/
/** No reply has so many parts; a larger index is a fault and would make a huge list. */
const MAXIMUM_OUTPUTS = 10_000

/** A piece of text that an event adds, and to which output; null where the event adds none. */
export function deltaOf(event: JsonObject): { index: number; text: string } | null {
  const { path, delta } = event
  if (typeof path !== 'string' || typeof delta !== 'string') return null
  const index = Number(CONTENT_PATH.exec(path)?.[1] ?? Number.NaN)
  return index < MAXIMUM_OUTPUTS ? { index, text: delta } : null
}

/** The progress after one more event; events of other kinds add nothing but ids. */
export function addEvent(progress: ChatProgress, event: JsonObject): ChatProgress {
  const id = typeof event.id === 'string' ? event.id : progress.id
  const sessionId = typeof event.sessionId === 'string' ? event.sessionId : progress.sessionId
  const delta = deltaOf(event)
  if (delta === null) return { id, sessionId, outputs: progress.outputs }
  const outputs = [...progress.outputs]
  while (outputs.length <= delta.index) outputs.push('')
  outputs[delta.index] += delta.text
  return { id, sessionId, outputs }
}

/** What the assistant said in a whole chat, one text for each of its messages that has one. */
export function textsOf(chat: JsonObject): string[] {
  const output = Array.isArray(chat.output) ? (chat.output as readonly Json[]) : []
  return output.flatMap(message => {
    if (typeof message !== 'object' || message === null || Array.isArray(message)) return []
    const { role, content } = message as JsonObject
    if (role !== undefined && role !== 'assistant') return []
    return contentText(content)
  })
}

/** Content is text, or a list of parts of which some are text. */
function contentText(content: Json | undefined): string[] {
  if (typeof content === 'string') return content === '' ? [] : [content]
  if (!Array.isArray(content)) return []
  const texts = content.flatMap(part =>
    typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string'
      ? [part.text]
      : [],
  )
  return texts.length === 0 ? [] : [texts.join('')]
}

/** How long a chat may take and what ends it, as in `ApiRequest`. */
export interface ChatLimits {
  timeoutMs?: number | undefined
  signal?: AbortSignal | undefined
}

/** One chat, whole. */
export async function sendChat(api: Api, body: JsonObject, limits: ChatLimits = {}): Promise<JsonObject> {
  const chat = await api.request({ method: 'POST', path: '/chat', body, ...given(limits) })
  if (typeof chat !== 'object' || chat === null || Array.isArray(chat))
    throw brokenStream('the server answered without a chat')
  return chat as JsonObject
}

/** Opens a chat whose reply comes in pieces. The reply must be read with `readChat` or let go. */
export function openChat(api: Api, body: JsonObject, limits: ChatLimits = {}): Promise<HttpReply> {
  return api.open({
    ...given(limits),
    method: 'POST',
    path: '/chat',
    body: { ...body, stream: true },
    headers: { accept: 'text/event-stream' },
  })
}

function given({ timeoutMs, signal }: ChatLimits): { timeoutMs?: number; signal?: AbortSignal } {
  return { ...(timeoutMs !== undefined && { timeoutMs }), ...(signal !== undefined && { signal }) }
}

/**
 * The events of a reply as they arrive. A server that does not stream and answers with the whole chat gives one event a
 * message, of the same form. Throws VapiError for an error inside the stream, for a stream that breaks off, and for one
 * without any event; what came before was given.
 */
export async function* readChat(reply: HttpReply): AsyncGenerator<JsonObject> {
  if (/^application\/json\b/.test(reply.headers['content-type'] ?? '')) {
    yield* wholeChatEvents(await reply.json())
    return
  }
  const parser = createEventParser()
  let count = 0
  for await (const batch of batches(reply.body, parser)) {
    for (const { type, data } of batch) {
      if (data.trim() === '[DONE]') return
      const event = parseEvent(type, data)
      if (event === null) continue
      count++
      yield event
    }
  }
  if (count === 0) throw brokenStream('the reply ended without a word')
}

async function* batches(
  body: AsyncIterable<Uint8Array>,
  parser: ReturnType<typeof createEventParser>,
): AsyncGenerator<ServerSentEvent[]> {
  for await (const piece of body) yield parser.push(piece)
  yield parser.end()
}

function parseEvent(type: string, data: string): JsonObject | null {
  if (data.trim() === '') return null
  let event: unknown
  try {
    event = JSON.parse(data)
  } catch {
    if (type === 'error') throw streamError(excerpt(data))
    throw brokenStream(`the reply broke off in the middle of an event: ${excerpt(data, 80)}`)
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw brokenStream(`the reply has an event that is no object: ${excerpt(data, 80)}`)
  const object = event as JsonObject
  const message = errorOf(object)
  if (type === 'error' || message !== null) throw streamError(message ?? excerpt(data))
  return object
}

/** The message of an event that tells of an error: the API's error body, or `{error: {message}}`. */
function errorOf(event: JsonObject): string | null {
  const { error, message, statusCode, path } = event
  if (path !== undefined) return null
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message)
  const isError = error !== undefined && error !== null && error !== false
  if (!isError && statusCode === undefined && event.type !== 'error') return null
  if (Array.isArray(message)) return message.join('; ')
  return typeof message === 'string' ? message : String(error)
}

function* wholeChatEvents(chat: unknown): Generator<JsonObject> {
  if (typeof chat !== 'object' || chat === null || Array.isArray(chat))
    throw brokenStream('the server answered without a chat')
  const { id = '', sessionId } = chat as JsonObject
  const known: JsonObject = typeof sessionId === 'string' ? { id, sessionId } : { id }
  const texts = textsOf(chat as JsonObject)
  if (texts.length === 0) yield known
  for (const [index, delta] of texts.entries())
    yield { ...known, path: `chat.output[${index}].content`, delta }
}

function streamError(message: string): VapiError {
  return new VapiError({ code: 'chat-failed', message: `the chat failed: ${message}` })
}

function brokenStream(message: string): VapiError {
  return new VapiError({
    code: 'chat-stream-broken',
    message,
    retryable: true,
    hint: 'send it again, or with --no-stream',
  })
}
