import type { ModelMessage } from './ports/language-model.ts'
import type { HistoryEntry } from './state.ts'

/** Models refuse a call without a result, and must know of one that runs, lest they call it again. */
const STILL_RUNNING = 'The tool is still running; its result will follow.'

/** The history as language models take it. Results stand right after their calls, whatever was spoken in between. */
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
    const { calls } = entry
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
        content: results.get(call.id) ?? STILL_RUNNING,
        tool_call_id: call.id,
      })),
    ]
  })
}
