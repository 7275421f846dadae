import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { messageOf, systemCodeOf, VapiError } from '../errors.ts'
import type { BodySource, HttpLimits, ServerTrust } from './http.ts'
import { networkError, proxyRefusal, timeoutError } from './network-error.ts'
import { createReply, type HttpReply } from './reply.ts'
import { type HttpTrace, maskHeaders, maskUrl } from './trace.ts'

/** A request of `http.ts` with everything that it leaves open filled in. */
export interface ExchangeOptions {
  url: URL
  method: string
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>
  body: string | Uint8Array | BodySource | undefined
  signal: AbortSignal | undefined
  timeoutMs: number | undefined
  repeatable: boolean | undefined
  limits: HttpLimits
  trust: ServerTrust | undefined
  agent: http.Agent
  /** The proxy that the agent goes through, without user and password. */
  proxy: string | undefined
  /** The address was given by a redirect: its whole query is a secret (signed links). */
  secretQuery: boolean
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
  /** The way is free up to the proxy's answer, and then to the peer itself. */
  #hasSocket = false
  #connected = false
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
        const message = `${url.origin} did not answer within ${inWords(timeoutMs)}${this.#via}`
        this.#wholeTimer = setTimeout(() => this.#fail(timeoutError(message, this.#connected)), timeoutMs)
      }
      try {
        this.#send()
      } catch (thrown) {
        this.#fail(networkError(url, thrown, { sent: false }))
      }
    })
  }

  get #via(): string {
    const { proxy } = this.#options
    return proxy === undefined ? '' : ` through the proxy ${proxy}`
  }

  #send(): void {
    const { url, method, headers, agent, limits, body, repeatable, proxy, trust } = this.#options
    this.#hasSocket = false
    this.#connected = false
    const { request } = url.protocol === 'https:' ? https : http
    const outgoing = request(url, { method, headers, agent, ...tlsOptionsOf(trust) })
    this.#outgoing = outgoing
    this.#limitWait(limits.connectMs, ms => `no connection to ${url.origin} within ${ms}${this.#via}`)
    // Emitted by the agent of a tunnel; an answer other than 200 is the proxy's own and says nothing about the peer.
    outgoing.on('proxyConnect', ({ statusCode }: { statusCode?: number }) => {
      if (proxy !== undefined && statusCode !== undefined && statusCode !== 200)
        this.#fail(proxyRefusal(url, proxy, statusCode))
    })
    outgoing.on('socket', socket => {
      this.#hasSocket = true
      const connected = (): void => {
        this.#connected = true
        this.#limitFirstByte()
      }
      if (isReady(socket)) connected()
      else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', connected)
    })
    outgoing.on('error', error => {
      if (this.#failure !== undefined || this.#incoming) return
      const mayRepeat = repeatable ?? REPEATABLE_METHODS.includes(method)
      const wasStale = outgoing.reusedSocket && CLOSED_BY_PEER.includes(systemCodeOf(error) ?? '')
      // Each try takes one kept connection out of the pool, so that the last one is made on a new connection.
      if (mayRepeat && wasStale) this.#send()
      else {
        const stage = { sent: this.#connected, proxy: this.#hasSocket ? undefined : proxy }
        this.#fail(networkError(url, error, stage))
      }
    })
    outgoing.on('response', response => this.#receive(response))
    outgoing.on('upgrade', (_response, socket) => {
      socket.destroy()
      const message = `${url.origin} did not answer but changed the protocol (101)`
      this.#fail(new VapiError({ code: 'not-http', message }))
    })
    if (typeof body === 'object' && 'open' in body) {
      this.#sendPieces(outgoing, body).catch(error => {
        if (!this.#incoming) this.#fail(networkError(url, error))
      })
    } else outgoing.end(body)
  }

  /** Sends a body piece by piece, no faster than the peer takes it; stops when the peer has answered already. */
  async #sendPieces(outgoing: http.ClientRequest, body: BodySource): Promise<void> {
    let bytes = 0
    for await (const piece of body.open()) {
      if (outgoing.destroyed || this.#settled) return
      bytes += piece.length
      if (bytes > body.byteLength) break
      const flows = outgoing.write(piece)
      if (!flows && !outgoing.destroyed) {
        await drained(outgoing)
      }
      if (this.#connected && !this.#incoming) this.#limitFirstByte()
    }
    if (outgoing.destroyed || this.#settled) return
    if (bytes !== body.byteLength)
      throw new VapiError({ code: 'file-changed', message: 'what is to be sent changed while it was sent' })
    outgoing.end()
  }

  #limitFirstByte(): void {
    const { url, limits } = this.#options
    this.#limitWait(limits.firstByteMs, ms => `${url.origin} sent no answer within ${ms}${this.#via}`)
  }

  #receive(response: http.IncomingMessage): void {
    const { url, limits, proxy } = this.#options
    this.#incoming = response
    // 407 can only be the answer of a proxy, also where it passes plain HTTP on.
    if (proxy !== undefined && response.statusCode === 407) {
      this.#fail(proxyRefusal(url, proxy, 407))
      return
    }
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
    const fail = (): void => this.#fail(timeoutError(message(inWords(limitMs)), this.#connected))
    this.#waitTimer = setTimeout(fail, limitMs)
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
    const { signal, method, url, headers, traceRequest, secretQuery, proxy } = this.#options
    signal?.removeEventListener('abort', this.#abort)
    traceRequest?.({
      method,
      url: maskUrl(url, secretQuery),
      proxy,
      headers: maskHeaders(headers),
      status: this.#incoming?.statusCode,
      durationMs: performance.now() - this.#startedAt,
      firstByteMs: this.#firstByteMs,
      reusedConnection: this.#outgoing?.reusedSocket ?? false,
      error: this.#failure === undefined ? undefined : messageOf(this.#failure),
    })
  }
}

/** Resolves when more can be written, or the request is over. */
function drained(outgoing: http.ClientRequest): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      outgoing.off('drain', done).off('close', done)
      resolve()
    }
    outgoing.on('drain', done).on('close', done)
  })
}

/** Connected, and past the TLS handshake. */
function isReady(socket: Socket): boolean {
  if (socket instanceof TLSSocket) return socket.getPeerFinished() !== undefined
  return !socket.connecting
}

function inWords(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`
}

/** The agent keeps connections of different trust apart. */
function tlsOptionsOf(trust: ServerTrust | undefined): { ca?: string; rejectUnauthorized?: boolean } {
  if (trust === undefined) return {}
  const { ca, skipVerify } = trust
  return { ...(ca !== null && { ca }), rejectUnauthorized: !skipVerify }
}
