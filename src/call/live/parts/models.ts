import type { CompiledAssistant } from '../../../assistant/compile.ts'
import type { ModelSettings } from '../../../assistant/fallbacks.ts'
import type { Json } from '../../../assistant/overrides.ts'
import type { LanguageModel } from '../../../engine/ports/language-model.ts'
import { usageError } from '../../../errors.ts'
import type { HttpClient } from '../../../net/http.ts'
import { customLlmRequests } from '../../../providers/openai-compatible/custom-llm.ts'
import { createOpenAiModel } from '../../../providers/openai-compatible/model.ts'
import {
  findOpenAiProvider,
  OPENAI_PROVIDERS,
  resolveOpenAiProvider,
} from '../../../providers/openai-compatible/providers.ts'
import { withAdvice } from './advice.ts'
import type { Environment } from './choices.ts'

/**
 * The model that the assistant names, then its fallbacks: others of the same provider. Throws VapiError where they cannot
 * be had: no adapter, no key, no address.
 */
export function selectModels(
  compiled: CompiledAssistant,
  http: HttpClient,
  env: Environment,
  call: () => unknown,
): LanguageModel[] {
  return compiled.models.map(settings => createModel(settings, http, env, compiled.configuration, call))
}

function createModel(
  { provider: id, model, url, temperature, maxTokens }: ModelSettings,
  http: HttpClient,
  env: Environment,
  configuration: Json,
  call: () => unknown,
): LanguageModel {
  const provider = findOpenAiProvider(id)
  if (provider === undefined) {
    throw usageError(
      `the model provider ${id} does not run in a local call`,
      `use --model with one of ${OPENAI_PROVIDERS.map(known => known.id).join(', ')}`,
    )
  }
  const { baseUrl, key } = withAdvice(
    () => resolveOpenAiProvider(provider, env, url ?? undefined),
    'or --model ollama/llama3.2 for another model, --offline for what runs on this machine, vapi call demo for a call without a key',
  )
  const custom = id === 'custom-llm' ? customLlmRequests(configuration, call) : null
  return createOpenAiModel({
    provider,
    model,
    baseUrl,
    key,
    http,
    settings: {
      temperature,
      maxTokens,
      ...(custom !== null && { headers: custom.headers, firstTokenMs: custom.firstTokenMs }),
    },
    ...(custom !== null && { extraBody: custom.extraBody }),
  })
}
