import type { ModelMessage } from './ports/language-model.ts'
import type { HistoryEntry } from './state.ts'

/**
 * The history as language models take it. Results stand right after their calls, whatever was spoken in between;
 * calls without a result yet are left out, as models refuse them.
 */
export function chatMessages(entries: readonly HistoryEntry[]): ModelMessage[] {
  const results = new Map(
    entries.flatMap(entry =>
      entry.role === 'tool_call_result' ? [[entry.toolCallId, entry.result] as const] : [],
    ),
  )
  return entries.flatMap((entry): ModelMessage[] => {
    if (entry.role === 'tool_call_result') return []
    if (entry.role !== 'tool_calls') {
      const role = entry.role === 'bot' ? 'assistant' : entry.role
      return entry.message === '' ? [] : [{ role, content: entry.message }]
    }
    const calls = entry.calls.filter(call => results.has(call.id))
    if (calls.length === 0) return []
    return [
      {
        role: 'assistant',
        content: null,
        tool_calls: calls.map(call => ({
          id: call.id,
          type: 'function',
          function: { name: call.name, arguments: JSON.stringify(call.arguments) },
        })),
      },
      ...calls.map(call => ({
        role: 'tool' as const,
        content: results.get(call.id) ?? '',
        tool_call_id: call.id,
      })),
    ]
  })
}
