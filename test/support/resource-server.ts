/** A small server in the API's manners that keeps what it is given: list, create, get, patch (shallow) and delete on any path. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export type Row = Record<string, unknown> & { id: string }

export interface Recorded {
  method: string
  /** Without the query. */
  path: string
  query: URLSearchParams
  body: unknown
}

export interface ResourceServer {
  url: string
  /** Variables that make the program use it. */
  env: NodeJS.ProcessEnv
  requests: Recorded[]
  /** Requests that change something. */
  changes(): Recorded[]
  rows(path: string): Row[]
  /** Puts an object there. */
  put(path: string, fields: Record<string, unknown>): Row
  /** Called before each request is answered; may change rows, or answer itself by returning true. */
  before: (request: Recorded, response: ServerResponse) => boolean | undefined
}

/** Starts the server; it ends with the test. `home` is where the program's configuration is looked for. */
export async function startResourceServer(home: string): Promise<ResourceServer> {
  const stored = new Map<string, Row[]>()
  let made = 0
  let clock = Date.parse('2026-01-01T00:00:00Z')
  const now = () => new Date(clock++).toISOString()
  const rows = (path: string) => stored.get(path) ?? stored.set(path, []).get(path) ?? []
  const nextId = () => `8f14e45f-ceea-4e7a-9c1d-${String(++made).padStart(12, '0')}`
  const put = (path: string, fields: Record<string, unknown>): Row => {
    const moment = now()
    const row = { id: nextId(), orgId: 'org', createdAt: moment, updatedAt: moment, ...fields }
    rows(path).unshift(row)
    return row
  }
  const api: ResourceServer = {
    url: '',
    env: {},
    requests: [],
    changes: () => api.requests.filter(({ method }) => method !== 'GET'),
    rows,
    put,
    before: () => undefined,
  }
  const reply = (response: ServerResponse, status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  const answer = (request: Recorded, response: ServerResponse) => {
    const { method, path, body } = request
    if (method === 'POST') return reply(response, 201, put(path, body as Record<string, unknown>))
    const place = path.lastIndexOf('/')
    const list = rows(path.slice(0, place))
    const row = list.find(({ id }) => id === path.slice(place + 1))
    if (row === undefined && method === 'GET' && stored.has(path)) {
      const limit = Number(request.query.get('limit') ?? 100)
      return reply(response, 200, rows(path).slice(0, limit))
    }
    if (row === undefined)
      return reply(response, 404, { message: `${path} was not found`, error: 'Not Found', statusCode: 404 })
    if (method === 'PATCH') Object.assign(row, body, { updatedAt: now() })
    if (method === 'DELETE') list.splice(list.indexOf(row), 1)
    return reply(response, 200, row)
  }
  const server = createServer(async (incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://localhost')
    const request: Recorded = {
      method: incoming.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      body: await readBody(incoming),
    }
    api.requests.push(request)
    if (api.before(request, response) !== true) answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  api.env = { HOME: home, VAPI_API_KEY: 'a-private-key', VAPI_API_BASE_URL: api.url }
  return api
}

async function readBody(incoming: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part)
  const text = Buffer.concat(parts).toString()
  if (text === '') return undefined
  return incoming.headers['content-type']?.startsWith('application/json') ? JSON.parse(text) : text
}
