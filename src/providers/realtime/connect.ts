/** One connection to a session, whoever the vendor is: from its opening until it has its settings, and its one end. */
import { asVapiError, type VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import type { HttpClient } from '../../net/http.ts'
import { excerpt } from '../../net/reply.ts'
import { type Socket, SocketRefusal } from '../../net/web-socket.ts'
import { garbageError, type ModelErrorContext, modelError, parseJson } from '../models/model-error.ts'

/** From the name look-up to the moment when the session has its settings, in milliseconds. */
const READY_MS = 5000
/** A peer that is silent so long is asked for a sign of life. */
const QUIET_MS = 4000

/** What a vendor's protocol says of its connections. */
export interface Connecting<Told> {
  context: ModelErrorContext
  http: HttpClient
  url: string
  headers: Readonly<Record<string, string>>
  /** Sent first: the settings. */
  first: object
  /** What one message says. Throws where it is not understood. */
  read(message: Readonly<Record<string, unknown>>): readonly Told[]
  told(told: Told, session: Opened): void
  /** What a closing frame says; `isNew`: before the session had its settings. */
  closed(code: number, reason: string, isNew: boolean): VapiError
  /** What a handshake that was answered with a status says. */
  refused(said: string, status: number | null): VapiError
  /** It ended by itself. Told once, and not after `close`. */
  lost(error: VapiError): void
}

/** A session, for whoever hears its messages. */
export interface Opened {
  /** True until it has its settings. */
  readonly isNew: boolean
  /** It has its settings. */
  ready(): void
  /** It is of no use any more. */
  fail(error: VapiError): void
}

export interface Connected {
  send(message: object): void
  close(): void
}

/** Resolves when the session has its settings. Throws VapiError, also where `signal` aborts. */
export async function connectSession<Told>(
  connecting: Connecting<Told>,
  signal: AbortSignal,
): Promise<Connected> {
  const { context, http, url, headers } = connecting
  const opening = new AbortController()
  const whole = AbortSignal.any([signal, opening.signal])
  const timer = setTimeout(
    () => opening.abort(garbageError(context, `was not ready within ${READY_MS / 1000} s`)),
    READY_MS,
  )
  let socket: Socket | null = null
  let stage: 'opening' | 'ready' | 'over' = 'opening'
  let settle = () => {}
  const settled = new Promise<void>((resolve, reject) => {
    settle = resolve
    whole.addEventListener('abort', () => reject(whole.reason), { once: true })
  })
  settled.catch(() => {})

  function fail(error: VapiError): void {
    const before = stage
    if (before === 'over') return
    stage = 'over'
    if (before === 'opening') opening.abort(error)
    else {
      socket?.close()
      connecting.lost(error)
    }
  }

  const session: Opened = {
    get isNew() {
      return stage === 'opening'
    },
    ready: () => settle(),
    fail,
  }

  function receive(text: string): void {
    if (stage === 'over') return
    let all: readonly Told[]
    try {
      const message = parseJson(text)
      if (!isObject(message)) throw new TypeError('no JSON object')
      all = connecting.read(message)
    } catch {
      fail(garbageError(context, `sent something that is not understood: ${excerpt(text, 80)}`))
      return
    }
    for (const told of all) connecting.told(told, session)
  }

  const send = (message: object): void => socket?.send(JSON.stringify(message))

  try {
    socket = await http.openSocket({
      url,
      headers,
      quietMs: QUIET_MS,
      signal: whole,
      listener: {
        text: receive,
        binary: bytes => receive(textOf(bytes)),
        closed: ({ code, reason }) => fail(connecting.closed(code, reason, stage === 'opening')),
      },
    })
    send(connecting.first)
    await settled
    // What came along with its settings may have been its end.
    whole.throwIfAborted()
  } catch (thrown) {
    stage = 'over'
    opening.abort(thrown)
    socket?.close()
    if (thrown instanceof SocketRefusal) throw connecting.refused(thrown.said, thrown.status ?? null)
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

/** Bytes that are no whole UTF-8 are no message: empty. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return ''
  }
}

/** A session that was closed without a known reason. */
export function closedSession(context: ModelErrorContext, code: number, reason: string): VapiError {
  return garbageError(context, `closed the session (${reason === '' ? code : `${code} ${excerpt(reason)}`})`)
}
