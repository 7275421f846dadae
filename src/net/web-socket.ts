/** WebSocket connections of the program's HTTP client: the same proxies, limits, errors and trace. */
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import type { RawData, WebSocket } from 'ws'
import { VapiError } from '../errors.ts'
import { networkError, proxyRefusal, timeoutError } from './network-error.ts'
import { excerpt } from './reply.ts'

export interface SocketRequest {
  /** `ws:` or `wss:`. */
  url: string
  headers?: Readonly<Record<string, string>>
  /** Subprotocols in the order of preference. */
  protocols?: readonly string[]
  /** Ends the connection at once, also while it is being opened. */
  signal?: AbortSignal
  /** Limit from the name look-up to the end of the handshake, in milliseconds; 10 s unless given. */
  connectMs?: number
  /** A peer that is silent so long is asked for a sign of life, and given up after as long again; 20 s unless given. */
  quietMs?: number
  listener: SocketListener
}

export interface SocketListener {
  text(text: string): void
  binary?(bytes: Uint8Array): void
  /** Told once, after the last message: by the peer, by `close`, or because the connection broke. */
  closed(end: SocketEnd): void
}

export interface SocketEnd {
  /** As in the closing frame; 1005 where it had none, 1006 where there was no such frame. */
  code: number
  reason: string
}

/** An open connection. What is sent after its end is dropped. */
export interface Socket {
  send(data: string | Uint8Array): void
  /** What the network has not taken yet. */
  readonly waitingBytes: number
  /** Holds the peer back, and takes from it again. */
  pause(): void
  resume(): void
  /** Says goodbye; a peer that does not answer within half a second is left. */
  close(code?: number): void
}

/** The peer answered the handshake with a status of its own. */
export class SocketRefusal extends VapiError {
  /** The body of its answer, cut after 4 KB. */
  readonly said: string

  constructor(url: URL, status: number, said: string) {
    super({
      code: 'socket-refused',
      message: `${url.host} refused the connection (${status})${said === '' ? '' : `: ${excerpt(said, 300)}`}`,
      status,
      retryable: status >= 500 || status === 429,
    })
    this.said = said
  }
}

const CONNECT_MS = 10_000
const QUIET_MS = 20_000
const GOODBYE_MS = 500
const MAXIMUM_REFUSAL_BYTES = 4096
const REFUSAL_MS = 1000
/** No peer of ours sends so much in one message. */
const MAXIMUM_MESSAGE_BYTES = 33_554_432

/** The way through a proxy, and its address without user and password. */
export interface SocketRoute {
  agent: Agent
  proxy: string
}

/**
 * Opens a connection. Throws VapiError: `invalid-url`, `socket-refused` (a SocketRefusal), `timeout` and the codes of
 * `networkError`; or the signal's reason.
 */
export async function openSocket(request: SocketRequest, route?: SocketRoute): Promise<Socket> {
  const { signal, listener } = request
  const url = parseSocketUrl(request.url)
  signal?.throwIfAborted()
  const { WebSocket: Client } = await import('ws')
  const way: Way = { proxy: route?.proxy, refusedWith: null, hasSocket: false }
  const create = () =>
    new Client(url, [...(request.protocols ?? [])], {
      headers: { ...request.headers },
      maxPayload: MAXIMUM_MESSAGE_BYTES,
      perMessageDeflate: false,
      ...(route !== undefined && { agent: route.agent }),
      finishRequest: (outgoing: ClientRequest) => {
        // Emitted by the agent of a tunnel; an answer other than 200 is the proxy's own.
        outgoing.on('proxyConnect', ({ statusCode }: { statusCode?: number }) => {
          if (statusCode !== 200) way.refusedWith = statusCode ?? null
        })
        outgoing.on('socket', () => {
          way.hasSocket = true
        })
        outgoing.end()
      },
    })
  let client: WebSocket
  try {
    client = create()
  } catch (thrown) {
    // A header that cannot be sent.
    throw networkError(webAddressOf(url), thrown, { sent: false })
  }
  const abort = () => client.terminate()
  signal?.addEventListener('abort', abort)
  client.once('close', () => signal?.removeEventListener('abort', abort))
  client.on('message', (data, isBinary) => {
    const bytes = bytesOf(data)
    if (isBinary) listener.binary?.(bytes)
    else listener.text(bytes.toString())
  })
  try {
    await opened(client, url, way, request.connectMs ?? CONNECT_MS)
  } catch (thrown) {
    client.terminate()
    signal?.throwIfAborted()
    throw thrown
  }
  watch(client, request.quietMs ?? QUIET_MS)
  client.once('close', (code, reason) => listener.closed({ code, reason: reason.toString() }))
  return {
    send: data => {
      if (client.readyState === client.OPEN) client.send(data)
    },
    get waitingBytes() {
      return client.bufferedAmount
    },
    pause: () => client.pause(),
    resume: () => client.resume(),
    close: (code = 1000) => {
      client.close(code)
      const timer = setTimeout(() => client.terminate(), GOODBYE_MS)
      client.once('close', () => clearTimeout(timer))
    },
  }
}

