/** WebSocket connections of the program's HTTP client: the same proxies, limits, errors and trace. */
import type { Agent, IncomingMessage } from 'node:http'
import type { RawData, WebSocket } from 'ws'
import { VapiError } from '../errors.ts'
import { networkError, timeoutError } from './network-error.ts'
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
  /** Says goodbye; a peer that does not answer within half a second is left. */
  close(code?: number): void
}

const CONNECT_MS = 10_000
const QUIET_MS = 20_000
const GOODBYE_MS = 500
const MAXIMUM_REFUSAL_BYTES = 4096
/** No peer of ours sends so much in one message. */
const MAXIMUM_MESSAGE_BYTES = 33_554_432

/**
 * Opens a connection. Throws VapiError: `invalid-url`, `socket-refused` (with the status and what the peer said), `timeout` and
 * the codes of `networkError`; or the signal's reason.
 */
export async function openSocket(request: SocketRequest, agent?: Agent): Promise<Socket> {
  const { signal, listener } = request
  const url = parseSocketUrl(request.url)
  signal?.throwIfAborted()
  const { WebSocket: Client } = await import('ws')
  const client = new Client(url, [...(request.protocols ?? [])], {
    handshakeTimeout: request.connectMs ?? CONNECT_MS,
    headers: { ...request.headers },
    maxPayload: MAXIMUM_MESSAGE_BYTES,
    perMessageDeflate: false,
    ...(agent !== undefined && { agent }),
  })
  const abort = () => client.terminate()
  signal?.addEventListener('abort', abort)
  client.once('close', () => signal?.removeEventListener('abort', abort))
  client.on('message', (data, isBinary) => {
    const bytes = bytesOf(data)
    if (isBinary) listener.binary?.(bytes)
    else listener.text(bytes.toString())
  })
  try {
    await opened(client, url)
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

function opened(client: WebSocket, url: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('open', resolve)
    client.once('unexpected-response', (_request, response: IncomingMessage) => {
      void refusal(url, response).then(reject)
    })
    // Listened to for good: after the handshake 'close' follows and says enough.
    client.on('error', error =>
      reject(
        /handshake has timed out/.test(error.message)
          ? timeoutError(`${url.host} did not open the connection in time`)
          : networkError(webAddressOf(url), error),
      ),
    )
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

async function refusal(url: URL, response: IncomingMessage): Promise<VapiError> {
  let said = ''
  try {
    for await (const piece of response) {
      said += piece
      if (said.length > MAXIMUM_REFUSAL_BYTES) break
    }
  } catch {
    // The status says enough.
  }
  const status = response.statusCode ?? 0
  return new VapiError({
    code: 'socket-refused',
    message: `${url.host} refused the connection (${status})${said === '' ? '' : `: ${excerpt(said, 300)}`}`,
    status,
    retryable: status >= 500 || status === 429,
  })
}

/** Notices a peer that went away silently. */
function watch(client: WebSocket, quietMs: number): void {
  let asked = false
  const alive = () => {
    asked = false
  }
  client.on('pong', alive)
  client.on('message', alive)
  const timer = setInterval(() => {
    if (asked) client.terminate()
    asked = true
    client.ping(undefined, undefined, () => {})
  }, quietMs)
  client.once('close', () => clearInterval(timer))
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
