import type { CompiledAssistant } from '../../../assistant/compile.ts'
import type { ModelSettings } from '../../../assistant/fallbacks.ts'
import type { Json } from '../../../assistant/overrides.ts'
import type { LanguageModel } from '../../../engine/ports/language-model.ts'
import { usageError } from '../../../errors.ts'
import { isObject } from '../../../is-object.ts'
import { readCredential } from '../../../messages/credentials.ts'
import { createAuthorizationSource } from '../../../messages/oauth2.ts'
import type { HttpClient } from '../../../net/http.ts'
import { findModelProvider, MODELS, MODELS_ELSEWHERE } from '../../../providers/models/table.ts'
import type { OwnServer } from '../../../providers/models/types.ts'
import { resolveModelAccess } from '../../../providers/models/vendor.ts'
import { customLlmRequests } from '../../../providers/openai-compatible/custom-llm.ts'
import { withAdvice } from './advice.ts'
import type { Environment } from './choices.ts'

/**
 * The model that the assistant names, then its fallbacks: others of the same provider. Throws VapiError where they cannot
 * be had: no adapter, no key, no address, settings that cannot go together.
 */
export function selectModels(
  compiled: CompiledAssistant,
  http: HttpClient,
  env: Environment,
  call: () => unknown,
): LanguageModel[] {
  return compiled.models.map(settings => createModel(settings, http, env, compiled.configuration, call))
}

/** What of the models' settings is not honoured, each once. */
export function modelWarnings({ models }: Pick<CompiledAssistant, 'models'>): string[] {
  const told = models.flatMap(
    settings => findModelProvider(settings.provider)?.warnings?.(settings.model, settings) ?? [],
  )
  return [...new Set(told)]
}

/** One model of the plan. Opens nothing. Throws VapiError where it cannot be had. */
export function createModel(
  settings: ModelSettings,
  http: HttpClient,
  env: Environment,
  configuration: Json,
  call: () => unknown,
): LanguageModel {
  const { provider: id, model, url } = settings
  const provider = findModelProvider(id)
  if (provider === undefined) {
    const reason = MODELS_ELSEWHERE[id]
    throw usageError(
      `the model provider ${id} does not run in a local call${reason === undefined ? '' : `: ${reason}`}`,
      `use --model with one of ${MODELS.map(known => known.id).join(', ')}`,
    )
  }
  const access = withAdvice(
    () => resolveModelAccess(provider.vendor, env, url ?? undefined),
    'or --model ollama/llama3.2 for another model, --offline for what runs on this machine, vapi call demo for a call without a key',
  )
  if (id !== 'custom-llm') return provider.create({ access, http, model, settings })
  const credential = ownCredential(configuration, http)
  return provider.create({
    access: { ...access, key: access.key ?? credential.key },
    http,
    model,
    settings,
    own: { ...customLlmRequests(configuration, call), ...(access.key === null && credential.authorize) },
  })
}

/** The assistant's inline credential for its own model: a key, or a plan by which tokens are got (API: CustomLLMCredential). */
function ownCredential(
  { credentials }: Json,
  http: HttpClient,
): { key: string | null; authorize: Pick<OwnServer, 'authorize'> } {
  const inline = Array.isArray(credentials) ? credentials.filter(isObject) : []
  const found = inline.find(({ provider }) => provider === 'custom-llm')
  if (found === undefined) return { key: null, authorize: {} }
  const plan = readCredential('custom-llm', [{ ...found, id: 'custom-llm' }], () => {})?.oauth2
  const source = createAuthorizationSource(http, () => Date.now())
  return {
    key: typeof found.apiKey === 'string' && found.apiKey !== '' ? found.apiKey : null,
    authorize: plan === undefined ? {} : { authorize: signal => source(plan, signal) },
  }
}
