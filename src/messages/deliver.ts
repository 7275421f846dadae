import { STATUS_CODES } from 'node:http'
import { VapiError } from '../errors.ts'
import type { HttpClient, ServerTrust } from '../net/http.ts'
import { authHeaders, type ServerAuth } from './sign.ts'

export interface Delivery {
  url: string
  /** POST unless given. */
  method?: string
  /** The server's own headers. An `Authorization` among them wins over the credential's. */
  headers: Readonly<Record<string, string>>
  auth: ServerAuth
  /** Absent: no body, as in a GET. */
  body?: string | Uint8Array
  /** 0 is none. */
  timeoutMs: number
  nowMs: number
  messageId: string
  signal: AbortSignal
  /** Absent: an https server has to be somebody whom the machine trusts. */
  trust?: ServerTrust
}

export interface Delivered {
  status: number
  /** `200 OK` */
  statusText: string
  /** By lower-case name. */
  headers: Readonly<Record<string, string | undefined>>
  /** At most 10 MiB. */
  body: Buffer
  /** From the start of the request to the last byte of the reply. */
  durationMs: number
}

const MAXIMUM_REPLY_BYTES = 10_485_760

/**
 * Sends one request to a server as the platform would, and resolves with whatever it answered. Rejects with a VapiError
 * where nothing came (in time), or with the reason of the signal.
 */
export async function deliver(http: HttpClient, delivery: Delivery): Promise<Delivered> {
  const { url, method = 'POST', body, timeoutMs, signal, nowMs, messageId, trust } = delivery
  const signed = authHeaders(delivery.auth, { method, url, body: body ?? '', nowMs, messageId })
  const startedAt = performance.now()
  const reply = await http.request({
    method,
    url,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...lowerCased(signed),
      ...lowerCased(delivery.headers),
    },
    ...(body !== undefined && { body }),
    signal,
    timeoutMs,
    ...(trust !== undefined && { trust }),
    // The limit counts for the whole exchange; no shorter one may hide behind it.
    limits: { connectMs: 0, firstByteMs: 0, idleMs: 0 },
  })
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of reply.body) {
    bytes += piece.length
    if (bytes > MAXIMUM_REPLY_BYTES)
      throw new VapiError({ code: 'reply-too-large', message: `${url} answered with more than 10 MB` })
    pieces.push(piece)
  }
  return {
    status: reply.status,
    statusText: `${reply.status} ${STATUS_CODES[reply.status] ?? ''}`.trim(),
    headers: reply.headers,
    body: Buffer.concat(pieces),
    durationMs: performance.now() - startedAt,
  }
}

/** Headers with their names in lower case, of which HTTP has one each. */
export function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
