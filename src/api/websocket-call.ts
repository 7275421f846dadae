import { asVapiError, Exit, usageError, VapiError } from '../errors.ts'
import { isLoopback } from '../net/proxy-settings.ts'
import { SocketRefusal } from '../net/web-socket.ts'
import { fieldOf, isJsonObject, isOver, type LiveCall, readCall, textOf } from './live-call.ts'
import { secureUrl } from './live-control.ts'
import { readIdentified } from './read-object.ts'
import type { Api, Json, JsonObject } from './types.ts'

/** A call that waits for its WebSocket. */
export interface WebSocketCall {
  call: LiveCall & { readonly id: string }
  url: string
}

const PROVIDER = 'vapi.websocket'

/** How sound goes over the connection (API: `AudioFormat`). */
export interface AudioFormat {
  format: 'pcm_s16le' | 'mulaw'
  sampleRate: number
}

/**
 * The body of a call over a WebSocket. `format` null: what the body says itself, else 16 kHz PCM. Throws a usage error for a body
 * that is of another kind of call.
 */
export function webSocketBody(
  body: JsonObject,
  format: AudioFormat | null,
): { body: JsonObject; format: AudioFormat } {
  const foreign = ['phoneNumberId', 'phoneNumber', 'schedulePlan', 'customers'].find(name => name in body)
  if (foreign !== undefined)
    throw usageError(
      `${foreign} is of a call by telephone, not of one over a WebSocket`,
      'leave it out here; vapi call create makes such calls',
    )
  const { transport = {} } = body
  if (!isJsonObject(transport) || (transport.provider ?? PROVIDER) !== PROVIDER)
    throw usageError(
      `the body's transport is not ${PROVIDER}`,
      'leave it out here; vapi call create makes such calls',
    )
  const chosen = format ?? ownFormat(transport.audioFormat)
  const audioFormat = { format: chosen.format, container: 'raw', sampleRate: chosen.sampleRate }
  return { body: { ...body, transport: { ...transport, provider: PROVIDER, audioFormat } }, format: chosen }
}

function ownFormat(given: Json | undefined): AudioFormat {
  const format = fieldOf(given, 'format') === 'mulaw' ? 'mulaw' : 'pcm_s16le'
  const sampleRate = fieldOf(given, 'sampleRate')
  return { format, sampleRate: typeof sampleRate === 'number' ? sampleRate : defaultRate(format) }
}

/** Hertz (API: 16000, of mulaw 8000). */
export function defaultRate(format: AudioFormat['format']): number {
  return format === 'mulaw' ? 8000 : 16_000
}

/** Makes the call. Throws VapiError: the API's, and `no-websocket` where its reply has no address to connect to. */
export async function createWebSocketCall(api: Api, body: JsonObject): Promise<WebSocketCall> {
  const reply = await api.request({ method: 'POST', path: '/call', body })
  const call = readIdentified(reply, 'POST /call')
  const url = textOf(fieldOf(call, 'transport', 'websocketCallUrl'))
  if (url !== undefined) return { call, url: secureUrl(url, ['wss:', 'ws:']).href }
  throw new VapiError({
    code: 'no-websocket',
    message: `call ${call.id} was made, but the server gave no address to connect to (transport.websocketCallUrl)`,
    hint: `vapi call get ${call.id} shows it; check the address of the API (--base-url)`,
  })
}

/**
 * True where the account's key may go to this address: to the host of the API itself, and to its neighbours (of
 * `api.vapi.ai`: `*.vapi.ai`).
 */
export function mayHaveKey(baseUrl: string, socketUrl: string): boolean {
  const base = new URL(baseUrl).hostname
  const host = new URL(socketUrl).hostname
  const domain = base.startsWith('api.') ? base.slice('api'.length) : null
  return host === base || (isLoopback(host) && isLoopback(base)) || (domain !== null && host.endsWith(domain))
}

/** What a refused connection means. */
export function explainRefusal(thrown: unknown, callId: string, withKey: boolean): unknown {
  if (!(thrown instanceof SocketRefusal)) return thrown
  const { status = 0, message, retryable } = thrown
  const denied = status === 401 || status === 403
  return new VapiError({
    code: denied ? 'call-connection-denied' : 'call-connection-refused',
    message: `call ${callId} was made, but ${message}`,
    ...(denied && { exit: Exit.notLoggedIn }),
    status,
    retryable,
    hint: denied
      ? withKey
        ? 'the key may not connect to calls: vapi auth status'
        : 'the key was not sent, as the address is of another host than the API'
      : `vapi call get ${callId} shows what became of it; to try again, start a new call`,
    cause: thrown,
  })
}

/** The time between two looks at the record. */
const LOOK_MS = 700

/**
 * The call's record once it says why the call ended, or as it is after `limitMs`; null where it cannot be read. Faults of the
 * network are passed over: the conversation is over already.
 */
export async function readEnded(
  api: Api,
  id: string,
  limitMs: number,
  sleep: (ms: number) => Promise<void>,
): Promise<LiveCall | null> {
  const untilMs = performance.now() + limitMs
  let last: LiveCall | null = null
  for (;;) {
    try {
      last = await readCall(api, id)
    } catch (error) {
      if (!asVapiError(error).retryable) return last
    }
    if (last !== null && isOver(last) && textOf(last.endedReason) !== undefined) return last
    if (performance.now() + LOOK_MS > untilMs) return last
    await sleep(LOOK_MS)
  }
}
