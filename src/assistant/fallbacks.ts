import type { ProviderPlan, TranscriberPlan } from '../engine/plan.ts'
import type { TurnSettings } from '../engine/ports/transcriber.simulated.ts'
import { defaults } from './defaults.ts'
import { modelFailedReason, transcriberFailedReason } from './ended-reasons.ts'
import type { Json } from './overrides.ts'
import type { Assistant } from './schema.ts'
import { compileTurns, minimumConfidence } from './transcriber-turns.ts'

/** A model as it is asked. */
export interface ModelSettings {
  provider: string
  model: string
  url: string | null
  temperature: number
  maxTokens: number
  /** `model` of the assistant as it stands. */
  configured: Json
}

/** A transcriber as it is configured. */
export interface TranscriberSettings {
  provider: string
  model: string | null
  language: string
  /** How it finds the end of a turn; null where it does not report one. */
  turns: TurnSettings | null
  /** As it stands in the assistant. */
  configured: Json
}

/**
 * The assistant's model, then those of `fallbackModels` in order: other models of the same provider with the same settings
 * (API: OpenAIModel).
 */
export function compileModels(model: Assistant['model']): {
  plans: ProviderPlan[]
  settings: ModelSettings[]
} {
  const provider = model?.provider ?? 'openai'
  const names = [model?.model ?? 'gpt-4o', ...(model?.fallbackModels ?? [])]
  return {
    plans: names.map(name => ({ name: `${provider}/${name}`, endedReason: modelFailedReason(provider) })),
    settings: names.map(name => ({
      provider,
      model: name,
      url: model?.url ?? null,
      temperature: model?.temperature ?? defaults.temperature,
      maxTokens: model?.maxTokens ?? defaults.maxTokens,
      configured: { ...model },
    })),
  }
}

/** The assistant's transcriber, then those of its fallback plan in order (API: FallbackTranscriberPlan). */
export function compileTranscribers(transcriber: Assistant['transcriber']): {
  plans: TranscriberPlan[]
  settings: [TranscriberSettings, ...TranscriberSettings[]]
  warnings: string[]
} {
  const language = transcriber?.language ?? 'en'
  const own = compileTurns(transcriber)
  const provider = transcriber?.provider ?? 'deepgram'
  const first = {
    provider,
    model: transcriber?.model ?? null,
    language,
    turns: own.turns,
    configured: { ...transcriber },
  }
  const { transcribers = [], autoFallback } = transcriber?.fallbackPlan ?? {}
  const others = transcribers.map(other => ({
    provider: other.provider,
    model: other.model ?? null,
    language: other.language ?? language,
    turns: compileTurns(other).turns,
    configured: { ...other },
  }))
  const configured = [transcriber, ...transcribers]
  return {
    plans: [first, ...others].map(({ provider: id, model, turns }, place) => ({
      name: `${id}/${model ?? 'default'}`,
      endedReason: transcriberFailedReason(id),
      endsTurns: turns !== null,
      minimumConfidence: minimumConfidence(configured[place]),
    })),
    settings: [first, ...others],
    warnings: [
      ...own.warnings,
      ...(autoFallback?.enabled === true
        ? [
            'transcriber.fallbackPlan.autoFallback has no effect in a local call: only the transcribers that are listed take over',
          ]
        : []),
    ],
  }
}
