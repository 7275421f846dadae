import type { Agent, IncomingMessage } from 'node:http'
import type { RawData, WebSocket } from 'ws'
import { Exit, VapiError } from '../errors.ts'
import { networkError, timeoutError } from '../net/network-error.ts'
import { isJsonObject, type LiveCall } from './live-call.ts'
import { publicKeyNeeded, requirePublicKey, secureUrl } from './live-control.ts'
import type { JsonObject } from './types.ts'

/** What a call's monitor sends: sound, and messages about the call. Text that is no JSON object is passed over. */
export type MonitorFrame = { type: 'sound'; bytes: Uint8Array } | { type: 'message'; message: JsonObject }

export interface MonitorSocket {
  /** Ends when the connection does, however that came; what arrived before is given first. Can be read once. */
  readonly frames: AsyncIterable<MonitorFrame>
  close(): void
}

export interface MonitorRequest {
  call: LiveCall
  listenUrl: string
  publicKey: string | null
  privateKey: string | null
  /** Way to the monitor's host; direct where it gives none. */
  agentFor?: (url: URL) => Agent | undefined
  /** False: sound is dropped as it comes. */
  withSound: boolean
  signal: AbortSignal
}

const CONNECT_MS = 10_000
/** A peer that is silent so long is asked for a sign of life, and given up after as long again. */
const QUIET_MS = 20_000
/** What may wait for a slow reader before the peer is held back. */
const MAXIMUM_WAITING_BYTES = 4_194_304

/**
 * Connects to the monitor of a running call. Throws VapiError: `insecure-url`, `public-key-needed` (exit 4), `monitor-refused`, the
 * network's; or the signal's reason.
 */
export async function openMonitor(request: MonitorRequest): Promise<MonitorSocket> {
  const { call, publicKey, privateKey, signal } = request
  const url = secureUrl(request.listenUrl, ['wss:', 'ws:'])
  requirePublicKey(call, 'listen', publicKey, privateKey)
  signal.throwIfAborted()
  const { WebSocket: Socket } = await import('ws')
  const agent = request.agentFor?.(asHttp(url))
  const socket = new Socket(url, {
    handshakeTimeout: CONNECT_MS,
    headers: publicKey === null ? {} : { authorization: `Bearer ${publicKey}` },
    ...(agent !== undefined && { agent }),
  })
  const frames = readFrames(socket, request.withSound)
  const abort = () => socket.terminate()
  signal.addEventListener('abort', abort)
  socket.once('close', () => signal.removeEventListener('abort', abort))
  try {
    await opened(socket, call, url, publicKey !== null)
  } catch (thrown) {
    socket.terminate()
    signal.throwIfAborted()
    throw thrown
  }
  return { frames, close: () => endSocket(socket) }
}

function opened(socket: WebSocket, call: LiveCall, url: URL, withKey: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      reject(refused(call, url, response.statusCode ?? 0, withKey))
    })
    socket.on('error', error => {
      reject(
        /handshake has timed out/.test(error.message)
          ? timeoutError(`${url.host} did not open the monitor of the call in time`)
          : networkError(asHttp(url), error),
      )
    })
    socket.once('close', () =>
      reject(
        new VapiError({ code: 'monitor-closed', message: `${url.host} closed the monitor`, retryable: true }),
      ),
    )
  })
}

function refused(call: LiveCall, url: URL, status: number, withKey: boolean): VapiError {
  if ((status === 401 || status === 403) && !withKey) return publicKeyNeeded(call, 'listen')
  const denied = status === 401 || status === 403
  return new VapiError({
    code: denied ? 'public-key-refused' : 'monitor-refused',
    message: denied
      ? `${url.host} refused the public key (${status})`
      : `${url.host} did not open the monitor of the call (${status})`,
    ...(denied && { exit: Exit.notLoggedIn }),
    status,
    retryable: status >= 500,
    hint: denied
      ? 'check VAPI_PUBLIC_KEY or --public-key (dashboard, API keys)'
      : `vapi call get ${call.id ?? 'ID'} shows whether the call still runs`,
  })
}

/** Collects what arrives, holds the peer back while too much waits, and notices a peer that went away silently. */
function readFrames(socket: WebSocket, withSound: boolean): AsyncIterable<MonitorFrame> {
  const waiting: MonitorFrame[] = []
  let waitingBytes = 0
  let over = false
  let wake = () => {}
  let asked = false
  const watch = setInterval(() => {
    if (asked) socket.terminate()
    else if (socket.readyState === socket.OPEN) {
      asked = true
      socket.ping()
    }
  }, QUIET_MS)
  socket.on('pong', () => {
    asked = false
  })
  socket.on('message', (data, isBinary) => {
    asked = false
    const frame = frameOf(bytesOf(data), isBinary)
    if (frame === null || (frame.type === 'sound' && !withSound)) return
    waiting.push(frame)
    waitingBytes += sizeOf(frame)
    if (waitingBytes > MAXIMUM_WAITING_BYTES) socket.pause()
    wake()
  })
  socket.on('close', () => {
    over = true
    clearInterval(watch)
    wake()
  })

  async function* read(): AsyncGenerator<MonitorFrame> {
    for (;;) {
      for (let frame = waiting.shift(); frame !== undefined; frame = waiting.shift()) {
        waitingBytes -= sizeOf(frame)
        if (socket.isPaused && waitingBytes < MAXIMUM_WAITING_BYTES / 2) socket.resume()
        yield frame
      }
      if (over) return
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  return read()
}

function frameOf(bytes: Buffer, isBinary: boolean): MonitorFrame | null {
  if (isBinary) return { type: 'sound', bytes }
  try {
    const message: unknown = JSON.parse(bytes.toString())
    return isJsonObject(message) ? { type: 'message', message } : null
  } catch {
    return null
  }
}

function sizeOf(frame: MonitorFrame): number {
  return frame.type === 'sound' ? frame.bytes.length : 256
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}

/** Says goodbye; a peer that does not answer is left. */
function endSocket(socket: WebSocket): void {
  socket.close(1000)
  const timer = setTimeout(() => socket.terminate(), 500).unref()
  socket.once('close', () => clearTimeout(timer))
}

/** The same place as a web address, for messages and for the choice of a proxy. */
function asHttp(url: URL): URL {
  return new URL(url.href.replace(/^ws/, 'http'))
}
