import type { LanguageModel, ModelRequest, TokenUsage } from '../../engine/ports/language-model.ts'
import type { Voice } from '../../engine/ports/voice.ts'
import type { MemberPorts } from '../ports.ts'
import { estimateTokens } from './tokens.ts'

export interface ModelUse extends TokenUsage {
  /** True where any of its tokens were counted by us and not by the provider. */
  estimated: boolean
}

/** What a call used of its providers, by their names (`openai/gpt-4o`, `11labs/rachel`). */
export interface CallUsage {
  models: Map<string, ModelUse>
  /** Characters of text that a voice spoke. */
  voices: Map<string, number>
}

/** Counts what a call uses. */
export interface Meter {
  /** The same ports, with their models and voices counted. */
  measure(ports: MemberPorts): MemberPorts
  usage(): CallUsage
}

export function createMeter(): Meter {
  const models = new Map<string, ModelUse>()
  const voices = new Map<string, number>()

  function addTokens(name: string, usage: TokenUsage, estimated: boolean): void {
    const before = models.get(name)
    models.set(name, {
      promptTokens: (before?.promptTokens ?? 0) + usage.promptTokens,
      completionTokens: (before?.completionTokens ?? 0) + usage.completionTokens,
      cachedPromptTokens: (before?.cachedPromptTokens ?? 0) + usage.cachedPromptTokens,
      reasoningTokens: (before?.reasoningTokens ?? 0) + usage.reasoningTokens,
      ...addAudio(before?.audio, usage.audio),
      estimated: estimated || (before?.estimated ?? false),
    })
  }

  function countModel(model: LanguageModel): LanguageModel {
    return {
      name: model.name,
      async *respond(request, signal, counted) {
        let told: TokenUsage | null = null
        let said = ''
        try {
          const pieces = model.respond(request, signal, usage => {
            told = usage
            counted?.(usage)
          })
          for await (const piece of pieces) {
            said += piece.type === 'text' ? piece.text : JSON.stringify(piece.call)
            yield piece
          }
        } finally {
          // A request that was refused cost nothing; one that was cut off is counted as far as it came.
          if (told !== null) addTokens(model.name, told, false)
          else if (said !== '') addTokens(model.name, guess(request, said), true)
        }
      },
    }
  }

  function countVoice(voice: Voice): Voice {
    return {
      name: voice.name,
      capabilities: voice.capabilities,
      async *speak(request, signal) {
        let heard = false
        for await (const piece of voice.speak(request, signal)) {
          if (!heard && voice.capabilities.ofModel !== true)
            voices.set(voice.name, (voices.get(voice.name) ?? 0) + request.text.length)
          heard = true
          if (piece.usage !== undefined) addTokens(piece.usage.model, piece.usage.tokens, false)
          yield piece
        }
      },
      close: () => voice.close(),
    }
  }

  return {
    measure: ports => ({
      ...ports,
      models: ports.models.map(countModel),
      voices: ports.voices.map(countVoice),
    }),
    usage: () => ({ models, voices }),
  }
}

/** Tokens of sound stay apart: they have prices of their own. */
function addAudio(before: TokenUsage['audio'], more: TokenUsage['audio']): Pick<TokenUsage, 'audio'> {
  if (before === undefined || more === undefined) {
    const audio = before ?? more
    return audio === undefined ? {} : { audio }
  }
  return {
    audio: {
      promptTokens: before.promptTokens + more.promptTokens,
      completionTokens: before.completionTokens + more.completionTokens,
      cachedPromptTokens: before.cachedPromptTokens + more.cachedPromptTokens,
    },
  }
}

function guess({ messages, tools }: ModelRequest, said: string): TokenUsage {
  const prompt = messages.map(message => JSON.stringify(message.content ?? message)).join('\n')
  const schemas = tools.length === 0 ? '' : JSON.stringify(tools)
  return {
    promptTokens: estimateTokens(prompt) + estimateTokens(schemas),
    completionTokens: estimateTokens(said),
    cachedPromptTokens: 0,
    reasoningTokens: 0,
  }
}
