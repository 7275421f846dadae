import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import type { ControlMessage } from '../../engine/inputs.ts'
import type { MessageSink } from '../../engine/ports/message-sink.ts'
import { messageOf, systemCodeOf, VapiError } from '../../errors.ts'
import { isLoopbackHost } from '../../loopback-host.ts'
import { isSameText } from '../../same-text.ts'
import { parseControl } from './message.ts'
import { LiveStereo } from './stereo.ts'

/** The longest message, in bytes. */
const MAXIMUM_BODY = 100_000
const BODY_MS = 10_000
/** How often slow connections are looked for; Node does so every 30 s. */
const CHECK_MS = 1000
/** Sound that a listener does not take is left out beyond this, so that it hears what happens now. */
const MAXIMUM_WAITING_BYTES = 1_048_576
/** How long the goodbye to listeners may take. */
const GOODBYE_MS = 500

/** What the call says of itself when somebody wants to steer it. */
export interface Steered {
  /** `before` its begin, while it runs, while last words are spoken, `over`. */
  phase: 'before' | 'live' | 'ending' | 'over'
  controlEnabled: boolean
  listenEnabled: boolean
  control(message: ControlMessage): void
}

/** Addresses under which a running call is steered and heard (API: `call.monitor`). */
export interface MonitorUrls {
  controlUrl: string
  listenUrl: string
}

export interface ControlPort {
  readonly urls: MonitorUrls
  /** Gives the call that is steered; before that, messages are refused. */
  connect(call: () => Steered): void
  /** Takes the sound of a side, by sample since the call began. */
  sound(side: 'customer' | 'assistant', samples: Int16Array, atSample: number): void
  /** Gives listeners what a client would get. */
  readonly messages: MessageSink
  /** Tells listeners that the call is over, and why; takes nothing more. */
  ended(endedReason: string): void
  close(): Promise<void>
}

/**
 * Opens the port of a call on this machine alone. Its addresses hold a token that cannot be guessed; what comes with another
 * host name or from a page of elsewhere is refused. `port` 0: any that is free. Throws VapiError `control-port`.
 */
export async function openControlPort(port: number): Promise<ControlPort> {
  const { WebSocketServer } = await import('ws')
  const token = randomBytes(24).toString('base64url')
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAXIMUM_BODY, perMessageDeflate: false })
  const state: PortState = { token, port, sockets, listeners: new Set(), steered: null, stereo: null }
  const server = createServer(
    { headersTimeout: BODY_MS, requestTimeout: BODY_MS, connectionsCheckingInterval: CHECK_MS },
    (request, response) => void answer(state, request, response),
  )
  server.maxConnections = 64
  server.on('upgrade', (request, socket, head) => upgrade(state, request, socket, head))
  state.port = await listen(server, port)
  // A call that fails before it begins is not held up by its port.
  server.unref()
  const host = `127.0.0.1:${state.port}`
  return {
    urls: { controlUrl: `http://${host}/${token}/control`, listenUrl: `ws://${host}/${token}/listen` },
    connect: call => {
      state.steered = call
    },
    sound: (side, samples, atSample) => {
      if (state.listeners.size === 0) {
        state.stereo = null
        return
      }
      state.stereo ??= new LiveStereo(frame => tellAll(state, frame))
      state.stereo.take(side, samples, atSample)
    },
    messages: {
      reaches: recipient => recipient === 'client' && state.listeners.size > 0,
      send: ({ body }) => tellAll(state, JSON.stringify(body)),
      close: async () => {},
    },
    ended: reason => {
      tellAll(state, JSON.stringify({ type: 'call-ended', reason }))
      for (const listener of state.listeners) listener.close(1000)
      state.listeners.clear()
    },
    close: () => close(state, server),
  }
}

interface PortState {
  token: string
  port: number
  sockets: WebSocketServer
  listeners: Set<WebSocket>
  steered: (() => Steered) | null
  stereo: LiveStereo | null
}

/** A refusal as the API writes it. */
interface Refusal {
  status: number
  error: string
  message: string | string[]
}

const NOT_FOUND: Refusal = { status: 404, error: 'Not Found', message: 'there is no such call here' }
const BEFORE: Refusal = { status: 409, error: 'Conflict', message: 'the call has not begun' }
const ENDING: Refusal = { status: 409, error: 'Conflict', message: 'the call is about to end' }
const OVER: Refusal = { status: 410, error: 'Gone', message: 'the call is over' }

async function answer(state: PortState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const refusal = misdirected(state, request, 'control') ?? (await take(state, request, response))
    if (refusal === null) send(response, 200, { status: 'accepted' })
    else refuse(response, refusal)
  } catch (error) {
    refuse(response, { status: 500, error: 'Internal Server Error', message: messageOf(error) })
  }
}

