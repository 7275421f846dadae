/**
 * The platform as far as calls over a WebSocket need it, on 127.0.0.1: `POST /call`, `GET /call/:id`, the call's
 * `/transport` socket and its control URL, written from the API document and the maker's page on WebSocket calls.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export const CALL_ID = '0199a3d2-7c1e-7444-81ff-feadfdab1f0e'

/** A client that is connected to the call. */
export interface HostedConnection {
  socket: WebSocket
  headers: IncomingHttpHeaders
  /** Binary messages so far, with their time of arrival in milliseconds of `performance.now()`. */
  sound: { bytes: Buffer; atMs: number }[]
  /** Text messages so far. */
  texts: string[]
  /** Resolves when the client closed. */
  closed: Promise<{ code: number; reason: string }>
  /** Sends a client message. */
  tell(message: object): void
  /** Sends bytes in pieces at the pace of the clock; resolves after the last. `delayOf` makes single pieces late. */
  stream(bytes: Uint8Array, options: StreamOptions): Promise<void>
  /** Resolves when so many bytes of sound came. */
  hears(bytes: number): Promise<void>
}

export interface StreamOptions {
  pieceBytes: number
  pieceMs: number
  delayOf?: (piece: number) => number
}

export interface HostedCall {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly requests: { method: string; path: string; headers: IncomingHttpHeaders; json: unknown }[]
  readonly controls: unknown[]
  readonly connections: HostedConnection[]
  /** What `POST /call` answers in place of a call. */
  refusal: { status: number; body: object; headers?: Record<string, string> } | null
  /** The status that the socket is refused with, or null. */
  socketRefusal: number | null
  /** Laid over the call in the answer to `POST /call`. */
  made: Record<string, unknown>
  /** The call's record, as `GET /call/:id` gives it; null: it fails with 500. */
  record: Record<string, unknown> | null
  /** What a hang-up is answered with: the documented goodbye unless it is taken away. */
  hangUp: ((connection: HostedConnection) => void) | null
  /** Serves a connection. */
  serve: (connection: HostedConnection) => void
  close(): Promise<void>
}

export async function startHostedCall(): Promise<HostedCall> {
  const sockets = new WebSocketServer({ noServer: true })
  const http = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request.setEncoding('utf8')) body += piece
    const { method = '', url: path = '', headers } = request
    const json: unknown = body === '' ? undefined : JSON.parse(body)
    const answer = (status: number, value: object, more: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(value))
    if (path === `/${CALL_ID}/control`) {
      server.controls.push(json)
      return answer(200, {})
    }
    server.requests.push({ method, path, headers, json })
    if (method === 'POST' && path === '/call') {
      const { refusal } = server
      if (refusal !== null) return answer(refusal.status, refusal.body, refusal.headers)
      return answer(201, callOf(json))
    }
    if (method === 'GET' && path === `/call/${CALL_ID}`)
      return server.record === null
        ? answer(500, { message: 'broken' })
        : answer(200, { id: CALL_ID, ...server.record })
    const stored = /^\/(assistant|squad)(?:\/([^?]+)|\?|$)/.exec(path)
    if (stored !== null) return answerStored(stored[1] ?? '', stored[2], answer)
    return answer(404, { message: `Cannot ${method} ${path}`, error: 'Not Found', statusCode: 404 })
  })

  function answerStored(
    kind: string,
    id: string | undefined,
    answer: (status: number, value: object) => void,
  ) {
    const row = {
      id: STORED[kind],
      name: kind === 'squad' ? 'Team' : 'Reception',
      createdAt: '2026-01-01T00:00:00.000Z',
    }
    if (id === undefined) return answer(200, [row])
    if (id === row.id) return answer(200, row)
    return answer(404, { message: 'Not here', error: 'Not Found', statusCode: 404 })
  }

  const host = () => `127.0.0.1:${(http.address() as AddressInfo).port}`
  function callOf(body: unknown): object {
    const { transport, ...rest } = body as { transport: object }
    return {
      id: CALL_ID,
      type: 'vapi.websocketCall',
      status: 'queued',
      ...rest,
      monitor: {
        controlUrl: `http://${host()}/${CALL_ID}/control`,
        listenUrl: `ws://${host()}/${CALL_ID}/listen`,
      },
      transport: { ...transport, websocketCallUrl: `ws://${host()}/${CALL_ID}/transport` },
      ...server.made,
    }
  }

  http.on('upgrade', (request, socket, head) => {
    const { socketRefusal } = server
    if (socketRefusal !== null || request.url !== `/${CALL_ID}/transport`) {
      const said = '{"message":"no"}'
      socket.end(
        `HTTP/1.1 ${socketRefusal ?? 404} No\r\nconnection: close\r\ncontent-length: ${said.length}\r\n\r\n${said}`,
      )
      return
    }
    sockets.handleUpgrade(request, socket, head, client => {
      const connection = connectionOf(client, request.headers, () => server.hangUp)
      server.connections.push(connection)
      server.serve(connection)
    })
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const server: HostedCall = {
    url: `http://${host()}`,
    requests: [],
    controls: [],
    connections: [],
    refusal: null,
    socketRefusal: null,
    made: {},
    record: { status: 'ended', endedReason: 'customer-ended-call' },
    hangUp: ({ socket, tell }) => {
      tell({ type: 'call-ended', reason: 'customer-ended-call' })
      socket.close(1000)
    },
    serve: () => {},
    async close() {
      for (const client of sockets.clients) client.terminate()
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
    },
  }
  return server
}

/** Ids of what is stored there: the assistant Reception and the squad Team. */
export const STORED: Readonly<Record<string, string>> = {
  assistant: '11111111-1111-4111-8111-111111111111',
  squad: '22222222-2222-4222-8222-222222222222',
}

function connectionOf(
  socket: WebSocket,
  headers: IncomingHttpHeaders,
  hangUp: () => HostedCall['hangUp'],
): HostedConnection {
  const watchers = new Set<() => void>()
  let total = 0
  const connection: HostedConnection = {
    socket,
    headers,
    sound: [],
    texts: [],
    closed: new Promise(resolve => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    }),
    tell: message => socket.send(JSON.stringify(message)),
    async stream(bytes, { pieceBytes, pieceMs, delayOf = () => 0 }) {
      const startMs = performance.now()
      for (let piece = 0; piece * pieceBytes < bytes.length; piece++) {
        const dueMs = startMs + piece * pieceMs + delayOf(piece)
        const leftMs = dueMs - performance.now()
        if (leftMs > 0) await new Promise(resolve => setTimeout(resolve, leftMs))
        socket.send(bytes.subarray(piece * pieceBytes, (piece + 1) * pieceBytes))
      }
    },
    hears: bytes =>
      new Promise(resolve => {
        const check = () => {
          if (total < bytes) return
          watchers.delete(check)
          resolve()
        }
        watchers.add(check)
        check()
      }),
  }
  socket.on('error', () => {})
  socket.on('message', (data, isBinary) => {
    const bytes = Buffer.from(data as Buffer)
    if (isBinary) {
      connection.sound.push({ bytes, atMs: performance.now() })
      total += bytes.length
      for (const watcher of watchers) watcher()
      return
    }
    connection.texts.push(bytes.toString())
    if (/"(hangup|end-call)"/.test(bytes.toString())) hangUp()?.(connection)
  })
  return connection
}
