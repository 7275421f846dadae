/** One connection to a realtime session: from its opening until it is configured, what it says, and its one end. */
import { asVapiError, type VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import type { HttpClient } from '../../net/http.ts'
import { excerpt } from '../../net/reply.ts'
import { type Socket, SocketRefusal } from '../../net/web-socket.ts'
import {
  garbageError,
  type ModelErrorContext,
  modelError,
  parseJson,
  readReportedError,
  refusalError,
} from '../models/model-error.ts'
import { socketUrl } from '../transcribers/wire.ts'
import type { SessionSettings, Told } from './events.ts'
import { type RealtimeForm, readEvent } from './openai-form.ts'

/** From the name look-up to the moment when the session is configured, in milliseconds. */
const READY_MS = 5000
/** A peer that is silent so long is asked for a sign of life. */
const QUIET_MS = 4000
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
  const opening = new AbortController()
  const whole = AbortSignal.any([signal, opening.signal])
  const timer = setTimeout(
    () => opening.abort(garbageError(context, `was not ready within ${READY_MS / 1000} s`)),
    READY_MS,
  )
  let socket: Socket | null = null
  let stage: 'opening' | 'ready' | 'over' = 'opening'
  let configured = () => {}
  const ready = new Promise<void>((resolve, reject) => {
    configured = resolve
    whole.addEventListener('abort', () => reject(whole.reason), { once: true })
  })
  ready.catch(() => {})

  function fail(error: VapiError): void {
    const before = stage
    if (before === 'over') return
    stage = 'over'
    if (before === 'opening') opening.abort(error)
    else {
      socket?.close()
      listener.lost(error)
    }
  }

  function receive(text: string): void {
    if (stage === 'over') return
    let told: Told | null
    try {
      const message = parseJson(text)
      if (!isObject(message)) throw new TypeError('no JSON object')
      told = readEvent(message)
    } catch {
      fail(garbageError(context, `sent something that is not understood: ${excerpt(text, 80)}`))
      return
    }
    if (told === null) return
    if (told.type === 'error' && (Object.hasOwn(FATAL, told.code) || told.eventId === CONFIGURATION)) {
      const { code, message } = told
      fail(refusalError(context, { code, message, status: FATAL[code] ?? null }))
    } else if (told.type === 'configured' && stage === 'opening') configured()
    else listener.told(told)
  }

  function send(message: object, name?: string): void {
    socket?.send(JSON.stringify({ ...message, ...(name !== undefined && { event_id: name }) }))
  }

  try {
    socket = await http.openSocket({
      url: socketUrl(context.baseUrl, '/realtime', { model: settings.model }),
      headers: {
        ...form.headers,
        ...(context.key !== null && { authorization: `Bearer ${context.key}` }),
      },
      quietMs: QUIET_MS,
      signal: whole,
      listener: {
        text: receive,
        binary: bytes => receive(Buffer.from(bytes).toString()),
        closed: ({ code, reason }) => {
          const status = /invalid_api_key/.test(reason) ? 401 : null
          fail(
            status === null
              ? garbageError(
                  context,
                  `closed the session (${reason === '' ? code : `${code} ${excerpt(reason)}`})`,
                )
              : refusalError(context, { code: 'invalid_api_key', message: reason, status }),
          )
        },
      },
    })
    send({ type: 'session.update', session: form.session(settings) }, CONFIGURATION)
    await ready
  } catch (thrown) {
    stage = 'over'
    opening.abort(thrown)
    socket?.close()
    throw openingError(context, thrown)
  } finally {
    clearTimeout(timer)
  }
  stage = 'ready'
  return {
    send,
    close() {
      if (stage === 'over') return
      stage = 'over'
      socket?.close()
    },
  }
}

function openingError(context: ModelErrorContext, thrown: unknown): VapiError {
  if (!(thrown instanceof SocketRefusal)) return modelError(context, asVapiError(thrown))
  const { said, status = null } = thrown
  return refusalError(context, readReportedError(parseJson(said) ?? said, status))
}
