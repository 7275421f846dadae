/** A language model behind OpenAI's chat completions. */
import type { LanguageModel, ModelRequest, TokenUsage } from '../../engine/ports/language-model.ts'
import type { HttpClient } from '../../net/http.ts'
import type { KeyOrigin } from '../key-origin.ts'
import { createCallMemory } from '../models/conversation.ts'
import { createStreamingModel } from '../models/streaming-model.ts'
import { secretsIn } from '../provider-error.ts'
import { createCompletionReader } from './completion-reader.ts'
import { chatMessagesFor } from './messages.ts'
import { chatCompletionsUrl, keyHeaders, type OpenAiProvider } from './providers.ts'
import { type StrictMode, strictTools } from './strict-tools.ts'

export interface OpenAiModelSettings {
  /** 0 to 2. Used where a request names none; not sent to models that refuse one. */
  temperature?: number
  maxTokens?: number
  /** `none` `minimal` `low` `medium` `high` `xhigh`, where the model knows it. */
  reasoningEffort?: string
  /** For models that cache prompts by a key. */
  promptCacheKey?: string
  /** `in_memory` or `24h`, for the same. */
  promptCacheRetention?: string
  /** `strip-unsupported-validation` unless given. */
  toolStrictCompatibilityMode?: StrictMode
  /** Sent along; they may replace any header but the key's. */
  headers?: Readonly<Record<string, string>>
  /** Limit to the first token, in milliseconds; the provider's unless given. 0 is none. */
  firstTokenMs?: number
  /** Limit between two tokens, in milliseconds; 20 s unless given. 0 is none. */
  idleMs?: number
}

export interface OpenAiModelOptions {
  provider: OpenAiProvider
  model: string
  baseUrl: string
  key: string | null
  keyOrigin?: KeyOrigin
  http: HttpClient
  settings?: OpenAiModelSettings
  /** Further fields of the body, asked for with each request (`customLlmContext`). They replace none of ours. */
  extraBody?: () => Readonly<Record<string, unknown>>
  /** Gives the value of `Authorization` for each request, in place of the key. */
  authorize?: (signal: AbortSignal) => Promise<string>
  /** Told the tokens of an answer, where the provider counts them. */
  onUsage?: (usage: TokenUsage) => void
}

export function createOpenAiModel(options: OpenAiModelOptions): LanguageModel {
  const { provider, model, baseUrl, key, keyOrigin, http, settings = {}, authorize, onUsage } = options
  const thoughts = createCallMemory<string>()
  let secrets: readonly string[] = secretsIn(settings.headers ?? {})
  return createStreamingModel({
    name: `${provider.id}/${model}`,
    context: {
      vendor: provider,
      model,
      baseUrl,
      key,
      ...(keyOrigin !== undefined && { keyOrigin }),
      secrets: () => secrets,
    },
    http,
    noun: 'a chat completion',
    mayEndSilently: provider.mayEndSilently,
    ...(settings.firstTokenMs !== undefined && { firstTokenMs: settings.firstTokenMs }),
    ...(settings.idleMs !== undefined && { idleMs: settings.idleMs }),
    ...(onUsage !== undefined && { onUsage }),
    async ask(request, errors, signal) {
      const authorization = await authorize?.(signal)
      if (authorization !== undefined) secrets = secretsIn({ ...settings.headers, authorization })
      const messages = chatMessagesFor(provider, request.messages, thoughts)
      return {
        url: chatCompletionsUrl(baseUrl.replace('{model}', encodeURIComponent(modelName(provider, model)))),
        headers: {
          ...settings.headers,
          ...(authorization === undefined ? keyHeaders(key, provider.keyHeader) : { authorization }),
        },
        body: { ...requestBody(options, request), messages },
        pieces: createCompletionReader(
          errors,
          provider.returnsThoughts
            ? (calls, thought) => {
                for (const { id } of calls) thoughts.keep(id, thought)
              }
            : undefined,
        ),
      }
    },
  })
}

function requestBody(
  { provider, model, settings = {}, extraBody }: OpenAiModelOptions,
  request: ModelRequest,
): object {
  const { reasoningEffort, promptCacheKey, promptCacheRetention, toolStrictCompatibilityMode } = settings
  const reasons = provider.reasons?.test(model)
  const caches = provider.caches?.test(model) ?? true
  const mode = toolStrictCompatibilityMode ?? 'strip-unsupported-validation'
  return {
    ...extraBody?.(),
    // Of models that a table of ours does not tell apart, the provider judges what they take.
    model: modelName(provider, model),
    messages: request.messages,
    temperature:
      reasons && reasoningEffort !== 'none'
        ? undefined
        : inRange(request.temperature ?? settings.temperature, provider.temperatures),
    [provider.maxTokensField]: request.maxTokens ?? settings.maxTokens,
    reasoning_effort: reasons === false ? undefined : reasoningEffort,
    prompt_cache_key: caches ? promptCacheKey : undefined,
    prompt_cache_retention: caches ? promptCacheRetention : undefined,
    // Some servers refuse an empty list.
    tools: request.tools.length === 0 ? undefined : toolsFor(provider, request, mode),
    stream: true,
    stream_options: provider.streamUsage ? { include_usage: true } : undefined,
  }
}

function toolsFor(provider: OpenAiProvider, { tools }: ModelRequest, mode: StrictMode) {
  return provider.strictSchemas ? strictTools(tools, mode) : tools
}

/** The name without a region of the hosted platform. */
export function modelName({ hasRegions }: Pick<OpenAiProvider, 'hasRegions'>, model: string): string {
  return hasRegions ? model.replace(/^(?!ft:)([^:]+):[a-z0-9]+$/, '$1') : model
}

/** The nearest of the temperatures that the provider takes. */
function inRange(temperature: number | undefined, range: readonly [number, number] | undefined) {
  if (temperature === undefined || range === undefined) return temperature
  return Math.min(range[1], Math.max(range[0], temperature))
}
