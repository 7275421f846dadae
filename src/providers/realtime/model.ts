/** A realtime session as the language model of an assistant. */
import type {
  LanguageModel,
  ModelPiece,
  ModelRequest,
  TokenUsage,
} from '../../engine/ports/language-model.ts'
import { blockedError, lateError, modelError } from '../models/model-error.ts'
import type { Request } from './requests.ts'
import type { RealtimeSession } from './session.ts'

/** Limit between two signs of life of an answer, in milliseconds. */
const IDLE_MS = 20_000

/** `warn` takes what the user should know of the session; `idleMs`: 20 s unless given. */
export function createRealtimeModel(
  name: string,
  session: RealtimeSession,
  warn: (message: string) => void,
  idleMs = IDLE_MS,
): LanguageModel {
  return {
    name,
    async *respond(request, signal, counted) {
      if (signal.aborted) return
      try {
        yield* answer(session, request, signal, { counted, warn, idleMs })
      } catch (thrown) {
        if (!signal.aborted) throw modelError(session.context, thrown)
      }
    },
  }
}

/**
 * The same model for what is asked beside a call, in writing: each question has a session of its own, because that of the call
 * has the call's conversation. `open` makes one without a voice.
 */
export function createWritingModel(name: string, open: () => RealtimeSession): LanguageModel {
  return {
    name,
    async *respond(request, signal, counted) {
      const session = open()
      try {
        yield* createRealtimeModel(name, session, () => {}).respond(request, signal, counted)
      } finally {
        session.close()
      }
    },
  }
}

interface Surroundings {
  counted: ((usage: TokenUsage) => void) | undefined
  warn: (message: string) => void
  idleMs: number
}

async function* answer(
  session: RealtimeSession,
  asked: ModelRequest,
  signal: AbortSignal,
  { counted, warn, idleMs }: Surroundings,
): AsyncGenerator<ModelPiece> {
  for (let attempt = 0; ; attempt++) {
    const request = await session.ask(asked, signal)
    try {
      yield* pieces(session, request, signal, idleMs)
      if (signal.aborted) return
      const { ended, usage } = request
      if (usage !== null) counted?.(usage)
      if (ended?.type === 'answered') {
        if (ended.reason === 'content_filter' && !request.isBegun)
          throw blockedError(session.context, 'stopped the answer by a content filter')
        if (ended.reason === 'max_output_tokens')
          warn(`${session.settings.model} came to the end of model.maxTokens in the middle of an answer`)
        return
      }
      if (ended === null) return
      if (request.isBegun) {
        // What there is of it is the answer.
        warn(`the rest of an answer is lost: ${ended.error.message}`)
        return
      }
      if (attempt > 0 || !ended.error.retryable || ended.error.status !== undefined) throw ended.error
    } finally {
      if (signal.aborted || request.ended === null) session.cancel(request)
    }
  }
}

async function* pieces(
  { context }: RealtimeSession,
  request: Request,
  signal: AbortSignal,
  idleMs: number,
): AsyncGenerator<ModelPiece> {
  while (!signal.aborted) {
    const piece = request.next()
    if (piece !== null) {
      yield piece
      continue
    }
    if (request.ended !== null) return
    const limitMs = request.isBegun ? idleMs : context.vendor.firstTokenMs
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), limitMs)
    try {
      await request.news(AbortSignal.any([signal, limit.signal]))
    } finally {
      clearTimeout(timer)
    }
    if (limit.signal.aborted)
      throw lateError(
        context,
        request.isBegun
          ? `stopped in mid-answer for ${limitMs / 1000} s`
          : `sent no token within ${limitMs / 1000} s`,
      )
  }
}
