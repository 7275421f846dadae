import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { messageOf, systemCodeOf } from '../errors.ts'
import type { HttpLimits } from './http.ts'
import { networkError, timeoutError } from './network-error.ts'
import { createReply, type HttpReply } from './reply.ts'
import { type HttpTrace, maskHeaders, maskUrl } from './trace.ts'

/** A request of `http.ts` with everything that it leaves open filled in. */
export interface ExchangeOptions {
  url: URL
  method: string
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>
  body: string | Uint8Array | undefined
  signal: AbortSignal | undefined
  timeoutMs: number | undefined
  repeatable: boolean | undefined
  limits: HttpLimits
  agent: http.Agent
  traceRequest: ((trace: HttpTrace) => void) | undefined
}

const REPEATABLE_METHODS: readonly string[] = ['GET', 'HEAD', 'PUT', 'DELETE']
const CLOSED_BY_PEER: readonly string[] = ['ECONNRESET', 'EPIPE']

/** One request and its reply, with the limits on each wait between. Used once. */
export class Exchange {
  readonly #options: ExchangeOptions
  readonly #startedAt = performance.now()
  #outgoing: http.ClientRequest | undefined
  #incoming: http.IncomingMessage | undefined
  #firstByteMs: number | undefined
  #failure: unknown
  #settled = false
  #waitTimer: NodeJS.Timeout | undefined
  #wholeTimer: NodeJS.Timeout | undefined
  #resolve: (reply: HttpReply) => void = () => {}
  #reject: (reason: unknown) => void = () => {}

  constructor(options: ExchangeOptions) {
    this.#options = options
  }

  /** Sends the request; resolves with the reply when its headers are there. */
  run(): Promise<HttpReply> {
    const { url, signal, timeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      if (signal?.aborted) return reject(signal.reason)
      signal?.addEventListener('abort', this.#abort, { once: true })
      if (timeoutMs) {
        const late = timeoutError(`${url.origin} did not answer within ${inWords(timeoutMs)}`)
        this.#wholeTimer = setTimeout(() => this.#fail(late), timeoutMs)
      }
      try {
        this.#send()
      } catch (thrown) {
        this.#fail(networkError(url, thrown))
      }
    })
  }

  #send(): void {
    const { url, method, headers, agent, limits, body, repeatable } = this.#options
    const { request } = url.protocol === 'https:' ? https : http
    const outgoing = request(url, { method, headers, agent })
    this.#outgoing = outgoing
    this.#limitWait(limits.connectMs, ms => `no connection to ${url.origin} within ${ms}`)
    outgoing.on('socket', socket => {
      const connected = (): void =>
        this.#limitWait(limits.firstByteMs, ms => `${url.origin} sent no answer within ${ms}`)
      if (isReady(socket)) connected()
      else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', connected)
    })
    outgoing.on('error', error => {
      if (this.#failure !== undefined || this.#incoming) return
      const mayRepeat = repeatable ?? REPEATABLE_METHODS.includes(method)
      const wasStale = outgoing.reusedSocket && CLOSED_BY_PEER.includes(systemCodeOf(error) ?? '')
      // Each try takes one kept connection out of the pool, so that the last one is made on a new connection.
      if (mayRepeat && wasStale) this.#send()
      else this.#fail(networkError(url, error))
    })
    outgoing.on('response', response => this.#receive(response))
    outgoing.end(body)
  }

  #receive(response: http.IncomingMessage): void {
    const { url, limits } = this.#options
    this.#incoming = response
    this.#firstByteMs = performance.now() - this.#startedAt
    clearTimeout(this.#waitTimer)
    response.once('close', this.#settle)
    const reply = createReply(response, url, {
      waiting: () =>
        this.#limitWait(limits.idleMs, ms => `${url.origin} sent nothing for ${ms} in mid-answer`),
      waited: () => clearTimeout(this.#waitTimer),
      failureOf: error => {
        this.#failure ??= networkError(url, error)
        return this.#failure
      },
    })
    this.#resolve(reply)
  }

  #limitWait(limitMs: number, message: (limit: string) => string): void {
    clearTimeout(this.#waitTimer)
    if (limitMs <= 0) return
    this.#waitTimer = setTimeout(() => this.#fail(timeoutError(message(inWords(limitMs)))), limitMs)
  }

  readonly #abort = (): void => this.#fail(this.#options.signal?.reason)

  /** Ends the exchange; a read that waits, or the next one, throws the same failure. */
  #fail(failure: unknown): void {
    this.#failure ??= failure
    this.#incoming?.destroy()
    this.#outgoing?.destroy()
    this.#reject(this.#failure)
    this.#settle()
  }

  readonly #settle = (): void => {
    if (this.#settled) return
    this.#settled = true
    clearTimeout(this.#waitTimer)
    clearTimeout(this.#wholeTimer)
    const { signal, method, url, headers, traceRequest } = this.#options
    signal?.removeEventListener('abort', this.#abort)
    traceRequest?.({
      method,
      url: maskUrl(url),
      headers: maskHeaders(headers),
      status: this.#incoming?.statusCode,
      durationMs: performance.now() - this.#startedAt,
      firstByteMs: this.#firstByteMs,
      reusedConnection: this.#outgoing?.reusedSocket ?? false,
      error: this.#failure === undefined ? undefined : messageOf(this.#failure),
    })
  }
}

/** Connected, and past the TLS handshake. */
function isReady(socket: Socket): boolean {
  if (socket instanceof TLSSocket) return socket.getPeerFinished() !== undefined
  return !socket.connecting
}

function inWords(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`
}
