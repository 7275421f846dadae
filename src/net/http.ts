/**
 * The program's HTTP client, over Node's own `node:http` and `node:https`. Connections are kept open between requests
 * (a new TLS connection costs a turn of a call 100 ms and more), every wait has a limit and ends on an AbortSignal,
 * and whatever goes wrong below HTTP comes out as a VapiError. A status is never an error here: callers judge it.
 */
import http from 'node:http'
import https from 'node:https'
import { asVapiError, VapiError } from '../errors.ts'
import { Exchange } from './exchange.ts'
import type { HttpReply } from './reply.ts'
import { type HttpTrace, maskHeaders, maskUrl } from './trace.ts'
import {
  openSocket,
  parseSocketUrl,
  type Socket,
  SocketRefusal,
  type SocketRequest,
  webAddressOf,
} from './web-socket.ts'

export type { HttpReply } from './reply.ts'
export type { HttpTrace } from './trace.ts'

/** Limits on single waits, in milliseconds; 0 is none. */
export interface HttpLimits {
  /** Name look-up, TCP and TLS. */
  connectMs: number
  /** From the connection to the reply's status and headers. */
  firstByteMs: number
  /** Between two pieces of the reply's body, while the reader waits for one. */
  idleMs: number
}

/** A body that is made while it is sent, for uploads of any size. */
export interface BodySource {
  /** Exactly as many as `open` gives. */
  readonly byteLength: number
  /** The pieces, from the beginning each time: a request may have to be sent again. */
  open(): AsyncIterable<Uint8Array>
}

/** Whom an https server has to be. */
export interface ServerTrust {
  /** Certificates (PEM) that are trusted in place of those that the machine trusts. */
  ca: string | null
  /** Any certificate is trusted. */
  skipVerify: boolean
}

/** Proxies of the environment, made by `createProxies`. */
export interface Proxies {
  /** The way to this address; undefined is the direct one. Throws VapiError `invalid-proxy` for a wrong setting. */
  routeFor(url: URL): ProxyRoute | undefined
  /** Closes all connections. */
  close(): void
}

export interface ProxyRoute {
  agent: http.Agent
  /** The proxy's address without user and password. */
  proxy: string
}

export interface HttpRequest {
  /** GET without a body, POST with one. */
  method?: string
  /** `http:` or `https:`. */
  url: string
  /** Of names that differ in case alone the last one counts. */
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array | BodySource
  /** The body is for this origin alone: a redirect to another one is not followed, it is the reply. */
  isBodySecret?: boolean
  /** Closes the connection; the request, or the reading of its reply, rejects with the signal's reason. */
  signal?: AbortSignal
  /** Limit of the whole exchange, to the last byte of the reply, in milliseconds; 0 or absent is none. */
  timeoutMs?: number
  limits?: Partial<HttpLimits>
  /** Absent: somebody whom the machine trusts. */
  trust?: ServerTrust
  /**
   * Sending it twice does no harm. Such a request is sent again when a kept connection turns out to be closed
   * by the peer. True for GET, HEAD, PUT and DELETE unless set.
   */
  repeatable?: boolean
}

export interface HttpClient {
  /**
   * Resolves when the reply's headers are there. The reply must be read to its end, or let go with `discard` or
   * `cancel`. Rejects with a VapiError (`invalid-url` and the codes of `networkError`), or the reason of the signal.
   * Follows up to 5 redirects where that keeps the method (GET, HEAD, or status 307 and 308). Headers of the request
   * do not go along to another origin, except from http to https of the same host; what names no sender (range, accept) does.
   */
  request(request: HttpRequest): Promise<HttpReply>
  /** Opens a WebSocket connection; it is not closed with the client. Rejects as `openSocket` of `web-socket.ts` does. */
  openSocket(request: SocketRequest): Promise<Socket>
  /** Closes all connections, also those in use. */
  close(): void
}

export interface HttpClientOptions {
  limits?: Partial<HttpLimits>
  userAgent?: string
  /** Called once for each exchange, at its end. */
  traceRequest?: (trace: HttpTrace) => void
  /** Absent: every connection is direct. Closed with the client. */
  proxies?: Proxies
}

const DEFAULT_LIMITS: HttpLimits = { connectMs: 10_000, firstByteMs: 60_000, idleMs: 60_000 }
const MAXIMUM_REDIRECTS = 5
/** How long an unused connection is kept; a peer that announces a shorter time is believed. */
const KEEP_OPEN_MS = 60_000

