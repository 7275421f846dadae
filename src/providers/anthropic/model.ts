/**
 * Claude by Anthropic's Messages API (platform.claude.com: "Create a Message", "Streaming messages", "Errors", "Extended
 * thinking", "Tool use").
 */
import type { LanguageModel } from '../../engine/ports/language-model.ts'
import { usageError } from '../../errors.ts'
import type { HttpClient } from '../../net/http.ts'
import type { KeyOrigin } from '../key-origin.ts'
import { createCallMemory } from '../models/conversation.ts'
import { createStreamingModel } from '../models/streaming-model.ts'
import { familyOf } from './families.ts'
import { createMessageReader, readAnthropicError } from './message-reader.ts'
import { type AnthropicSettings, messagesBody, type ThoughtBlock } from './request.ts'
import { ANTHROPIC, anthropicHeaders, anthropicUrl } from './vendor.ts'

export interface AnthropicModelOptions {
  model: string
  baseUrl: string
  key: string | null
  keyOrigin?: KeyOrigin
  http: HttpClient
  settings: AnthropicSettings
  /** Limits of single waits, in milliseconds; 30 s to the first token and 20 s between two unless given. */
  firstTokenMs?: number
  idleMs?: number
}

/** Throws a usage error where the tokens for thoughts leave none for the answer. */
export function createAnthropicModel(options: AnthropicModelOptions): LanguageModel {
  const { model, baseUrl, key, keyOrigin, http, settings, firstTokenMs, idleMs } = options
  const { thinkingBudget, maxTokens } = settings
  if (thinkingBudget !== null && familyOf(model).takesBudget && maxTokens <= thinkingBudget)
    throw usageError(
      `model.maxTokens (${maxTokens}) must be greater than model.thinking.budgetTokens (${thinkingBudget})`,
      'thoughts are counted as tokens of the answer: raise maxTokens, or leave thinking out',
    )
  const memory = createCallMemory<readonly ThoughtBlock[]>()
  return createStreamingModel({
    name: `anthropic/${model}`,
    context: { vendor: ANTHROPIC, model, baseUrl, key, ...(keyOrigin !== undefined && { keyOrigin }) },
    http,
    noun: 'a message',
    readError: readAnthropicError,
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    ...(idleMs !== undefined && { idleMs }),
    ask: (request, errors) => ({
      url: anthropicUrl(baseUrl, 'messages'),
      headers: anthropicHeaders(key),
      body: messagesBody(model, settings, request, memory),
      pieces: createMessageReader(errors, memory.keep),
    }),
  })
}
