import { randomUUID } from 'node:crypto'
import { isObject } from '../is-object.ts'
import type { ToolReply } from '../messages/tool-calls.ts'
import { newToolCallId } from './message.ts'
import { type CallScript, type JsonObject, type ScriptedMessage, toolCallIdOf, withTexts } from './script.ts'

/** A message of a simulated call. */
export interface SimulatedMessage {
  recipient: 'server' | 'client'
  type: string
  body: Readonly<JsonObject>
}

/** What the target answered to a tool call of a story. */
export interface StoryAnswer {
  name: string
  reply: ToolReply
  tookMs: number
}

/**
 * Simulates the story from its begin, with what was answered to its tool calls so far, in their order; the rest is as
 * scripted. Gives all messages to server and client in their order. The same answers give the same messages.
 */
export type SimulateStory = (
  answers: readonly StoryAnswer[],
  epochMs: number,
) => Promise<readonly SimulatedMessage[]>

export interface StoryOptions {
  /** A new one unless set. */
  callId?: string
  /** The call is over now, rather than begins. */
  ended: boolean
  nowMs: number
  /** Fields of `call` that a simulation does not know. */
  call: Readonly<JsonObject>
}

/** Makes a call of a story, whose messages are those that a call on this machine sends. */
export async function scriptOfStory(simulate: SimulateStory, options: StoryOptions): Promise<CallScript> {
  const { callId = randomUUID(), ended, nowMs, call } = options
  /** Ids of the simulation, which are the same in each, and those that are sent. */
  const ids = new Map<string, string>()
  const tools = new Map<string, string>()
  const epochMs = ended ? nowMs - lengthOf(await simulate([], nowMs), nowMs) : nowMs

  function asSent(body: Readonly<JsonObject>): JsonObject {
    if (isObject(body.call) && typeof body.call.id === 'string') ids.set(body.call.id, callId)
    const message = withTexts({ ...body }, ids)
    return isObject(message.call) ? { ...message, call: { ...message.call, ...call } } : message
  }

  return {
    callId,
    messages: async answers => {
      const given = [...answers].map(([id, answer]) => ({ name: tools.get(id) ?? '', ...answer }))
      const told: ScriptedMessage[] = []
      let common: JsonObject = {}
      for (const { recipient, body } of await simulate(given, epochMs)) {
        const atMs = Number(body.timestamp) - epochMs
        if (recipient === 'server') {
          const { timestamp: _timestamp, ...message } = asSent(body)
          common = commonFields(message)
          told.push({ atMs, message: { timestamp: body.timestamp, ...message }, toolCallId: null })
          continue
        }
        // A tool's server is asked while the client is told; simulations ask nobody.
        const asked = calledTool(body)
        if (asked === null) continue
        if (!ids.has(asked.id)) ids.set(asked.id, newToolCallId())
        if (!asked.byServer) continue
        const message = { ...common, ...asSent(body) }
        const toolCallId = toolCallIdOf(message)
        if (toolCallId !== null) tools.set(toolCallId, asked.name)
        told.push({ atMs, message, toolCallId })
      }
      return told
    },
  }
}

/** Those that every message of the call has. */
function commonFields({ call, assistant, customer, phoneNumber, artifact }: JsonObject): JsonObject {
  const fields = { call, phoneNumber, customer, assistant, artifact }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** The tool that is called; what the platform does itself (`endCall`, transfers …) asks no server. */
function calledTool(body: Readonly<JsonObject>): { id: string; name: string; byServer: boolean } | null {
  const list = body.type === 'tool-calls' ? body.toolWithToolCallList : undefined
  const [first] = Array.isArray(list) ? list : []
  if (!isObject(first) || !isObject(first.toolCall)) return null
  const { id, name } = first.toolCall
  return typeof id === 'string' && typeof name === 'string'
    ? { id, name, byServer: first.type === 'function' }
    : null
}

function lengthOf(messages: readonly SimulatedMessage[], epochMs: number): number {
  return Math.max(0, ...messages.map(({ body }) => Number(body.timestamp) - epochMs))
}