export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const agentOptions = { keepAlive: true, timeout: KEEP_OPEN_MS }
  const agents = { 'http:': new http.Agent(agentOptions), 'https:': new https.Agent(agentOptions) }
  const limits = { ...DEFAULT_LIMITS, ...options.limits }

  const exchange = (request: HttpRequest, url: URL, redirected: boolean): Promise<HttpReply> => {
    const route = options.proxies?.routeFor(url)
    const agent = route?.agent ?? (url.protocol === 'https:' ? agents['https:'] : agents['http:'])
    const { userAgent, traceRequest } = options
    const headers = { ...(userAgent ? { 'user-agent': userAgent } : {}), ...lowerCased(request.headers) }
    return new Exchange({
      url,
      method: methodOf(request),
      headers: { 'accept-encoding': 'identity', ...headers, ...lengthOf(request.body) },
      body: request.body,
      signal: request.signal,
      timeoutMs: request.timeoutMs,
      repeatable: request.repeatable,
      limits: { ...limits, ...request.limits },
      trust: request.trust,
      agent,
      proxy: route?.proxy,
      secretQuery: redirected,
      traceRequest,
    }).run()
  }

  return {
    async request(request) {
      let current = request
      for (let redirects = 0; ; redirects++) {
        const url = parseUrl(current.url)
        const reply = await exchange(current, url, redirects > 0)
        const target = redirects < MAXIMUM_REDIRECTS ? redirectTarget(current, url, reply) : null
        if (target === null || (current.isBodySecret === true && !sameOrigin(url, target))) return reply
        reply.discard()
        current = {
          ...current,
          url: target.href,
          headers: sameOrigin(url, target) ? current.headers : harmless(current),
        }
      }
    },
    async openSocket(request) {
      const target = parseSocketUrl(request.url)
      const url = webAddressOf(target)
      const route = options.proxies?.routeFor(target)
      const { userAgent, traceRequest } = options
      const headers = { ...(userAgent ? { 'user-agent': userAgent } : {}), ...lowerCased(request.headers) }
      const startMs = performance.now()
      const trace = (end: { status?: number; error?: string }) =>
        traceRequest?.({
          method: 'GET',
          url: maskUrl(url),
          headers: maskHeaders(headers),
          ...(route !== undefined && { proxy: route.proxy }),
          durationMs: performance.now() - startMs,
          reusedConnection: false,
          ...end,
        })
      try {
        const socket = await openSocket({ ...request, headers }, route)
        trace({ status: 101 })
        return socket
      } catch (error) {
        const { status, message } = asVapiError(error)
        // What a peer says may repeat a key.
        const said = error instanceof SocketRefusal ? {} : { error: message }
        trace({ ...(status !== undefined && { status }), ...said })
        throw error
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
      options.proxies?.close()
    },
  }
}

function parseUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new VapiError({
    code: 'invalid-url',
    message: `"${address}" is not an address that begins with http:// or https://`,
  })
}

function methodOf(request: HttpRequest): string {
  return (request.method ?? (request.body === undefined ? 'GET' : 'POST')).toUpperCase()
}

function redirectTarget(request: HttpRequest, url: URL, reply: HttpReply): URL | null {
  const location = reply.headers.location
  if (location === undefined || !URL.canParse(location, url.href)) return null
  const keepsMethod = reply.status === 307 || reply.status === 308
  const isRead = ['GET', 'HEAD'].includes(methodOf(request))
  const followed = keepsMethod || (isRead && [301, 302, 303].includes(reply.status))
  return followed ? new URL(location, url) : null
}

/** The same scheme, host and port, or the step from http to https on their usual ports. */
export function sameOrigin(from: URL, to: URL): boolean {
  if (from.origin === to.origin) return true
  return from.hostname === to.hostname && to.protocol === 'https:' && from.port === '' && to.port === ''
}

/** The headers that say nothing about the sender. */
function harmless(request: HttpRequest): Record<string, string> {
  const headers = lowerCased(request.headers)
  return Object.fromEntries(
    ['accept', 'content-type', 'range', 'if-range'].flatMap(name =>
      headers[name] ? [[name, headers[name]]] : [],
    ),
  )
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** Always told: Node by itself sends the body of a DELETE without saying that there is one. */
function lengthOf(body: HttpRequest['body']): Record<string, string> {
  if (body === undefined) return {}
  const length =
    typeof body === 'string' ? Buffer.byteLength(body) : 'open' in body ? body.byteLength : body.length
  return { 'content-length': String(length) }
}
