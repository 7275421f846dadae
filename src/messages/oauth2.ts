/** Tokens by the client credentials of OAuth 2.0 (RFC 6749, 4.4), as an `oauth2` authentication plan of a credential asks for. */
import { STATUS_CODES } from 'node:http'
import { VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { HttpClient } from '../net/http.ts'

export interface OAuth2Plan {
  /** Where tokens are given. */
  url: string
  clientId: string
  clientSecret: string
  scope?: string
}

/** Gives the value of `Authorization`. A token is asked for once and kept until shortly before its end. */
export type AuthorizationSource = (plan: OAuth2Plan, signal: AbortSignal) => Promise<string>

const TIME_LIMIT_MS = 10_000
const MAXIMUM_REPLY_BYTES = 65_536
/** A token is used no longer than up to this time before its end, in milliseconds. */
const MARGIN_MS = 30_000
/** Where its server names no end. */
const USUAL_SECONDS = 3600

interface Token {
  authorization: string
  untilMs: number
}

interface Asked {
  token: Promise<Token>
  /** No end while it is being asked for. */
  untilMs: number
}

/** Its calls throw VapiError `token-refused` or `token-failed`, or the codes of `HttpClient.request`. */
export function createAuthorizationSource(http: HttpClient, now: () => number): AuthorizationSource {
  const known = new Map<string, Asked>()
  return async (plan, signal) => {
    signal.throwIfAborted()
    const key = JSON.stringify([plan.url, plan.clientId, plan.clientSecret, plan.scope])
    let asked = known.get(key)
    if (asked === undefined || asked.untilMs <= now()) {
      // Others wait for it too: it ends by its own limit, not with whoever came first.
      const fresh: Asked = { token: askToken(http, plan, now), untilMs: Number.POSITIVE_INFINITY }
      asked = fresh
      known.set(key, fresh)
      fresh.token.then(
        ({ untilMs }) => {
          fresh.untilMs = untilMs
        },
        () => {
          if (known.get(key) === fresh) known.delete(key)
        },
      )
    }
    return (await unlessAborted(asked.token, signal)).authorization
  }
}

/** The value, or the signal's reason where that comes first. */
function unlessAborted<Value>(value: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    value.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

async function askToken(http: HttpClient, plan: OAuth2Plan, now: () => number): Promise<Token> {
  const { clientId, clientSecret, scope } = plan
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    ...(scope !== undefined && { scope }),
  })
  const askedMs = now()
  const reply = await http.request({
    method: 'POST',
    url: plan.url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
    isBodySecret: true,
    timeoutMs: TIME_LIMIT_MS,
  })
  const place = placeOf(plan.url)
  // What a token server answers may repeat the secret: it is not shown.
  const body = await reply.text(MAXIMUM_REPLY_BYTES)
  if (reply.status < 200 || reply.status > 299)
    throw new VapiError({
      code: 'token-refused',
      message:
        `the token server ${place} answered ${reply.status} ${STATUS_CODES[reply.status] ?? ''}`.trim(),
      status: reply.status,
      retryable: reply.status >= 500 || reply.status === 429,
    })
  const { access_token: token, token_type: type, expires_in: seconds } = parse(body)
  if (typeof token !== 'string' || token === '')
    throw new VapiError({ code: 'token-failed', message: `the token server ${place} gave no access_token` })
  const scheme = typeof type === 'string' && !/^bearer$/i.test(type) ? type : 'Bearer'
  const lastsMs = (Number(seconds) > 0 ? Number(seconds) : USUAL_SECONDS) * 1000
  return {
    authorization: `${scheme} ${token}`,
    untilMs: askedMs + lastsMs - Math.min(MARGIN_MS, lastsMs / 2),
  }
}

/** The address without user, password and query. */
function placeOf(address: string): string {
  const { origin, pathname } = new URL(address)
  return origin + pathname
}

function parse(body: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(body)
    return isObject(content) ? content : {}
  } catch {
    return {}
  }
}
