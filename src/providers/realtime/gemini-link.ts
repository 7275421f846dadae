/** One connection to Google's Live API. */
import type { VapiError } from '../../errors.ts'
import type { HttpClient } from '../../net/http.ts'
import { readGoogleError } from '../google/content-reader.ts'
import { googleHeaders } from '../google/vendor.ts'
import { type ModelErrorContext, parseJson, refusalError } from '../models/model-error.ts'
import { socketUrl } from '../transcribers/wire.ts'
import { type Connected, closedSession, connectSession } from './connect.ts'
import { type GeminiSettings, type GeminiTold, readGemini, setupOf } from './gemini-form.ts'

const PATH = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent'

export interface GeminiLinkListener {
  told(told: GeminiTold): void
  /** It ended by itself. Told once, and not after `close`. */
  lost(error: VapiError): void
}

export type GeminiLink = Connected

export interface GeminiLinkOptions {
  context: ModelErrorContext
  http: HttpClient
}

/** Resolves when the session has its settings. Throws VapiError, also where `signal` aborts. */
export function openGeminiLink(
  { context, http }: GeminiLinkOptions,
  settings: GeminiSettings,
  listener: GeminiLinkListener,
  signal: AbortSignal,
): Promise<GeminiLink> {
  return connectSession<GeminiTold>(
    {
      context,
      http,
      url: socketUrl(context.baseUrl.replace(/\/v1(beta|alpha)?\/?$|\/$/, ''), PATH, {}),
      headers: googleHeaders(context.key),
      first: setupOf(settings),
      read: readGemini,
      told: (told, session) => (told.type === 'ready' ? session.ready() : listener.told(told)),
      closed: (code, reason, isNew) => closedError(context, code, reason, isNew),
      refused: (said, status) => refusalError(context, readGoogleError(parseJson(said) ?? said, status)),
      lost: error => listener.lost(error),
    },
    signal,
  )
}

/** Google refuses by a closing frame: what it says tells what for. */
const REASONS: readonly [RegExp, number][] = [
  [/API[ _]key|unregistered caller|UNAUTHENTICATED|credential/i, 401],
  [/PERMISSION_DENIED|permission/i, 403],
  [/is not found|not supported for bidi|NOT_FOUND/i, 404],
  [/quota|RESOURCE_EXHAUSTED|rate limit/i, 429],
]

function closedError(context: ModelErrorContext, code: number, reason: string, isNew: boolean): VapiError {
  const known = REASONS.find(([form]) => form.test(reason))?.[1]
  // 1007 and 1008 stand for a message that it does not take: of a new session it is the setup.
  const status = known ?? (isNew && (code === 1007 || code === 1008) ? 400 : null)
  if (status !== null) return refusalError(context, { code: '', message: reason, status })
  return closedSession(context, code, reason)
}
