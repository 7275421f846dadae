import { STATUS_CODES } from 'node:http'
import type { HttpClient } from '../net/http.ts'

/** Where messages go: the part of a `server` of the configuration that a request needs. */
export interface MessageServer {
  url: string
  /** 1 to 300; 20 unless set. */
  timeoutSeconds?: number
  headers?: Readonly<Record<string, string>>
  /** The legacy `server.secret` or `serverUrlSecret`; goes along as `X-Vapi-Secret`. */
  secret?: string
}

export interface MessageReply {
  status: number
  /** `200 OK` */
  statusText: string
  /** At most 1 MiB. */
  body: string
  /** Where a redirect that was not followed points to. */
  location: string | undefined
}

export const DEFAULT_TIMEOUT_SECONDS = 20
const MAXIMUM_REPLY_BYTES = 1_048_576

/**
 * Posts one server message as `{message}`. Resolves with whatever the server answered; rejects with a VapiError where
 * nothing did (in time), or with the reason of the signal.
 */
export async function postMessage(
  http: HttpClient,
  server: MessageServer,
  message: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<MessageReply> {
  const reply = await http.request({
    method: 'POST',
    url: server.url,
    headers: {
      'content-type': 'application/json',
      ...(server.secret ? { 'x-vapi-secret': server.secret } : {}),
      ...server.headers,
    },
    body: JSON.stringify({ message }),
    signal,
    timeoutMs: (server.timeoutSeconds || DEFAULT_TIMEOUT_SECONDS) * 1000,
    // The time of the whole exchange is what the configuration limits.
    limits: { connectMs: 0, firstByteMs: 0, idleMs: 0 },
  })
  const body = await reply.text(MAXIMUM_REPLY_BYTES)
  const statusText = `${reply.status} ${STATUS_CODES[reply.status] ?? ''}`.trim()
  return { status: reply.status, statusText, body, location: reply.headers.location }
}
