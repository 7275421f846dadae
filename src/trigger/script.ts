/** A call as a sequence of messages, and small parts that all sources of calls share. */
import { isObject } from '../is-object.ts'
import type { ToolReply } from '../messages/tool-calls.ts'

export type JsonObject = Record<string, unknown>

export interface ScriptedMessage {
  /** Since the begin of the call, in milliseconds. */
  atMs: number
  message: JsonObject
  /** The tool call whose result belongs into what follows; null for messages that ask for none. */
  toolCallId: string | null
}

/** What the target answered to a tool call, and when. */
export interface ToolAnswer {
  reply: ToolReply
  tookMs: number
}

/** A call that can be played. */
export interface CallScript {
  /** Null where its messages tell of no call. */
  callId: string | null
  /**
   * Its messages in their order, with what was answered until now. The messages up to the last answered one are always
   * the same.
   */
  messages(answers: ReadonlyMap<string, ToolAnswer>): Promise<readonly ScriptedMessage[]>
}

/** How something that was is played again. */
export interface ReplayOptions {
  /** A new one unless set. */
  callId?: string
  /** The call is over now, rather than begins. */
  ended: boolean
  nowMs: number
}

/** A call whose messages are there already; only what tools answer is laid in. */
export function fixedScript(callId: string | null, messages: readonly ScriptedMessage[]): CallScript {
  return {
    callId,
    messages: async answers =>
      messages.map(each => ({ ...each, message: withAnswers(each.message, answers) })),
  }
}

/** A copy in which texts that are keys of the map are replaced, wherever they stand. */
export function withTexts<Value>(value: Value, texts: ReadonlyMap<string, string>): Value {
  const walk = (inner: unknown): unknown => {
    if (typeof inner === 'string') return texts.get(inner) ?? inner
    if (Array.isArray(inner)) return inner.map(walk)
    if (!isObject(inner)) return inner
    return Object.fromEntries(Object.entries(inner).map(([name, each]) => [name, walk(each)]))
  }
  return walk(value) as Value
}

const CLOCKS = new Set(['timestamp', 'time', 'endTime'])
const STAMPS = new Set(['startedAt', 'endedAt', 'createdAt', 'updatedAt'])
/** These have times of their own, which are not those of the call. */
const APART = new Set(['assistant', 'squad', 'phoneNumber', 'assistantOverrides', 'toolWithToolCallList'])

/** A copy with all times of the call moved by so many milliseconds. */
export function movedInTime<Value>(value: Value, byMs: number): Value {
  const walk = (inner: unknown, name = ''): unknown => {
    if (typeof inner === 'number') return CLOCKS.has(name) && inner > 1e11 ? inner + byMs : inner
    if (typeof inner === 'string') return STAMPS.has(name) ? movedStamp(inner, byMs) : inner
    if (Array.isArray(inner)) return inner.map(each => walk(each))
    if (!isObject(inner)) return inner
    return Object.fromEntries(
      Object.entries(inner).map(([key, each]) => [key, APART.has(key) ? each : walk(each, key)]),
    )
  }
  return walk(value) as Value
}

function movedStamp(text: string, byMs: number): string {
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? text : new Date(atMs + byMs).toISOString()
}

/** A copy in which the results of tools, wherever the history tells them, are those that were answered. */
export function withAnswers(message: JsonObject, answers: ReadonlyMap<string, ToolAnswer>): JsonObject {
  if (answers.size === 0) return message
  const { artifact } = message
  return {
    ...withResults(message, answers),
    ...(isObject(artifact) && { artifact: withResults(artifact, answers) }),
  }
}

function withResults(holder: JsonObject, answers: ReadonlyMap<string, ToolAnswer>): JsonObject {
  const { messages, messagesOpenAIFormatted } = holder
  return {
    ...holder,
    ...(Array.isArray(messages) && {
      messages: messages.map(each => answered(each, 'toolCallId', 'result')),
    }),
    ...(Array.isArray(messagesOpenAIFormatted) && {
      messagesOpenAIFormatted: messagesOpenAIFormatted.map(each => answered(each, 'tool_call_id', 'content')),
    }),
  }

  function answered(entry: unknown, idName: string, resultName: string): unknown {
    if (!isObject(entry)) return entry
    const answer = answers.get(String(entry[idName]))
    return answer === undefined ? entry : { ...entry, [resultName]: textOfReply(answer.reply) }
  }
}

/** What the model is told of a tool's answer. */
export function textOfReply(reply: ToolReply): string {
  if (reply.type === 'result') return reply.result
  return reply.type === 'error' ? reply.error : ''
}

/** The ids of the calls of a `tool-calls` message. */
export function toolCallIdOf(message: Readonly<JsonObject>): string | null {
  if (message.type !== 'tool-calls' || !Array.isArray(message.toolCallList)) return null
  const [first] = message.toolCallList
  return isObject(first) && typeof first.id === 'string' ? first.id : null
}
