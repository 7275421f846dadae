/**
 * Gemini by Google's `streamGenerateContent` (ai.google.dev: "Generating content", "Function calling", "Thought
 * signatures", "Gemini thinking", "API errors").
 */
import type { LanguageModel } from '../../engine/ports/language-model.ts'
import type { HttpClient } from '../../net/http.ts'
import type { KeyOrigin } from '../key-origin.ts'
import { createCallMemory } from '../models/conversation.ts'
import { createStreamingModel } from '../models/streaming-model.ts'
import { createContentReader, readGoogleError } from './content-reader.ts'
import { type GoogleSettings, generateBody, type KeptCall } from './request.ts'
import { GOOGLE, googleHeaders, googleUrl } from './vendor.ts'

export interface GoogleModelOptions {
  model: string
  baseUrl: string
  key: string | null
  keyOrigin?: KeyOrigin
  http: HttpClient
  settings: GoogleSettings
  /** Limits of single waits, in milliseconds; 30 s to the first token and 20 s between two unless given. */
  firstTokenMs?: number
  idleMs?: number
}

export function createGoogleModel(options: GoogleModelOptions): LanguageModel {
  const { model, baseUrl, key, keyOrigin, http, settings, firstTokenMs, idleMs } = options
  const memory = createCallMemory<KeptCall>()
  const name = encodeURIComponent(model.replace(/^models\//, ''))
  return createStreamingModel({
    name: `google/${model}`,
    context: { vendor: GOOGLE, model, baseUrl, key, ...(keyOrigin !== undefined && { keyOrigin }) },
    http,
    noun: 'an answer of Gemini',
    readError: readGoogleError,
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    ...(idleMs !== undefined && { idleMs }),
    ask: (request, errors) => ({
      url: `${googleUrl(baseUrl, `models/${name}:streamGenerateContent`)}?alt=sse`,
      headers: googleHeaders(key),
      body: generateBody(model, settings, request, memory),
      pieces: createContentReader(errors, memory.keep),
    }),
  })
}
