/**
 * A local server that behaves as the API's OpenAPI document says, for tests: it checks every request strictly, records
 * what departs from the document, and answers with objects that are valid by it. Where the document is known to be
 * wrong, `openapi/departures.ts` says what holds instead.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { ExtraPath } from './openapi/departures.ts'
import type { OpenApiDocument } from './openapi/document.ts'
import { EXAMPLE_TIME_MS, exampleId } from './openapi/example.ts'
import { pageOf, type Reply, replyTo } from './openapi/reply.ts'
import { checkRequest, readBody } from './openapi/request-check.ts'
import { createRouter, type Match, matchTemplate } from './openapi/routes.ts'
import { type StorageRequest, startStorage } from './openapi/storage.ts'
import { createStrictCheck } from './openapi/strict-schema.ts'
import { isObject } from './openapi/union.ts'

export { pathsOutsideDocument } from './openapi/departures.ts'
export { documentAbsent, loadOpenApiDocument } from './openapi/document.ts'
export type { Reply } from './openapi/reply.ts'

export interface RecordedRequest {
  method: string
  /** Without the query. */
  path: string
  /** `GET /assistant/{id}`; undefined where the document has no such operation. */
  operation: string | undefined
  params: Record<string, string>
  query: URLSearchParams
  headers: Record<string, string | undefined>
  /** The JSON body. */
  body: unknown
  form: FormData | undefined
  /** What was wrong with it, as in the list of all. */
  violations: string[]
}

export interface Override {
  method: string
  /** A path as it is sent, or a template: `/assistant/{id}`. */
  path: string
  /** A body that is neither text nor bytes nor an async iterable (a stream of such) is sent as JSON. */
  reply(request: RecordedRequest): Reply | Promise<Reply>
}

export interface OpenApiMockOptions {
  document: OpenApiDocument
  /** Answers in place of the made ones, to requests that are valid. The first that fits counts. */
  overrides?: readonly Override[]
  /** Paths beside the document's, taken without any check but that of the key. */
  extraPaths?: readonly ExtraPath[]
  /** How many objects each list holds in all; 3 unless set. */
  listSize?: number
}

export interface OpenApiMock {
  /** On 127.0.0.1. */
  url: string
  requests: RecordedRequest[]
  /** Every departure from the document, with method, path and field. */
  violations: string[]
  /** What was asked of the host that binary downloads are redirected to. */
  storage: { url: string; requests: StorageRequest[] }
  close(): Promise<void>
}

/** Starts the mock. Takes well under a second: schemas are compiled when a request first needs them. */
export async function startOpenApiMock(options: OpenApiMockOptions): Promise<OpenApiMock> {
  const { document, overrides = [], extraPaths = [], listSize = 3 } = options
  const requests: RecordedRequest[] = []
  const violations: string[] = []
  const check = createStrictCheck(document)
  const find = createRouter(document)
  const storage = await startStorage(path =>
    violations.push(`GET ${path}: the key was sent along to the storage host`),
  )

  async function answer(incoming: IncomingMessage): Promise<Reply> {
    const url = new URL(incoming.url ?? '/', 'http://mock')
    const { method = 'GET' } = incoming
    const headers = incoming.headers as Record<string, string | undefined>
    const raw = await readAll(incoming)
    const body = await readBody({ headers, query: url.searchParams, raw })
    const match = find(method, url.pathname)
    const extra = extraPaths.find(({ path }) => matchTemplate(path, url.pathname) !== undefined)
    const params = match?.params ?? (extra && matchTemplate(extra.path, url.pathname)) ?? {}
    const request: RecordedRequest = {
      method,
      path: url.pathname,
      operation: match && `${match.route.method} ${match.route.template}`,
      params,
      query: url.searchParams,
      headers,
      body: body.json,
      form: body.form,
      violations: [],
    }
    requests.push(request)
    const refuse = (
      status: number,
      messages: readonly string[],
      message: string | readonly string[],
    ): Reply => {
      for (const words of messages) request.violations.push(`${method} ${url.pathname}: ${words}`)
      violations.push(...request.violations)
      return { status, body: { message, error: reasons[status], statusCode: status } }
    }

    if (match === undefined && extra === undefined)
      return refuse(404, ['the document has no such operation'], `Cannot ${method} ${url.pathname}`)
    if (!/^Bearer \S+$/.test(headers.authorization ?? ''))
      return refuse(401, ['the Authorization header must be "Bearer <key>"'], 'Invalid Key. No key was sent.')
    if (match !== undefined) {
      const faults = checkRequest(document, check, match, { headers, query: url.searchParams, raw }, body)
      const messages = faults.map(({ message }) => message)
      if (messages.length > 0) return refuse(400, messages, messages)
    }
    const override = overrides.find(
      ({ method: wanted, path }) =>
        wanted.toUpperCase() === method &&
        (path === match?.route.template || isPath(path, url.pathname, match)),
    )
    if (override !== undefined) return override.reply(request)
    if (match === undefined) return extraReply(request, extra?.list)
    if (match.route.operation.responses['302'] !== undefined)
      return { status: 302, headers: { location: `${storage.url}${url.pathname}` } }
    return replyTo({ document, check, listSize }, match, { query: url.searchParams, body: body.json })
  }

  const server = createServer((incoming, response) => {
    answer(incoming)
      .catch((error: unknown): Reply => {
        violations.push(`${incoming.method} ${incoming.url}: the mock itself failed: ${error}`)
        return { status: 500, body: { message: String(error), error: reasons[500], statusCode: 500 } }
      })
      .then(reply => send(response, reply))
  })
  // A test that computes for seconds must not find its kept connection closed.
  server.keepAliveTimeout = 0
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    violations,
    storage,
    async close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await Promise.all([closed, storage.close()])
    },
  }
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  500: 'Internal Server Error',
}

/** A template of an override fits other operations' literal paths too, unless the document knows them better. */
function isPath(path: string, given: string, match: Match | undefined): boolean {
  return path === given || (match === undefined && matchTemplate(path, given) !== undefined)
}

/** What a path outside the document answers: the body with an id and times, or an empty list. */
function extraReply({ method, path, params, body }: RecordedRequest, list: ExtraPath['list']): Reply {
  if (method === 'GET' && list !== undefined)
    return { status: 200, body: list === 'array' ? [] : pageOf([], new URLSearchParams()) }
  const time = new Date(EXAMPLE_TIME_MS).toISOString()
  const id = exampleId(path)
  return {
    status: method === 'POST' ? 201 : 200,
    body: { id, orgId: id, createdAt: time, updatedAt: time, ...(isObject(body) && body), ...params },
  }
}

async function readAll(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return new Uint8Array(Buffer.concat(chunks))
}

function send(response: ServerResponse, { status, headers = {}, body }: Reply): void {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  const isStream = typeof body === 'object' && body !== null && Symbol.asyncIterator in body
  const type =
    body === undefined || isRaw || isStream ? {} : { 'content-type': 'application/json; charset=utf-8' }
  response.writeHead(status, { ...type, ...headers })
  if (isStream) Readable.from(body as AsyncIterable<string | Uint8Array>).pipe(response)
  else if (isRaw) response.end(body)
  else response.end(body === undefined ? undefined : JSON.stringify(body))
}
