import { randomUUID } from 'node:crypto'
import { isObject } from '../is-object.ts'
import type { HttpClient } from '../net/http.ts'
import { type CredentialAuth, readCredential, tokenHeaders } from './credentials.ts'
import { lowerCased } from './deliver.ts'
import { createAuthorizationSource } from './oauth2.ts'
import type { JsonObject } from './reply-findings.ts'
import { authHeaders } from './sign.ts'

export interface ServerHeadersOptions {
  /** `assistant.credentials`. */
  credentials: unknown
  /** Where the server stands in the configuration, for warnings. */
  path: string
  http: HttpClient
  /** Wall clock, in milliseconds since 1970. */
  now: () => number
  /** Told what is left out. */
  warn: (message: string) => void
}

/**
 * Gives the headers of one request; an HMAC signs its body, empty where a WebSocket is opened (GET). To be asked for each
 * request, as times and tokens go stale. Throws VapiError where no token can be had.
 */
export type ServerHeaders = (
  request: { method: string; body: string },
  signal: AbortSignal,
) => Promise<Record<string, string>>

/**
 * How a `server` of the configuration knows the sender: its headers, the legacy secret, the credential that it names
 * (vapi-api.md 3.5). An `Authorization` among its headers wins.
 */
export function createServerHeaders(server: JsonObject, options: ServerHeadersOptions): ServerHeaders {
  const { http, now, warn } = options
  const { url, secret, credentialId, headers } = server
  const path = `${options.path}.credentialId ${credentialId}`
  const auth: CredentialAuth = {
    ...(typeof secret === 'string' && secret !== '' && { secret }),
    ...(typeof credentialId === 'string' &&
      readCredential(credentialId, options.credentials, reason =>
        warn(`${path} ${reason}; it is asked without it`),
      )),
  }
  const authorize = createAuthorizationSource(http, now)
  const own = Object.fromEntries(
    Object.entries(isObject(headers) ? headers : {}).map(([name, text]) => [name, String(text)]),
  )
  return async (request, signal) => ({
    ...(await tokenHeaders(auth, authorize, signal)),
    ...lowerCased(authHeaders(auth, { ...request, url: String(url), nowMs: now(), messageId: randomUUID() })),
    ...lowerCased(own),
  })
}
