/** How the engine's question is put to a Live API session, which takes nothing back: by what it has heard, or in words (pure). */
import { type Entry, reconcile } from './conversation.ts'
import type { ItemContent } from './events.ts'
import type { GeminiCall } from './gemini-answer.ts'
import type { ToolResult } from './gemini-form.ts'
import { plain } from './words.ts'

export type GeminiPlan =
  /** It is to answer what it has heard. */
  | { type: 'heard' }
  | { type: 'results'; results: ToolResult[] }
  | { type: 'tell'; contents: readonly ItemContent[] }

export interface GeminiState {
  entries: readonly Entry[]
  /** Stretches of speech since the last answer was asked for. */
  heardSince: readonly Extract<Entry, { type: 'heard' }>[]
  /** Whose results it waits for. */
  calls: readonly GeminiCall[]
  /** The customer's activity was not ended, and they speak now. */
  isActive: boolean
  isSpeaking: boolean
  /** An answer is there or under way. */
  isAnswering: boolean
}

/** The plan, and the conversation after it; null where the session has heard or said other than the history. */
export function planGemini(
  { entries, heardSince, calls, isActive, isSpeaking, isAnswering }: GeminiState,
  wanted: readonly ItemContent[],
  idOf: () => string,
): { plan: GeminiPlan; entries: Entry[] } | null {
  const { edits, entries: after } = reconcile(entries, wanted, idOf)
  const isOther = edits.some(edit =>
    edit.type === 'delete' ? !isNothing(edit.entry) : edit.after !== undefined,
  )
  if (isOther) return null
  const created = edits.flatMap(edit => (edit.type === 'create' ? [edit.content] : []))
  const isHeard = isActive || heardSince.length > 0
  if (calls.length > 0) {
    const results = isHeard ? null : resultsIn(created, calls)
    return results === null ? null : { plan: { type: 'results', results }, entries: after }
  }
  if (!isHeard) return isAnswering ? null : { plan: { type: 'tell', contents: created }, entries: after }
  const isAllKnown = heardSince.every(entry => entry.isKnown || isNothing(entry))
  const isAnyKnown = heardSince.some(({ isKnown }) => isKnown)
  const isAsHeard = created.length === 0 && !isSpeaking && isAllKnown && isAnyKnown
  return isAsHeard ? { plan: { type: 'heard' }, entries: after } : null
}

/** What the caller was told while tools ran goes along with their results; anything else cannot. */
function resultsIn(created: readonly ItemContent[], calls: readonly GeminiCall[]): ToolResult[] | null {
  const others = created.filter(({ type }) => type !== 'result')
  const saidMeanwhile = others.flatMap(one =>
    one.type === 'message' && one.role === 'assistant' ? [one.text] : [],
  )
  const results = calls.flatMap(({ callId, name }, place) => {
    const result = created.find(one => one.type === 'result' && one.callId === callId)
    if (result?.type !== 'result') return []
    return [{ callId, name, output: result.output, saidMeanwhile: place === 0 ? saidMeanwhile : [] }]
  })
  return results.length === calls.length && saidMeanwhile.length === others.length ? results : null
}

/** Sound without words is in no history. */
function isNothing(entry: Entry): boolean {
  return entry.type === 'heard' && entry.text !== null && plain(entry.text) === ''
}
