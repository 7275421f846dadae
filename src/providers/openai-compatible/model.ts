/**
 * A language model behind OpenAI's chat completions. A request is sent once: whether to try again, or another model,
 * is the call's decision.
 */
import type { LanguageModel, ModelPiece, ModelRequest } from '../../engine/ports/language-model.ts'
import type { VapiError } from '../../errors.ts'
import type { HttpClient, HttpReply } from '../../net/http.ts'
import { createAnswerReader } from './answer-reader.ts'
import type { ModelUsage } from './completion-reader.ts'
import {
  garbageError,
  lateError,
  type ModelErrorContext,
  modelError,
  parseJson,
  readReportedError,
  refusalError,
} from './model-error.ts'
import { chatCompletionsUrl, type OpenAiProvider } from './providers.ts'

export interface OpenAiModelSettings {
  /** 0 to 2. Used where a request names none; not sent to models that refuse one. */
  temperature?: number
  maxTokens?: number
  /** `none` `minimal` `low` `medium` `high` `xhigh`, where the model knows it. */
  reasoningEffort?: string
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
  http: HttpClient
  settings?: OpenAiModelSettings
  /** Further fields of the body, asked for with each request (`customLlmContext`). They replace none of ours. */
  extraBody?: () => Readonly<Record<string, unknown>>
  /** Told the tokens of an answer, where the provider counts them. */
  onUsage?: (usage: ModelUsage) => void
}

const IDLE_MS = 20_000
const MAXIMUM_ERROR_BYTES = 65_536

export function createOpenAiModel(options: OpenAiModelOptions): LanguageModel {
  const { provider, model, baseUrl, key } = options
  const context: ModelErrorContext = { provider, model, baseUrl, key }
  return {
    name: `${provider.id}/${model}`,
    async *respond(request, signal, counted) {
      if (signal.aborted) return
      const limit = createTokenLimit(signal, context)
      try {
        yield* answer(options, context, request, limit, counted)
      } catch (thrown) {
        if (!signal.aborted) throw modelError(context, thrown)
      } finally {
        limit.end()
      }
    },
  }
}

async function* answer(
  options: OpenAiModelOptions,
  context: ModelErrorContext,
  request: ModelRequest,
  limit: TokenLimit,
  counted?: (usage: ModelUsage) => void,
): AsyncGenerator<ModelPiece> {
  const { provider, settings = {} } = options
  const idleMs = settings.idleMs ?? IDLE_MS
  limit.start(settings.firstTokenMs ?? provider.firstTokenMs, 'sent no token within')
  const reply = await send(options, request, limit.signal)
  if (reply.status < 200 || reply.status > 299) throw await statusError(context, reply)

  const reader = createAnswerReader({
    refused: reported => refusalError(context, reported),
    garbage: (what, hint) => garbageError(context, what, hint),
  })
  for await (const bytes of reply.body) {
    try {
      if (reader.push(bytes)) limit.start(idleMs, 'stopped in mid-answer for')
    } finally {
      // Also when this read ends in an error: what was said before it was said.
      const text = reader.takeText()
      if (text !== '') {
        limit.stop()
        yield { type: 'text', text }
        limit.start(idleMs, 'stopped in mid-answer for')
      }
    }
    if (reader.isDone) {
      reply.discard()
      break
    }
  }
  limit.stop()
  const toolCalls = reader.end(provider.mayEndSilently)
  const text = reader.takeText()
  if (text !== '') yield { type: 'text', text }
  for (const call of toolCalls) yield { type: 'tool-call', call }
  if (reader.usage === null) return
  options.onUsage?.(reader.usage)
  counted?.(reader.usage)
}

function send(options: OpenAiModelOptions, request: ModelRequest, signal: AbortSignal): Promise<HttpReply> {
  const { provider, baseUrl, key, http, settings } = options
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'text/event-stream, application/json',
    ...settings?.headers,
  }
  if (key !== null)
    headers[provider.keyHeader] = provider.keyHeader === 'authorization' ? `Bearer ${key}` : key
  return http.request({
    method: 'POST',
    url: chatCompletionsUrl(baseUrl),
    headers,
    body: JSON.stringify(requestBody(options, request)),
    signal,
    // The limit counts tokens: bytes that only keep the connection alive are not an answer.
    limits: { firstByteMs: 0, idleMs: 0 },
    repeatable: true,
  })
}

function requestBody(
  { provider, model, settings = {}, extraBody }: OpenAiModelOptions,
  request: ModelRequest,
): object {
  const temperature = request.temperature ?? settings.temperature
  const takesTemperature = !provider.fixedTemperature?.test(model) || settings.reasoningEffort === 'none'
  return {
    ...extraBody?.(),
    model,
    messages: request.messages,
    temperature: takesTemperature ? temperature : undefined,
    [provider.maxTokensField]: request.maxTokens ?? settings.maxTokens,
    reasoning_effort: settings.reasoningEffort,
    // Some servers refuse an empty list.
    tools: request.tools.length > 0 ? request.tools : undefined,
    stream: true,
    stream_options: provider.streamUsage ? { include_usage: true } : undefined,
  }
}

async function statusError(context: ModelErrorContext, reply: HttpReply): Promise<VapiError> {
  const body = await reply.text(MAXIMUM_ERROR_BYTES).catch(() => '')
  const location = reply.headers.location
  if (location)
    return refusalError(context, { message: `it moved to ${location}`, code: '', status: reply.status })
  return refusalError(context, readReportedError(parseJson(body) ?? body, reply.status))
}

/** A limit on waiting for tokens. Its signal aborts when the wait was too long, and with the outer signal. */
interface TokenLimit {
  readonly signal: AbortSignal
  /** Begins a wait; ends the one before. */
  start(limitMs: number, what: string): void
  stop(): void
  end(): void
}

function createTokenLimit(outer: AbortSignal, context: ModelErrorContext): TokenLimit {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => clearTimeout(timer)
  const abort = (): void => controller.abort(outer.reason)
  outer.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    start(limitMs, what) {
      stop()
      if (limitMs <= 0) return
      const expire = (): void => controller.abort(lateError(context, `${what} ${limitMs / 1000} s`))
      timer = setTimeout(expire, limitMs)
    },
    stop,
    end() {
      stop()
      outer.removeEventListener('abort', abort)
    },
  }
}
