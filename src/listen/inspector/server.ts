import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { asVapiError, messageOf, systemCodeOf, usageError, VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { inspectorPage, readPageScript } from './document.ts'
import { refusalOf } from './guard.ts'
import { streamChanges } from './stream.ts'
import type { InspectorSource, ListenerFacts } from './types.ts'

export interface InspectorOptions {
  source: InspectorSource
  /** 0: any free one. */
  port: number
  /** What the page says of the listener. */
  listener: ListenerFacts
  /** The page’s script; the built one unless given. */
  script?: string
}

export interface Inspector {
  /** With its token: whoever has it sees everything and may send events again. */
  url: string
  port: number
  close(): void
}

/** An edited body is no larger. */
const MAXIMUM_BODY_BYTES = 4_194_304
const PAGE_ROWS = 500
const EVENT_PATH = /^\/api\/events\/([^/]+)(?:\/(replay|body)(?:\/(request|\d+))?)?$/
const CALL_PATH = /^\/api\/calls\/([^/]+)$/

/** Every answer: nothing is stored, framed, shared with other pages or taken for something else than it is. */
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

/** Beside the page’s own policy: no frame around it, and no text ever becomes markup or code. */
const PAGE_POLICY = "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

/**
 * Serves the inspector on 127.0.0.1. Its page holds no data; what it asks for is answered to requests alone that name this
 * machine as their host, come from the page itself and repeat the token. Throws a usage error where the port is taken.
 */
export async function startInspector(options: InspectorOptions): Promise<Inspector> {
  const { source, listener } = options
  const token = randomBytes(24).toString('base64url')
  const page = inspectorPage(options.script ?? (await readPageScript()))
  const server = createServer({ requestTimeout: 30_000 }, (request, reply) => {
    const { port } = server.address() as AddressInfo
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const isPage = path === '/'
    const refusal = refusalOf(request, port, isPage ? null : token)
    if (refusal !== null) sendError(reply, refusal.status, refusal.message)
    else if (isPage) sendPage(request, reply, page)
    else
      answer(request, reply, path, { source, listener }).catch((thrown: unknown) => {
        const error = asVapiError(thrown)
        sendError(reply, STATUS[error.exit] ?? 500, messageOf(error), error.hint)
      })
  })
  await listen(server, options.port)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/#token=${token}`,
    port,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const STATUS: Readonly<Record<number, number>> = { 2: 400, 5: 404 }

async function answer(
  request: IncomingMessage,
  reply: ServerResponse,
  path: string,
  { source, listener }: Pick<InspectorOptions, 'source' | 'listener'>,
): Promise<void> {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const [, eventId, part, of] = EVENT_PATH.exec(path) ?? []
  const isPost = part === 'replay'
  if (request.method !== (isPost ? 'POST' : 'GET')) {
    reply.setHeader('allow', isPost ? 'POST' : 'GET')
    return sendError(reply, 405, 'not in this way')
  }
  if (eventId !== undefined) {
    const id = decoded(eventId)
    if (part === 'replay') {
      const { to = null, body = null, withSecrets = false } = await readOptions(request)
      return sendJson(reply, { id: await source.replay(id, { to, body, withSecrets }) })
    }
    if (part === undefined) return sendFound(reply, await source.get(id))
    return sendFound(
      reply,
      await source.body(id, of === undefined || of === 'request' ? 'request' : Number(of)),
    )
  }
  const [, callId] = CALL_PATH.exec(path) ?? []
  if (callId !== undefined) return sendFound(reply, await source.call(decoded(callId)))
  switch (path) {
    case '/api/listener':
      return sendJson(reply, listener)
    case '/api/events': {
      const id = searchParams.get('before')
      const before = id === null ? null : { id, atMs: Number(searchParams.get('atMs')) }
      return sendJson(reply, await source.list(before, PAGE_ROWS))
    }
    case '/api/search':
      return sendJson(reply, { ids: await source.search(searchParams.get('text') ?? '') })
    case '/api/changes':
      reply.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
      return streamChanges(reply, source, searchParams.get('after'))
    default:
      return sendError(reply, 404, 'there is nothing of this name')
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw usageError('the address is not written rightly')
  }
}

interface GivenOptions {
  to?: string | null
  body?: string | null
  withSecrets?: boolean
}

async function readOptions(request: IncomingMessage): Promise<GivenOptions> {
  if (request.headers['content-type'] !== 'application/json') throw usageError('application/json is expected')
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > MAXIMUM_BODY_BYTES) throw usageError('the body is larger than 4 MB')
    pieces.push(piece)
  }
  let given: unknown
  try {
    given = JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch {
    throw usageError('the request is no JSON')
  }
  const isTextOrNone = (value: unknown) => value === undefined || value === null || typeof value === 'string'
  if (!isObject(given) || !isTextOrNone(given.to) || !isTextOrNone(given.body))
    throw usageError('to and body are texts')
  return {
    to: given.to as string | null | undefined,
    body: given.body as string | null | undefined,
    withSecrets: given.withSecrets === true,
  }
}

function sendPage(request: IncomingMessage, reply: ServerResponse, page: string): void {
  if (request.method !== 'GET') {
    sendError(reply, 405, 'not in this way')
    return
  }
  reply.writeHead(200, {
    ...HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': PAGE_POLICY,
  })
  reply.end(page)
}

function sendFound(reply: ServerResponse, found: unknown): void {
  if (found === null) throw new VapiError({ code: 'not-kept', message: 'this is not kept any more', exit: 5 })
  sendJson(reply, found)
}

function sendJson(reply: ServerResponse, value: unknown, status = 200): void {
  reply.writeHead(status, { ...HEADERS, 'content-type': 'application/json' })
  reply.end(JSON.stringify(value))
}

function sendError(reply: ServerResponse, status: number, message: string, hint?: string): void {
  if (reply.headersSent) {
    reply.destroy()
    return
  }
  // What is left of a request is not waited for.
  reply.setHeader('connection', 'close')
  sendJson(reply, { error: { message, ...(hint !== undefined && { hint }) } }, status)
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      reject(
        systemCodeOf(error) === 'EADDRINUSE'
          ? usageError(`port ${port} is in use, the inspector needs one of its own`)
          : new VapiError({ code: 'inspector', message: `the inspector cannot start: ${messageOf(error)}` }),
      )
    })
    server.listen({ host: '127.0.0.1', port, exclusive: true }, resolve)
  })
}
