import type { ModelProvider, ModelSettings } from '../models/types.ts'
import { createOpenAiModel, modelName, type OpenAiModelSettings } from './model.ts'
import { OPENAI_PROVIDERS, type OpenAiProvider } from './providers.ts'

/** The rows of the table of OpenAI's chat completions as providers of models. */
export const openAiProviders: readonly ModelProvider[] = OPENAI_PROVIDERS.map(provider => ({
  id: provider.id,
  vendor: provider,
  proof: provider.proof,
  typicalMs: null,
  create: ({ access, http, model, settings, own }) =>
    createOpenAiModel({
      provider,
      model,
      ...access,
      http,
      settings: {
        ...settingsOf(settings),
        ...(own !== undefined && { headers: own.headers, firstTokenMs: own.firstTokenMs }),
      },
      ...(own !== undefined && { extraBody: own.extraBody }),
      ...(own?.authorize !== undefined && { authorize: own.authorize }),
    }),
  warnings: (model, settings) => warningsOf(provider, model, settings),
}))

function settingsOf({ temperature, maxTokens, configured }: ModelSettings): OpenAiModelSettings {
  const { reasoningEffort, promptCacheKey, promptCacheRetention, toolStrictCompatibilityMode } = configured
  return {
    temperature,
    maxTokens,
    ...(typeof reasoningEffort === 'string' && { reasoningEffort }),
    ...(typeof promptCacheKey === 'string' && { promptCacheKey }),
    ...(typeof promptCacheRetention === 'string' && { promptCacheRetention }),
    ...(toolStrictCompatibilityMode === 'strip-parameters-with-unsupported-validation' && {
      toolStrictCompatibilityMode,
    }),
  }
}

function warningsOf(provider: OpenAiProvider, model: string, settings: ModelSettings): string[] {
  const { configured, temperature } = settings
  const { reasons, caches, temperatures } = provider
  const isSet = (name: string): boolean => configured[name] !== undefined && configured[name] !== null
  const warnings: string[] = []
  if (isSet('reasoningEffort') && reasons?.test(model) === false)
    warnings.push(`model.reasoningEffort has no effect: ${model} does not reason`)
  if (isSet('temperature') && reasons?.test(model) && configured.reasoningEffort !== 'none')
    warnings.push(`model.temperature has no effect: ${model} reasons and takes none`)
  if ((isSet('promptCacheKey') || isSet('promptCacheRetention')) && caches?.test(model) === false)
    warnings.push(`model.promptCacheKey and promptCacheRetention have no effect: ${model} takes neither`)
  if (temperatures !== undefined && (temperature < temperatures[0] || temperature > temperatures[1]))
    warnings.push(
      `model.temperature ${temperature} is not within ${temperatures.join(' to ')}, what ${provider.label} takes: the nearest is used`,
    )
  if (modelName(provider, model) !== model)
    warnings.push(
      `the region in ${model} has no effect in a local call: ${modelName(provider, model)} answers where your key belongs`,
    )
  return warnings
}
