import { Exit, usageError, VapiError } from '../errors.ts'
import type { HttpClient, HttpReply } from '../net/http.ts'
import { NetworkError } from '../net/network-error.ts'
import { isLoopback } from '../net/proxy-settings.ts'
import { type ErrorContext, errorFromReply } from './errors.ts'
import { multipartBody } from './multipart.ts'
import { readJson } from './read-json.ts'
import { type RetryClock, type RetryNotice, withRetries } from './retry.ts'
import type { Api, ApiRequest, Query } from './types.ts'

export interface ApiOptions {
  http: HttpClient
  /** Its path, if it has one, is kept: requests go below it. */
  baseUrl: string
  key: string
  /** The key in words that tell where it comes from, for errors: `the key in VAPI_API_KEY`. */
  keyLabel?: string
  /** Limit of one request in milliseconds, 0 is none. Waits that the server asks for do not count. */
  timeoutMs: number
  /** How often a request may be sent again; 3 unless given. */
  retries?: number
  clock?: RetryClock
  /** 0 to below 1; Math.random unless given. */
  random?: () => number
  /** Ends every request, and every wait between two tries, with its reason. */
  signal?: AbortSignal
  /** Called before each wait. */
  onRetry?: (notice: RetryNotice) => void
}

/** The time without a piece of a reply after which it is given up, unless the user allows longer. */
const IDLE_MS = 60_000

/** See `Api`. Throws `invalid-url` (exit 2) for the address and `invalid-key` (exit 4) for a key that HTTP cannot carry. */
export function createApi(options: ApiOptions): Api {
  const { http, key, keyLabel, timeoutMs, retries = 3, random = Math.random, onRetry } = options
  const clock = options.clock ?? systemClock
  const base = baseOf(options.baseUrl)
  if (!/^[\x21-\x7e]+$/.test(key)) throw invalidKey(keyLabel)

  function policyOf(request: ApiRequest, signal: AbortSignal | undefined) {
    return {
      retries,
      clock,
      random,
      onRetry,
      signal,
      isSafe: request.method === 'GET',
      repeatRefused: !isLoopback(base.hostname),
      timeoutMs: request.timeoutMs ?? (request.form === undefined ? timeoutMs : 0),
    }
  }

  async function send(
    request: ApiRequest,
    limitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<HttpReply> {
    const url = addressOf(base, request.path, request.query)
    const { headers, body } = contentOf(request)
    const reply = await http.request({
      method: request.method,
      url: url.href,
      headers: { accept: 'application/json', ...headers, ...request.headers, authorization: `Bearer ${key}` },
      body,
      signal,
      timeoutMs: limitMs,
      limits: {
        firstByteMs: timeoutMs === 0 ? 0 : Math.max(timeoutMs, request.timeoutMs ?? 0),
        idleMs: timeoutMs === 0 ? 0 : Math.max(timeoutMs, IDLE_MS),
      },
      repeatable: request.method === 'GET',
    })
    if (reply.status >= 200 && reply.status < 300) return reply
    const context: ErrorContext = {
      request: `${request.method} ${url.pathname}`,
      origin: base.origin,
      key,
      keyLabel,
      now: clock.now(),
    }
    throw await errorFromReply(reply, context)
  }

  async function run<T>(request: ApiRequest, take: (reply: HttpReply) => Promise<T>): Promise<T> {
    const signal = joined(options.signal, request.signal)
    try {
      return await withRetries(policyOf(request, signal), async limitMs =>
        take(await send(request, limitMs, signal)),
      )
    } catch (error) {
      throw withTimeoutHint(error)
    }
  }

  return {
    baseUrl: base.href.replace(/\/$/, ''),
    request: request => run(request, reply => readJson(reply, key)),
    open: request => run(request, async reply => reply),
  }
}

function baseOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new VapiError({
      code: 'invalid-url',
      message: 'the address of the API does not begin with http:// or https://',
      exit: Exit.usage,
      hint: 'write it as https://HOST: --base-url, VAPI_API_BASE_URL, vapi config get base_url',
    })
  url.search = ''
  url.hash = ''
  return url
}

/** The path's own query is kept; a path can never lead to another host. */
function addressOf(base: URL, path: string, query: Query = {}): URL {
  const [, before = '', given = ''] = /^([^?]*)\??(.*)$/s.exec(path) ?? []
  // Such a segment would address the thing above: DELETE /assistant/.. is not about an assistant.
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(before)) throw usageError(`${before} is not a path of the API`)
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/+$/, '')}/${before.replace(/^\/+/, '')}`
  url.search = given
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    const values = Array.isArray(value) ? value : [value]
    for (const item of values) url.searchParams.append(name, String(item))
  }
  return url
}

function contentOf(request: ApiRequest): Pick<Parameters<HttpClient['request']>[0], 'headers' | 'body'> {
  if (request.form !== undefined) {
    const { contentType, body } = multipartBody(request.form)
    return { headers: { 'content-type': contentType }, body }
  }
  if (request.body === undefined) return {}
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(request.body) }
}

function joined(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one !== undefined && other !== undefined ? AbortSignal.any([one, other]) : (one ?? other)
}

function invalidKey(keyLabel = 'the API key'): VapiError {
  return new VapiError({
    code: 'invalid-key',
    message: `${keyLabel} has characters that no key has: spaces, line breaks or typographic signs`,
    exit: Exit.notLoggedIn,
    hint: 'copy the key again, or vapi login',
  })
}

function withTimeoutHint(error: unknown): unknown {
  if (!(error instanceof NetworkError) || error.code !== 'timeout' || !error.sent) return error
  const { code, message, retryable, sent, cause } = error
  return new NetworkError({
    code,
    message,
    retryable,
    sent,
    cause,
    hint: 'allow it longer with --timeout SECONDS',
  })
}

const systemClock: RetryClock = {
  now: Date.now,
  async sleep(ms, signal) {
    const { setTimeout } = await import('node:timers/promises')
    try {
      await setTimeout(ms, undefined, { signal })
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    }
  },
}
