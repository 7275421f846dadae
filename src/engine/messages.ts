import type { ModelMessage, ToolCall } from './ports/language-model.ts'
import type { HistoryEntry, HistoryState } from './state.ts'

/** Models refuse a call without a result, and must know of one that runs, lest they call it again. */
const STILL_RUNNING = 'The tool is still running; its result will follow.'

/** What the model is given of the history: what hand-overs have hidden is left out, new system messages may come first. */
export function modelMessages({ entries, context }: Readonly<HistoryState>): ModelMessage[] {
  if (context.hidden.length === 0 && context.first.length === 0 && context.hiddenCalls.length === 0)
    return chatMessages(entries)
  const [hidden, first, calls] = [context.hidden, context.first, context.hiddenCalls].map(
    list => new Set<number | string>(list),
  )
  const visible = entries.flatMap((entry, place): HistoryEntry[] => {
    if (hidden?.has(place) || first?.has(place)) return []
    if (entry.role !== 'tool_calls') return [entry]
    const shown = entry.calls.filter(call => !calls?.has(call.id))
    return shown.length === 0 ? [] : [{ ...entry, calls: shown }]
  })
  const opening = entries.filter((_, place) => first?.has(place) && !hidden?.has(place))
  return chatMessages([...opening, ...visible])
}

/**
 * The history as language models take it. Results stand right after their calls; what was said while a tool ran
 * stands before both, so that the model is asked with the result last.
 */
export function chatMessages(entries: readonly HistoryEntry[]): ModelMessage[] {
  const results = new Map(
    entries.flatMap(entry =>
      entry.role === 'tool_call_result' ? [[entry.toolCallId, entry.result] as const] : [],
    ),
  )
  const messages: ModelMessage[] = []
  let open: ToolCall[] = []
  const closeCalls = () => {
    if (open.length > 0) messages.push(...callMessages(open, results))
    open = []
  }
  for (const entry of entries) {
    if (entry.role !== 'bot') closeCalls()
    if (entry.role === 'tool_calls') open = entry.calls
    else if (entry.role !== 'tool_call_result' && entry.message !== '') {
      messages.push(...addedMessages(entry.role, entry.message, messages.length))
    }
  }
  closeCalls()
  return messages
}

/** The function that stands for messages which were added in the name of a tool. */
const ADDED = 'add_message'

/** Models refuse a result without a call: one that was added from outside gets a call that says where it is from. */
function addedMessages(
  role: Extract<HistoryEntry, { message: string }>['role'],
  content: string,
  place: number,
): ModelMessage[] {
  if (role === 'tool') {
    const call: ToolCall = { id: `added-${place}`, name: ADDED, arguments: {} }
    return callMessages([call], new Map([[call.id, content]]))
  }
  if (role === 'function') return [{ role, name: ADDED, content }]
  return [{ role: role === 'bot' ? 'assistant' : role, content }]
}

/** The messages for a model with the configuration's examples after the system messages that stand first. */
export function withExamples(
  messages: readonly ModelMessage[],
  examples: readonly ModelMessage[],
): ModelMessage[] {
  const place = messages.findIndex(({ role }) => role !== 'system')
  return messages.toSpliced(place === -1 ? messages.length : place, 0, ...examples)
}

function callMessages(calls: readonly ToolCall[], results: ReadonlyMap<string, string>): ModelMessage[] {
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
}
