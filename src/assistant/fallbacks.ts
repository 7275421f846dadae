import type { ProviderPlan, TranscriberPlan } from '../engine/plan.ts'
import type { TurnSettings } from '../engine/ports/transcriber.simulated.ts'
import { defaults } from './defaults.ts'
import { modelFailedReason, transcriberFailedReason } from './ended-reasons.ts'
import { compileFastTurns } from './fast-models.ts'
import type { Json } from './overrides.ts'
import type { Assistant } from './schema.ts'
import { transcriberSettingWarnings } from './transcriber-settings.ts'
import { compileTurns, minimumConfidence } from './transcriber-turns.ts'

/** A model as it is asked. */
export interface ModelSettings {
  provider: string
  model: string
  url: string | null
  temperature: number
  maxTokens: number
  /** `model` of the assistant, without what it is told and what it may call: these are in its requests. */
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
 * (API: OpenAIModel). Where the first turns are answered by a smaller model (`numFastTurns`), that one stands before all,
 * so that the assistant's own takes over when it fails.
 */
export function compileModels(model: Assistant['model']): {
  plans: ProviderPlan[]
  settings: ModelSettings[]
  fastTurns: number
  warnings: string[]
} {
  const provider = model?.provider ?? 'openai'
  const own = model?.model ?? 'gpt-4o'
  const { fast, warnings } = compileFastTurns(provider, own, model?.numFastTurns)
  const names = [...(fast === null ? [] : [fast.model]), own, ...(model?.fallbackModels ?? [])]
  return {
    plans: names.map(name => ({ name: `${provider}/${name}`, endedReason: modelFailedReason(provider) })),
    settings: names.map(name => ({
      provider,
      model: name,
      url: model?.url ?? null,
      temperature: model?.temperature ?? defaults.temperature,
      maxTokens: model?.maxTokens ?? defaults.maxTokens,
      configured: requestSettings(model),
    })),
    fastTurns: fast?.turns ?? 0,
    warnings: [...warnings, ...withoutEffect(model)],
  }
}

function requestSettings(model: Assistant['model']): Json {
  const { messages, systemPrompt, tools, toolIds, toolRefs, fallbackModels, numFastTurns, ...settings } = {
    ...model,
  }
  return settings
}

/** Settings of every provider's model that a local call does not honour. */
function withoutEffect(model: Assistant['model']): string[] {
  return [
    ...(model?.emotionRecognitionEnabled === true
      ? [
          'model.emotionRecognitionEnabled has no effect in a local call: the model is told what is said, not how',
        ]
      : []),
    ...(model?.wordLevelConfidenceEnabled === true
      ? ['model.wordLevelConfidenceEnabled has no effect in a local call: the model is told the words alone']
      : []),
  ]
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
      ...configured.flatMap((one, place) =>
        transcriberSettingWarnings(
          { ...one },
          place === 0 ? 'transcriber' : `transcriber.fallbackPlan.transcribers[${place - 1}]`,
        ),
      ),
      ...(autoFallback?.enabled === true
        ? [
            'transcriber.fallbackPlan.autoFallback has no effect in a local call: only the transcribers that are listed take over',
          ]
        : []),
    ],
  }
}
