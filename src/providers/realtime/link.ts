/** One connection to a realtime session of OpenAI. */
import type { VapiError } from '../../errors.ts'
import type { HttpClient } from '../../net/http.ts'
import { type ModelErrorContext, parseJson, readReportedError, refusalError } from '../models/model-error.ts'
import { socketUrl } from '../transcribers/wire.ts'
import { closedSession, connectSession } from './connect.ts'
import type { SessionSettings, Told } from './events.ts'
import { type RealtimeForm, readEvent } from './openai-form.ts'

/** The name of the message that configures the session. */
const CONFIGURATION = 'configuration'

export interface LinkOptions {
  context: ModelErrorContext
  http: HttpClient
  form: RealtimeForm
  settings: SessionSettings
}

export interface LinkListener {
  told(told: Told): void
  /** It ended by itself. Told once, and not after `close`. */
  lost(error: VapiError): void
}

export interface Link {
  /** `name` comes back with an error about this message. */
  send(message: object, name?: string): void
  close(): void
}

/** Codes after which the session is of no use any more, and the status that they stand for; null: another session may do. */
const FATAL: Readonly<Record<string, number | null>> = {
  invalid_api_key: 401,
  insufficient_quota: 429,
  model_not_found: 404,
  beta_api_shape_disabled: 400,
  session_expired: null,
}

/** Resolves when the session has its settings. Throws VapiError, also where `signal` aborts. */
export async function openLink(
  { context, http, form, settings }: LinkOptions,
  listener: LinkListener,
  signal: AbortSignal,
): Promise<Link> {
  const named = (message: object, name?: string) => ({
    ...message,
    ...(name !== undefined && { event_id: name }),
  })
  const { send, close } = await connectSession<Told>(
    {
      context,
      http,
      url: socketUrl(context.baseUrl, '/realtime', { model: settings.model }),
      headers: {
        ...form.headers,
        ...(context.key !== null && { authorization: `Bearer ${context.key}` }),
      },
      first: named({ type: 'session.update', session: form.session(settings) }, CONFIGURATION),
      read(message) {
        const told = readEvent(message)
        return told === null ? [] : [told]
      },
      told(told, session) {
        if (told.type === 'error' && (Object.hasOwn(FATAL, told.code) || told.eventId === CONFIGURATION)) {
          const { code, message } = told
          session.fail(refusalError(context, { code, message, status: FATAL[code] ?? null }))
        } else if (told.type === 'configured' && session.isNew) session.ready()
        else listener.told(told)
      },
      closed: (code, reason) => {
        // As in `invalid_request_error.invalid_api_key`.
        const known = Object.keys(FATAL).find(name => reason.includes(name))
        if (known === undefined) return closedSession(context, code, reason)
        return refusalError(context, { code: known, message: reason, status: FATAL[known] ?? null })
      },
      refused: (said, status) => refusalError(context, readReportedError(parseJson(said) ?? said, status)),
      lost: error => listener.lost(error),
    },
    signal,
  )
  return { send: (message, name) => send(named(message, name)), close }
}
