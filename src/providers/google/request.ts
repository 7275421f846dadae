import type { ModelRequest, ModelTool } from '../../engine/ports/language-model.ts'
import { isObject } from '../../is-object.ts'
import {
  type CallMemory,
  type CallPart,
  inTurns,
  type ResultPart,
  type Turn,
} from '../models/conversation.ts'
import { parseJson } from '../models/model-error.ts'

export interface GoogleSettings {
  /** 0 to 2. Used where a request names none. */
  temperature?: number
  maxTokens: number
}

/** What Gemini wants back with a tool call of its own. */
export interface KeptCall {
  /** Its id, where Gemini named one. */
  id?: string
  /** Encrypted thoughts; only the first call of an answer has them. */
  thoughtSignature?: string
}

type Part = Readonly<Record<string, unknown>>
type Content = { role: 'user' | 'model'; parts: Part[] }

/** Stands for a signature that is not known: the call is another model's (page "Thought signatures"). */
const UNKNOWN_SIGNATURE = 'skip_thought_signature_validator'

/** The body of `streamGenerateContent` (API reference "Generating content"). */
export function generateBody(
  model: string,
  settings: GoogleSettings,
  request: ModelRequest,
  memory: CallMemory<KeptCall>,
): object {
  const { instructions, turns } = inTurns(request.messages)
  const { thinkingConfig, extraTokens } = thinkingOf(model)
  const temperature = request.temperature ?? settings.temperature
  return {
    contents: turns.flatMap(turn => contentsOf(turn, model, memory)),
    ...(instructions.length > 0 && { systemInstruction: { parts: [{ text: instructions.join('\n\n') }] } }),
    ...(request.tools.length > 0 && { tools: [{ functionDeclarations: request.tools.map(declarationOf) }] }),
    generationConfig: {
      ...(temperature !== undefined && { temperature }),
      maxOutputTokens: (request.maxTokens ?? settings.maxTokens) + extraTokens,
      ...(thinkingConfig !== null && { thinkingConfig }),
    },
  }
}

/**
 * As little thinking as the model can do: thoughts are silence in a call and count as tokens of the answer (page
 * "Gemini thinking"). Models of unknown names are left as they are.
 */
function thinkingOf(model: string): { thinkingConfig: object | null; extraTokens: number } {
  const budget = (thinkingBudget: number) => ({
    thinkingConfig: { thinkingBudget },
    extraTokens: thinkingBudget,
  })
  const level = (thinkingLevel: string) => ({ thinkingConfig: { thinkingLevel }, extraTokens: 0 })
  if (/gemini-2\.5-flash/.test(model)) return budget(0)
  // It cannot do without: its least.
  if (/gemini-2\.5-pro/.test(model)) return budget(128)
  if (/gemini-3-flash|gemini-3\.\d+-flash-lite/.test(model)) return level('minimal')
  if (/gemini-[3-9]/.test(model)) return level('low')
  return { thinkingConfig: null, extraTokens: 0 }
}

function contentsOf(turn: Turn, model: string, memory: CallMemory<KeptCall>): Content[] {
  const texts = turn.texts.map((text): Part => ({ text }))
  if (turn.role === 'assistant') {
    const calls = turn.calls.map((call, place) => callPart(call, place, model, memory))
    return [{ role: 'model', parts: [...texts, ...calls] }]
  }
  const results = turn.results.map(result => resultPart(result, memory))
  return [results, texts].filter(parts => parts.length > 0).map(parts => ({ role: 'user', parts }))
}

function callPart(
  { id, name, arguments: args }: CallPart,
  place: number,
  model: string,
  memory: CallMemory<KeptCall>,
): Part {
  const kept = memory.of(id)
  const signature =
    kept === undefined && place === 0 && /gemini-[3-9]/.test(model)
      ? UNKNOWN_SIGNATURE
      : kept?.thoughtSignature
  return {
    functionCall: { ...(kept?.id !== undefined && { id: kept.id }), name, args },
    ...(signature !== undefined && { thoughtSignature: signature }),
  }
}

function resultPart({ callId, name, content }: ResultPart, memory: CallMemory<KeptCall>): Part {
  const id = memory.of(callId)?.id
  const value = parseJson(content)
  const response = isObject(value) ? value : { result: value ?? content }
  return { functionResponse: { ...(id !== undefined && { id }), name, response } }
}

export function declarationOf({ function: { name, description, parameters } }: ModelTool): object {
  const schema = isObject(parameters) ? parameters : {}
  const { $schema: _schema, ...kept } = schema
  const isEmpty = !isObject(kept.properties) || Object.keys(kept.properties).length === 0
  return {
    name,
    ...(description !== undefined && { description }),
    ...(!isEmpty && { parametersJsonSchema: { type: 'object', ...kept } }),
  }
}