/** What keeps a request from its call: another host, a page of elsewhere, a wrong token. */
function misdirected(
  { token, port }: PortState,
  { headers, url = '' }: IncomingMessage,
  place: 'control' | 'listen',
): Refusal | null {
  if (!isLoopbackHost(headers.host, port))
    return { status: 403, error: 'Forbidden', message: 'this port is for this machine alone' }
  const { origin } = headers
  if (origin !== undefined && !isOfThisMachine(origin))
    return { status: 403, error: 'Forbidden', message: `pages of ${origin} may not steer this call` }
  const [, given = '', asked] = /^\/([^/?]+)\/([^/?]+)\/?(?:\?.*)?$/.exec(url) ?? []
  return asked === place && isSameText(given, token) ? null : NOT_FOUND
}

function isOfThisMachine(origin: string): boolean {
  return URL.canParse(origin) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(origin).hostname)
}

async function take(
  { steered }: PortState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Refusal | null> {
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST')
    return { status: 405, error: 'Method Not Allowed', message: 'messages are sent with POST' }
  }
  const body = await readBody(request)
  if (body === null) {
    response.setHeader('connection', 'close')
    return {
      status: 413,
      error: 'Payload Too Large',
      message: `a message has at most ${MAXIMUM_BODY} bytes`,
    }
  }
  const json = parsed(body)
  if (json === undefined) return { status: 400, error: 'Bad Request', message: 'the body is not JSON' }
  const result = parseControl(json)
  if ('faults' in result) return { status: 400, error: 'Bad Request', message: result.faults }
  const call = steered?.()
  if (call === undefined || call.phase === 'before') return BEFORE
  if (call.phase === 'over') return OVER
  if (call.phase === 'ending' && result.message.type !== 'end-call') return ENDING
  if (!call.controlEnabled)
    return {
      status: 403,
      error: 'Forbidden',
      message: 'monitorPlan.controlEnabled of the assistant is false',
    }
  call.control(result.message)
  return null
}

/** Null where it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    // The rest is read and left out: a peer that still sends would not see the answer.
    if (bytes <= MAXIMUM_BODY) pieces.push(piece)
    else if (bytes > 100 * MAXIMUM_BODY) return null
  }
  return bytes > MAXIMUM_BODY ? null : Buffer.concat(pieces).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refuse(response: ServerResponse, { status, error, message }: Refusal): void {
  send(response, status, { message, error, statusCode: status })
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function upgrade(state: PortState, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on('error', () => {})
  const refusal = misdirected(state, request, 'listen') ?? unheard(state)
  if (refusal !== null) {
    const { status, error, message } = refusal
    const body = JSON.stringify({ message, error, statusCode: status })
    socket.end(
      `HTTP/1.1 ${status} ${error}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    return
  }
  state.sockets.handleUpgrade(request, socket, head, listener => {
    listener.on('error', () => {})
    listener.on('close', () => state.listeners.delete(listener))
    const sound = { type: 'start', encoding: 'linear16', container: 'raw', sampleRate: 16_000, channels: 2 }
    listener.send(JSON.stringify(sound))
    state.listeners.add(listener)
  })
}

function unheard({ steered }: PortState): Refusal | null {
  const call = steered?.()
  if (call?.phase === 'over') return OVER
  if (call?.listenEnabled === false)
    return { status: 403, error: 'Forbidden', message: 'monitorPlan.listenEnabled of the assistant is false' }
  return null
}

/** Sound is left out for a listener that does not keep up; messages are not. */
function tellAll({ listeners }: PortState, frame: Uint8Array | string): void {
  for (const listener of listeners)
    if (typeof frame === 'string' || listener.bufferedAmount < MAXIMUM_WAITING_BYTES) listener.send(frame)
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: unknown) => {
      const taken = systemCodeOf(cause) === 'EADDRINUSE'
      reject(
        new VapiError({
          code: 'control-port',
          message: taken
            ? `port ${port} of this machine is taken by another program`
            : `the control port cannot be opened: ${messageOf(cause)}`,
          hint: 'leave --control-port out for a port that is free',
          cause,
        }),
      )
    })
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      // Without a listener a failing accept would end the program.
      server.on('error', () => {})
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

async function close({ sockets }: PortState, server: Server): Promise<void> {
  const gone = new Promise<void>(resolve => server.close(() => resolve()))
  server.closeIdleConnections()
  for (const client of sockets.clients) client.close(1001)
  const timer = setTimeout(() => {
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
  }, GOODBYE_MS)
  await gone
  clearTimeout(timer)
  sockets.close()
}
