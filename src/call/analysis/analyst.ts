import type { PromptMessage } from '../../assistant/analysis.ts'
import type { LanguageModel, TokenUsage } from '../../engine/ports/language-model.ts'
import { timeLimit } from '../../time-limit.ts'
import { estimateTokens } from '../costs/tokens.ts'

/** What is asked about a call after its end. */
export const analysisKinds = [
  'summary',
  'structuredData',
  'structuredDataMulti',
  'successEvaluation',
  'structuredOutput',
] as const
export type AnalysisKind = (typeof analysisKinds)[number]

export interface AnalysisQuestion {
  kind: AnalysisKind
  /** Key of a `structuredDataMulti` entry, or name of a structured output; null of the others. */
  name: string | null
  messages: PromptMessage[]
}

export interface AnalysisAnswer {
  text: string
  usage: TokenUsage
  /** True where no provider counted the tokens. */
  estimated: boolean
}

/** Answers questions about a call. */
export interface Analyst {
  /** `provider/model` */
  readonly model: string
  /** Null where the answer did not come within `limitMs`, or where there is none. Throws what the model throws. */
  answer(question: AnalysisQuestion, limitMs: number, signal: AbortSignal): Promise<AnalysisAnswer | null>
}

/** Asks the call's language model. */
export function createModelAnalyst(model: LanguageModel): Analyst {
  return {
    model: model.name,
    async answer({ messages }, limitMs, signal) {
      const limit = timeLimit(signal, limitMs)
      let usage: TokenUsage | null = null
      let text = ''
      const request = { messages, tools: [] }
      try {
        for await (const piece of model.respond(request, limit.signal, counted => (usage = counted)))
          if (piece.type === 'text') text += piece.text
        if (limit.signal.aborted) return null
        return { text, usage: usage ?? estimatedUsage(messages, text), estimated: usage === null }
      } finally {
        limit.release()
      }
    },
  }
}

/** One scripted answer of a simulation file's `analysis`. */
export interface ScriptedAnswer {
  for: AnalysisKind
  name?: string
  /** Text, or data that stands for its JSON. */
  reply?: unknown
  takesMs?: number
}

/** Answers from a script, each entry once; without an entry there is no answer. */
export function createScriptedAnalyst(model: string, answers: readonly ScriptedAnswer[]): Analyst {
  const open = [...answers]
  return {
    model,
    async answer({ kind, name, messages }, limitMs) {
      const place = open.findIndex(
        entry => entry.for === kind && (entry.name === undefined || entry.name === name),
      )
      const [entry] = place === -1 ? [] : open.splice(place, 1)
      if (entry === undefined || (entry.takesMs ?? 0) > limitMs) return null
      const { reply = '' } = entry
      const text = typeof reply === 'string' ? reply : JSON.stringify(reply)
      return { text, usage: estimatedUsage(messages, text), estimated: true }
    },
  }
}

function estimatedUsage(messages: readonly PromptMessage[], text: string): TokenUsage {
  return {
    promptTokens: estimateTokens(messages.map(({ content }) => content).join('\n')),
    completionTokens: estimateTokens(text),
    cachedPromptTokens: 0,
    reasoningTokens: 0,
  }
}
