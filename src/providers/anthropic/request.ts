import type { ModelRequest, ModelTool } from '../../engine/ports/language-model.ts'
import { isObject } from '../../is-object.ts'
import { type CallMemory, type CallPart, inTurns, type Turn } from '../models/conversation.ts'
import { familyOf } from './families.ts'

export interface AnthropicSettings {
  /** 0 to 2; the model takes at most 1. Used where a request names none. */
  temperature?: number
  maxTokens: number
  /** Tokens for thoughts, at least 1024 and fewer than `maxTokens`; null: it does not think. */
  thinkingBudget: number | null
}

/** Blocks that the model wants back before the tool call they led to: `thinking`, `redacted_thinking`. */
export type ThoughtBlock = Readonly<Record<string, unknown>>

type Block = Readonly<Record<string, unknown>>

/** The body of `POST /v1/messages` (API reference "Create a Message"). */
export function messagesBody(
  model: string,
  settings: AnthropicSettings,
  request: ModelRequest,
  memory: CallMemory<readonly ThoughtBlock[]>,
): object {
  const { instructions, turns } = inTurns(request.messages)
  const thinking = thinkingOf(model, settings, turns, memory)
  const thinks = thinking?.type === 'enabled' || thinking?.type === 'adaptive'
  const temperature = request.temperature ?? settings.temperature
  const takesTemperature = familyOf(model).takesTemperature && !thinks
  const tools = toolsOf(request.tools, turns)
  return {
    model,
    max_tokens: request.maxTokens ?? settings.maxTokens,
    ...(instructions.length > 0 && { system: instructions.join('\n\n') }),
    messages: turns.map(turn => messageOf(turn, thinks ? memory : null)),
    ...(takesTemperature && temperature !== undefined && { temperature: Math.min(1, temperature) }),
    ...(thinking !== null && { thinking }),
    ...(tools.length > 0 && { tools }),
    // Models refuse calls in the conversation without tools; these are not to be called any more.
    ...(tools.length > 0 && request.tools.length === 0 && { tool_choice: { type: 'none' } }),
    stream: true,
  }
}

/** Null where the request says nothing of thinking. */
function thinkingOf(
  model: string,
  { thinkingBudget }: AnthropicSettings,
  turns: readonly Turn[],
  memory: CallMemory<readonly ThoughtBlock[]>,
): { type: string; budget_tokens?: number } | null {
  const { takesBudget, off } = familyOf(model)
  if (thinkingBudget === null) return off === null ? null : { type: off }
  if (!takesBudget) return { type: 'adaptive' }
  // A call whose thoughts are not known, one of another model, cannot be gone on from while thinking.
  const open = turns.at(-1)?.role === 'user' ? turns.at(-2) : undefined
  const [call] = open?.role === 'assistant' ? open.calls : []
  if (call !== undefined && memory.of(call.id) === undefined) return null
  return { type: 'enabled', budget_tokens: thinkingBudget }
}

function messageOf(turn: Turn, memory: CallMemory<readonly ThoughtBlock[]> | null): object {
  const texts = turn.texts.map((text): Block => ({ type: 'text', text }))
  if (turn.role === 'user') {
    const results = turn.results.map(
      ({ callId, content }): Block => ({ type: 'tool_result', tool_use_id: idOf(callId), content }),
    )
    return { role: 'user', content: [...results, ...texts] }
  }
  const [first] = turn.calls
  const thoughts = first === undefined ? undefined : memory?.of(first.id)
  return { role: 'assistant', content: [...(thoughts ?? []), ...texts, ...turn.calls.map(callBlock)] }
}

function callBlock({ id, name, arguments: input }: CallPart): Block {
  return { type: 'tool_use', id: idOf(id), name, input }
}

/** Ids of other models may have characters that are refused here. */
function idOf(id: string): string {
  return id.replace(/[^a-zA-Z0-9_-]/g, '_')
}

function toolsOf(tools: readonly ModelTool[], turns: readonly Turn[]): object[] {
  if (tools.length > 0)
    return tools.map(({ function: { name, description, parameters } }) => ({
      name,
      ...(description !== undefined && { description }),
      input_schema: { type: 'object', ...(isObject(parameters) ? parameters : { properties: {} }) },
    }))
  const called = turns.flatMap(turn => (turn.role === 'assistant' ? turn.calls : [])).map(({ name }) => name)
  return [...new Set(called)].map(name => ({ name, input_schema: { type: 'object', properties: {} } }))
}
