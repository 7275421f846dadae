/** One connection to Google's Live API: from its opening until it is set up, what it says, and its one end. */
import { asVapiError, type VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import type { HttpClient } from '../../net/http.ts'
import { excerpt } from '../../net/reply.ts'
import { type Socket, SocketRefusal } from '../../net/web-socket.ts'
import { readGoogleError } from '../google/content-reader.ts'
import { googleHeaders } from '../google/vendor.ts'
import {
  garbageError,
  type ModelErrorContext,
  modelError,
  parseJson,
  refusalError,
} from '../models/model-error.ts'
import { socketUrl } from '../transcribers/wire.ts'
import { type GeminiSettings, type GeminiTold, readGemini, setupOf } from './gemini-form.ts'

/** From the name look-up to the moment when the session is set up, in milliseconds. */
const READY_MS = 5000
/** A peer that is silent so long is asked for a sign of life. */
const QUIET_MS = 4000
const PATH = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent'

export interface GeminiLinkListener {
  told(told: GeminiTold): void
  /** It ended by itself. Told once, and not after `close`. */
  lost(error: VapiError): void
}

export interface GeminiLink {
  send(message: object): void
  close(): void
}

export interface GeminiLinkOptions {
  context: ModelErrorContext
  http: HttpClient
}

/** Resolves when the session has its settings. Throws VapiError, also where `signal` aborts. */
export async function openGeminiLink(
  { context, http }: GeminiLinkOptions,
  settings: GeminiSettings,
  listener: GeminiLinkListener,
  signal: AbortSignal,
): Promise<GeminiLink> {
  const opening = new AbortController()
  const whole = AbortSignal.any([signal, opening.signal])
  const timer = setTimeout(
    () => opening.abort(garbageError(context, `was not ready within ${READY_MS / 1000} s`)),
    READY_MS,
  )
  let socket: Socket | null = null
  let stage: 'opening' | 'ready' | 'over' = 'opening'
  let setUp = () => {}
  const ready = new Promise<void>((resolve, reject) => {
    setUp = resolve
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
    let all: GeminiTold[]
    try {
      const message = parseJson(text)
      if (!isObject(message)) throw new TypeError('no JSON object')
      all = readGemini(message)
    } catch {
      fail(garbageError(context, `sent something that is not understood: ${excerpt(text, 80)}`))
      return
    }
    for (const told of all) {
      if (told.type === 'ready') setUp()
      else listener.told(told)
    }
  }

  const send = (message: object): void => socket?.send(JSON.stringify(message))

  try {
    socket = await http.openSocket({
      url: socketUrl(context.baseUrl.replace(/\/v1(beta|alpha)?\/?$|\/$/, ''), PATH, {}),
      headers: googleHeaders(context.key),
      quietMs: QUIET_MS,
      signal: whole,
      listener: {
        text: receive,
        binary: bytes => receive(Buffer.from(bytes).toString()),
        closed: ({ code, reason }) => fail(closedError(context, code, reason, stage === 'opening')),
      },
    })
    send(setupOf(settings))
    await ready
  } catch (thrown) {
    stage = 'over'
    opening.abort(thrown)
    socket?.close()
    if (thrown instanceof SocketRefusal)
      throw refusalError(
        context,
        readGoogleError(parseJson(thrown.said) ?? thrown.said, thrown.status ?? null),
      )
    throw modelError(context, asVapiError(thrown))
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
  return garbageError(context, `closed the session (${reason === '' ? code : `${code} ${excerpt(reason)}`})`)
}
