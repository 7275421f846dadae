/**
 * A conversation for models that want it strictly in turns: instructions first, then the customer and the assistant one
 * after the other, the customer last, and each tool call followed by its result.
 */
import type { ModelMessage } from '../../engine/ports/language-model.ts'
import { isObject } from '../../is-object.ts'
import { parseJson } from './model-error.ts'

export interface CallPart {
  id: string
  name: string
  arguments: Record<string, unknown>
}

export interface ResultPart {
  callId: string
  /** Of the tool. */
  name: string
  content: string
}

export type Turn =
  | { role: 'user'; results: ResultPart[]; texts: string[] }
  | { role: 'assistant'; texts: string[]; calls: CallPart[] }

export interface Conversation {
  /** The instructions at its beginning. */
  instructions: string[]
  turns: Turn[]
}

/** Stands for the customer where a turn of theirs is missing: models refuse a conversation that they begin or end. */
const CALL_BEGINS = '[The call begins.]'
const NOTHING_SAID = '[The customer has said nothing yet.]'

/**
 * Neighbouring messages of one side become one turn; empty ones are left out. Instructions in the middle stand in the
 * customer's turn, marked as such: there is no other place for them.
 */
export function inTurns(messages: readonly ModelMessage[]): Conversation {
  const firstOther = messages.findIndex(({ role }) => role !== 'system')
  const opening = firstOther === -1 ? messages.length : firstOther
  const instructions = messages.slice(0, opening).flatMap(({ content }) => textsOf(content))
  const turns: Turn[] = []
  const names = new Map<string, string>()

  const userTurn = (): Extract<Turn, { role: 'user' }> => {
    const last = turns.at(-1)
    if (last?.role === 'user') return last
    const turn: Turn = { role: 'user', results: [], texts: [] }
    turns.push(turn)
    return turn
  }
  const assistantTurn = (): Extract<Turn, { role: 'assistant' }> => {
    if (turns.length === 0) userTurn().texts.push(CALL_BEGINS)
    const last = turns.at(-1)
    if (last?.role === 'assistant') return last
    const turn: Turn = { role: 'assistant', texts: [], calls: [] }
    turns.push(turn)
    return turn
  }

  for (const message of messages.slice(opening)) {
    const texts = textsOf(message.content)
    switch (message.role) {
      case 'user':
        if (texts.length > 0) userTurn().texts.push(...texts)
        break
      case 'system':
        if (texts.length > 0) userTurn().texts.push(`<instructions>\n${texts.join('\n')}\n</instructions>`)
        break
      case 'function':
        if (texts.length > 0) userTurn().texts.push(`[${message.name}: ${texts.join('\n')}]`)
        break
      case 'assistant': {
        const { tool_calls: calls = [] } = message
        if (texts.length === 0 && calls.length === 0) break
        const turn = assistantTurn()
        turn.texts.push(...texts)
        for (const { id, function: called } of calls) {
          const values = parseJson(called.arguments)
          names.set(id, called.name)
          turn.calls.push({ id, name: called.name, arguments: isObject(values) ? values : {} })
        }
        break
      }
      case 'tool': {
        const name = names.get(message.tool_call_id)
        const result = { callId: message.tool_call_id, content: message.content }
        if (name !== undefined) userTurn().results.push({ ...result, name })
        else if (texts.length > 0) userTurn().texts.push(`[a tool: ${texts.join('\n')}]`)
        break
      }
    }
  }
  if (turns.at(-1)?.role !== 'user') userTurn().texts.push(turns.length === 0 ? CALL_BEGINS : NOTHING_SAID)
  return { instructions, turns }
}

function textsOf(content: string | null): string[] {
  return content === null || content.trim() === '' ? [] : [content]
}

/** Keeps what a model wants back with a tool call of its own: its thoughts, their signature. */
export interface CallMemory<Kept> {
  keep(callId: string, kept: Kept): void
  of(callId: string): Kept | undefined
  readonly isEmpty: boolean
}

/** Calls that are kept; the thoughts of older ones are of no use to a model. */
const MAXIMUM_KEPT = 200

export function createCallMemory<Kept>(): CallMemory<Kept> {
  const kept = new Map<string, Kept>()
  return {
    keep(callId, value) {
      kept.set(callId, value)
      const [oldest] = kept.keys()
      if (kept.size > MAXIMUM_KEPT && oldest !== undefined) kept.delete(oldest)
    },
    of: callId => kept.get(callId),
    get isEmpty() {
      return kept.size === 0
    },
  }
}