/** The same place as a web address, for messages and for the choice of a proxy. */
export function webAddressOf(url: URL): URL {
  return new URL(url.href.replace(/^ws/, 'http'))
}

export function parseSocketUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url?.protocol === 'ws:' || url?.protocol === 'wss:') return url
  throw new VapiError({
    code: 'invalid-url',
    message: `"${address}" is not an address that begins with ws:// or wss://`,
  })
}

/** How far a connection has come. */
interface Way {
  proxy: string | undefined
  /** The proxy's own answer. */
  refusedWith: number | null
  hasSocket: boolean
}

function opened(client: WebSocket, url: URL, way: Way, limitMs: number): Promise<void> {
  const proxy = way.proxy ?? ''
  const stage = () => ({ sent: false, ...(proxy !== '' && !way.hasSocket && { proxy }) })
  return new Promise((resolve, reject) => {
    // The library's own limit begins anew with every byte of the peer.
    const timer = setTimeout(
      () =>
        reject(
          timeoutError(
            `${url.host} did not open the connection in time${proxy === '' ? '' : ` through the proxy ${proxy}`}`,
          ),
        ),
      limitMs,
    )
    client.once('open', resolve)
    for (const end of ['open', 'close', 'unexpected-response']) client.once(end, () => clearTimeout(timer))
    client.once('unexpected-response', (_request, response: IncomingMessage) => {
      if (way.refusedWith !== null) reject(proxyRefusal(webAddressOf(url), proxy, way.refusedWith))
      else void refusal(url, response).then(reject)
    })
    // Listened to for good: after the handshake 'close' follows and says enough.
    client.on('error', error => reject(networkError(webAddressOf(url), error, stage())))
    client.once('close', () =>
      reject(
        new VapiError({
          code: 'socket-closed',
          message: `${url.host} closed the connection`,
          retryable: true,
        }),
      ),
    )
  })
}

async function refusal(url: URL, response: IncomingMessage): Promise<SocketRefusal> {
  const timer = setTimeout(() => response.destroy(), REFUSAL_MS)
  let said = ''
  try {
    for await (const piece of response.setEncoding('utf8')) {
      said += piece
      if (said.length > MAXIMUM_REFUSAL_BYTES) break
    }
  } catch {
    // The status says enough.
  } finally {
    clearTimeout(timer)
  }
  return new SocketRefusal(url, response.statusCode ?? 0, said.slice(0, MAXIMUM_REFUSAL_BYTES))
}

/** Notices a peer that went away silently. One that is held back is not expected to say anything. */
function watch(client: WebSocket, quietMs: number): void {
  let state: 'alive' | 'quiet' | 'asked' = 'alive'
  const alive = () => {
    state = 'alive'
  }
  client.on('message', alive)
  client.on('ping', alive)
  client.on('pong', alive)
  const timer = setInterval(() => {
    if (client.isPaused) state = 'alive'
    else if (state === 'alive') state = 'quiet'
    else if (state === 'asked')
      // A machine that stood still has not read the answer yet.
      setImmediate(() => {
        if (state === 'asked') client.terminate()
      })
    else {
      state = 'asked'
      client.ping(undefined, undefined, () => {})
    }
  }, quietMs)
  client.once('close', () => clearInterval(timer))
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
