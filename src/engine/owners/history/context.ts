import type { ContextPlan } from '../../plan.ts'
import type { HistoryState, ModelContext } from '../../state.ts'

/**
 * What the next assistant's model is given of the history. Nothing is deleted: the record of the call stays whole. Its
 * own system messages, so many, are the next entries.
 */
export function handOverContext(
  { entries, context }: HistoryState,
  plan: ContextPlan,
  toolCallId: string,
  prompts: number,
): ModelContext {
  const sessionFrom = entries.length
  const own = Array.from({ length: prompts }, (_, place) => sessionFrom + place)
  const places = entries.map((_, place) => place)
  const seen = places.filter(place => !context.hidden.includes(place))
  const isPrompt = (place: number) => {
    const entry = entries[place]
    return entry?.role === 'system' && entry.prompt === true
  }
  const withoutCall = [...context.hiddenCalls, toolCallId]
  const hiding = (hidden: number[], more: Partial<ModelContext> = {}): ModelContext => ({
    hidden: [...new Set([...context.hidden, ...hidden])],
    first: own,
    hiddenCalls: context.hiddenCalls,
    sessionFrom,
    ...more,
  })
  switch (plan.type) {
    case 'all':
      return hiding([], { first: context.first })
    case 'swap':
      return hiding(seen.filter(isPrompt), plan.withoutToolMessages ? { hiddenCalls: withoutCall } : {})
    case 'none':
      return hiding(places)
    case 'last': {
      const kept = seen.filter(place => !isPrompt(place) && !isOf(place)).slice(-plan.count)
      const last = plan.count === 0 ? [] : kept
      return hiding(
        places.filter(place => !last.includes(place)),
        { hiddenCalls: withoutCall },
      )
    }
    case 'user-and-assistant':
      return hiding(places.filter(place => !['user', 'bot'].includes(entries[place]?.role ?? '')))
    case 'previous':
      return hiding(places.filter(place => place >= context.sessionFrom))
  }

  /** The entry is of the call that hands over, and of no other. */
  function isOf(place: number): boolean {
    const entry = entries[place]
    if (entry?.role === 'tool_call_result') return entry.toolCallId === toolCallId
    return entry?.role === 'tool_calls' && entry.calls.every(({ id }) => id === toolCallId)
  }
}
