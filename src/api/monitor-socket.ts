import { Exit, VapiError } from '../errors.ts'
import { openSocket, type Socket, SocketRefusal, type SocketRoute } from '../net/web-socket.ts'
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
  routeFor?: (url: URL) => SocketRoute | undefined
  /** False: sound is dropped as it comes. */
  withSound: boolean
  signal: AbortSignal
}

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
  const reader = createReader()
  const take = (frame: MonitorFrame | null) => {
    if (frame !== null && (frame.type !== 'sound' || request.withSound)) reader.push(frame)
  }
  try {
    const socket = await openSocket(
      {
        url: url.href,
        ...(publicKey !== null && { headers: { authorization: `Bearer ${publicKey}` } }),
        signal,
        listener: {
          text: text => take(messageOf(text)),
          binary: bytes => take({ type: 'sound', bytes }),
          closed: reader.end,
        },
      },
      request.routeFor?.(url),
    )
    return { frames: reader.read(socket), close: () => socket.close() }
  } catch (thrown) {
    if (thrown instanceof SocketRefusal) throw refused(call, url, thrown.status ?? 0, publicKey !== null)
    throw thrown
  }
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

/** Collects what arrives, and holds the peer back while too much waits. */
function createReader() {
  const waiting: MonitorFrame[] = []
  let waitingBytes = 0
  let over = false
  let isHeld = false
  let socket: Socket | null = null
  let wake = () => {}

  async function* read(): AsyncGenerator<MonitorFrame> {
    for (;;) {
      for (let frame = waiting.shift(); frame !== undefined; frame = waiting.shift()) {
        waitingBytes -= sizeOf(frame)
        if (isHeld && waitingBytes < MAXIMUM_WAITING_BYTES / 2) {
          isHeld = false
          socket?.resume()
        }
        yield frame
      }
      if (over) return
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }

  return {
    push(frame: MonitorFrame): void {
      waiting.push(frame)
      waitingBytes += sizeOf(frame)
      if (waitingBytes > MAXIMUM_WAITING_BYTES && !isHeld && socket !== null) {
        isHeld = true
        socket.pause()
      }
      wake()
    },
    end(): void {
      over = true
      wake()
    },
    read(given: Socket): AsyncIterable<MonitorFrame> {
      socket = given
      return read()
    },
  }
}

/** Null where it is no JSON object. */
function messageOf(text: string): MonitorFrame | null {
  try {
    const message: unknown = JSON.parse(text)
    return isJsonObject(message) ? { type: 'message', message } : null
  } catch {
    return null
  }
}

function sizeOf(frame: MonitorFrame): number {
  return frame.type === 'sound' ? frame.bytes.length : 256
}
