import { messageOf } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { HttpClient } from '../net/http.ts'
import { type MessageServer, postMessage } from './send.ts'

/** A server that is asked who takes a call has so long, from the first byte to the last (API: assistant-request). */
export const ASSISTANT_REQUEST_LIMIT_MS = 7500

/** What came back from a server that was asked who takes a call. */
export type AskedServer = { tookMs: number } & (
  | { type: 'reply'; body: string }
  /** Nothing usable came: in time, at all, or with a status of success. */
  | { type: 'failed'; message: string }
)

type JsonObject = Readonly<Record<string, unknown>>

/** The message of an inbound call that nobody takes yet. */
export function assistantRequestMessage(about: {
  nowMs: number
  call: JsonObject
  customer: JsonObject
  phoneNumber: JsonObject
}): JsonObject {
  const { nowMs, call, customer, phoneNumber } = about
  return {
    timestamp: nowMs,
    type: 'assistant-request',
    call: { ...call, type: 'inboundPhoneCall', status: 'ringing', customer, phoneNumber },
    customer,
    phoneNumber,
  }
}

/** Asks a server who takes the call. Rejects only with the reason of the signal. */
export async function askForAssistant(
  http: HttpClient,
  server: MessageServer,
  message: JsonObject,
  signal: AbortSignal,
): Promise<AskedServer> {
  const beganMs = performance.now()
  const tookMs = () => Math.round(performance.now() - beganMs)
  try {
    const limited = { ...server, timeoutSeconds: ASSISTANT_REQUEST_LIMIT_MS / 1000 }
    const reply = await postMessage(http, limited, message, signal)
    const isSuccess = reply.status >= 200 && reply.status < 300
    return isSuccess
      ? { type: 'reply', body: reply.body, tookMs: tookMs() }
      : { type: 'failed', message: `the server answered ${reply.statusText}`, tookMs: tookMs() }
  } catch (error) {
    signal.throwIfAborted()
    return { type: 'failed', message: messageOf(error), tookMs: tookMs() }
  }
}

/** What a reply to `assistant-request` says, by the first of its fields that counts. */
export type AssistantReply =
  | { type: 'error'; text: string | null }
  | { type: 'destination'; destination: JsonObject }
  /** The call's body: an assistant or a squad, with overrides. */
  | { type: 'speaker'; body: Record<string, unknown> }
  | { type: 'none'; detail: string }

const speakers = ['assistantId', 'assistant', 'squadId', 'squad', 'workflowId', 'workflow']

/** Reads a reply: `error` goes before `destination`, and that before everything else (API: assistant-request). */
export function readAssistantReply(body: string): AssistantReply {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return { type: 'none', detail: body.trim() === '' ? 'the reply is empty' : 'the reply is not JSON' }
  }
  const wrapped = isObject(value) && isObject(value.messageResponse) ? value.messageResponse : value
  if (!isObject(wrapped)) return { type: 'none', detail: 'the reply is not an object' }
  const { error, destination } = wrapped
  if (error !== undefined && error !== null)
    return { type: 'error', text: typeof error === 'string' && /[\p{L}\p{N}]/u.test(error) ? error : null }
  if (isObject(destination)) return { type: 'destination', destination }
  if (speakers.some(name => (wrapped[name] ?? null) !== null)) return { type: 'speaker', body: wrapped }
  return { type: 'none', detail: 'the reply names nobody who takes the call' }
}
