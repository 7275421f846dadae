import type {
  LanguageModel,
  ModelPiece,
  ModelRequest,
  TokenUsage,
} from '../../engine/ports/language-model.ts'
import type { VapiError } from '../../errors.ts'
import type { HttpClient, HttpReply } from '../../net/http.ts'
import {
  type AnswerErrors,
  type AnswerReader,
  createAnswerReader,
  type PieceReader,
} from './answer-reader.ts'
import {
  blockedError,
  garbageError,
  lateError,
  type ModelErrorContext,
  modelError,
  parseJson,
  type ReportedError,
  readReportedError,
  refusalError,
} from './model-error.ts'

/** One request as its provider takes it, and who understands the answer. */
export interface Asked {
  url: string
  headers: Readonly<Record<string, string>>
  body: object
  pieces: PieceReader
}

export interface StreamingModelOptions {
  /** `provider/model`. */
  name: string
  context: ModelErrorContext
  http: HttpClient
  /** What an answer is called in errors: `a chat completion`. */
  noun: string
  /** Makes the request for a conversation. */
  ask(request: ModelRequest, errors: AnswerErrors, signal: AbortSignal): Asked | Promise<Asked>
  /** Understands the body of an error status, where the provider has a form of its own. */
  readError?: (body: unknown, status: number | null) => ReportedError
  /** A stream may end without a word that it is over. */
  mayEndSilently?: boolean
  /** Limit to the first token, in milliseconds; the vendor's unless given. 0 is none. */
  firstTokenMs?: number
  /** Limit between two tokens, in milliseconds; 20 s unless given. 0 is none. */
  idleMs?: number
  /** Told the tokens of an answer, where the provider counts them. */
  onUsage?: (usage: TokenUsage) => void
}

const IDLE_MS = 20_000
const MAXIMUM_ERROR_BYTES = 65_536

/**
 * A language model that answers over HTTP, by an event stream. A request is sent once: whether to try again, or another
 * model, is the call's decision.
 */
export function createStreamingModel(options: StreamingModelOptions): LanguageModel {
  const { name, context } = options
  return {
    name,
    async *respond(request, signal, counted) {
      if (signal.aborted) return
      const limit = createTokenLimit(signal, context)
      try {
        yield* answer(options, request, limit, counted)
      } catch (thrown) {
        if (!signal.aborted) throw modelError(context, thrown)
      } finally {
        limit.end()
      }
    },
  }
}

async function* answer(
  options: StreamingModelOptions,
  request: ModelRequest,
  limit: TokenLimit,
  counted?: (usage: TokenUsage) => void,
): AsyncGenerator<ModelPiece> {
  const { context, http, noun, firstTokenMs = context.vendor.firstTokenMs, idleMs = IDLE_MS } = options
  const errors: AnswerErrors = {
    refused: reported => refusalError(context, reported),
    blocked: what => blockedError(context, what),
    garbage: (what, hint) => garbageError(context, what, hint),
  }
  limit.start(firstTokenMs, 'sent no token within')
  const { url, headers, body, pieces } = await options.ask(request, errors, limit.signal)
  const reply = await http.request({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream, application/json',
      ...headers,
    },
    body: JSON.stringify(body),
    signal: limit.signal,
    // The limit counts tokens: bytes that only keep the connection alive are not an answer.
    limits: { firstByteMs: 0, idleMs: 0 },
    repeatable: true,
  })
  if (reply.status < 200 || reply.status > 299) throw await statusError(options, reply)

  const reader: AnswerReader = createAnswerReader(errors, pieces, noun)
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
  const toolCalls = reader.end(options.mayEndSilently ?? false)
  const text = reader.takeText()
  if (text !== '') yield { type: 'text', text }
  for (const call of toolCalls) yield { type: 'tool-call', call }
  if (reader.usage === null) return
  options.onUsage?.(reader.usage)
  counted?.(reader.usage)
}

async function statusError(
  { context, readError = readReportedError }: StreamingModelOptions,
  reply: HttpReply,
): Promise<VapiError> {
  const body = await reply.text(MAXIMUM_ERROR_BYTES).catch(() => '')
  const location = reply.headers.location
  if (location)
    return refusalError(context, { message: `it moved to ${location}`, code: '', status: reply.status })
  return refusalError(context, readError(parseJson(body) ?? body, reply.status))
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
