import { createHash } from 'node:crypto'
import type { ModelMessage } from '../../engine/ports/language-model.ts'
import { type CallMemory, inTurns } from '../models/conversation.ts'
import type { OpenAiProvider } from './providers.ts'

type SentMessage = ModelMessage & { reasoning_content?: string }

/** A word of the assistant between a tool's result and the customer, where there was none. */
const NO_WORDS = '…'

/**
 * The conversation as this provider takes it. Most take it as it stands. `strictTurns`: instructions come first, then the
 * customer and the assistant take turns and the customer is last; Mistral also refuses the customer right after a result.
 */
export function chatMessagesFor(
  provider: Pick<OpenAiProvider, 'strictTurns' | 'toolCallIds' | 'returnsThoughts'>,
  messages: readonly ModelMessage[],
  thoughts: CallMemory<string>,
): SentMessage[] {
  const { strictTurns, toolCallIds, returnsThoughts } = provider
  const ordered = strictTurns ? alternating(messages) : [...messages]
  const renamed = toolCallIds === undefined ? ordered : ordered.map(message => withIds(message, toolCallIds))
  // A model that thinks wants its thoughts back with each call, of others' calls empty ones.
  if (!returnsThoughts || thoughts.isEmpty) return renamed
  return renamed.map((message, place) => {
    const original = ordered[place]
    if (message.role !== 'assistant' || original?.role !== 'assistant') return message
    const [call] = original.tool_calls ?? []
    return call === undefined ? message : { ...message, reasoning_content: thoughts.of(call.id) ?? '' }
  })
}

function alternating(messages: readonly ModelMessage[]): ModelMessage[] {
  const { instructions, turns } = inTurns(messages)
  const ordered: ModelMessage[] = []
  if (instructions.length > 0) ordered.push({ role: 'system', content: instructions.join('\n\n') })
  for (const turn of turns) {
    if (turn.role === 'user') {
      for (const { callId, content } of turn.results)
        ordered.push({ role: 'tool', content, tool_call_id: callId })
      if (turn.texts.length === 0) continue
      if (turn.results.length > 0) ordered.push({ role: 'assistant', content: NO_WORDS })
      ordered.push({ role: 'user', content: turn.texts.join('\n') })
      continue
    }
    const calls = turn.calls.map(({ id, name, arguments: values }) => ({
      id,
      type: 'function' as const,
      function: { name, arguments: JSON.stringify(values) },
    }))
    const content = turn.texts.length === 0 ? null : turn.texts.join('\n')
    ordered.push({ role: 'assistant', content, ...(calls.length > 0 && { tool_calls: calls }) })
  }
  return ordered
}

/** The same message with ids of tool calls that the provider takes; the same id becomes the same one each time. */
function withIds(message: ModelMessage, form: RegExp): ModelMessage {
  if (message.role === 'tool') return { ...message, tool_call_id: idOf(message.tool_call_id, form) }
  if (message.role !== 'assistant' || message.tool_calls === undefined) return message
  return {
    ...message,
    tool_calls: message.tool_calls.map(call => ({ ...call, id: idOf(call.id, form) })),
  }
}

/** Nine letters and digits: what Mistral takes. */
function idOf(id: string, form: RegExp): string {
  return form.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9)
}
