import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { systemCodeOf, usageError } from '../../errors.ts'
import { refusalOf } from './http-guard.ts'
import { createSessions } from './sessions.ts'

/** The path of the protocol. */
export const MCP_PATH = '/mcp'
const MAXIMUM_SESSIONS = 64
const IDLE_MS = 30 * 60_000
const LOOK_MS = 60_000

export interface HttpServerOptions {
  /** Makes the server of one client. */
  makeServer(): Server
  host: string
  /** 0: any free one. */
  port: number
  /** Demanded as bearer token; null: none. */
  token: string | null
  maximumSessions?: number
  idleMs?: number
  /** Milliseconds of a clock. */
  now?: () => number
  onNote?: (text: string) => void
}

export interface RunningHttpServer {
  url: string
  port: number
  sessionCount(): number
  /** Closes sessions that were idle for too long; happens by itself every minute. */
  closeIdle(): Promise<void>
  close(): Promise<void>
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/**
 * Serves the protocol by HTTP (Streamable HTTP, with sessions). Throws a usage error where the address cannot be had, and where
 * other machines could ask without a token.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<RunningHttpServer> {
  const { host, token, makeServer, onNote = () => {}, now = () => performance.now() } = options
  const { maximumSessions = MAXIMUM_SESSIONS, idleMs = IDLE_MS } = options
  const loopbackOnly = isLoopback(host)
  if (!loopbackOnly && token === null)
    throw usageError(`--host ${host} lets other machines ask: --token TOKEN is needed`)
  const sessions = createSessions({ makeServer, maximum: maximumSessions, idleMs, now })
  let port = options.port

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(request.headers, { port, loopbackOnly, token })
    if (refusal !== null) return refuse(response, refusal.status, refusal.message)
    if (request.url?.split('?')[0] !== MCP_PATH)
      return refuse(response, 404, `the protocol is at ${MCP_PATH}`)
    const id = request.headers['mcp-session-id']
    if (typeof id === 'string') {
      const session = sessions.find(id)
      // By this status a client knows that it has to begin anew.
      if (session === null)
        return refuse(response, 404, 'there is no such session; send initialize without one')
      return sessions.handle(session, request, response)
    }
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST')
      return refuse(response, 405, 'begin with POST and initialize')
    }
    if (await sessions.begin(request, response)) return
    response.setHeader('Retry-After', '30')
    refuse(response, 503, `${maximumSessions} clients are connected; no more are taken`)
  }

  function refuse(response: ServerResponse, status: number, message: string): void {
    onNote(`${status}: ${message}`)
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
    response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' })
    response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message } }))
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      onNote(`a request failed: ${String(error)}`)
      if (response.headersSent) response.destroy()
      else refuse(response, 500, 'the request could not be answered')
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(notListening(error, host, port)))
    server.listen(port, host, resolve)
  })
  server.on('error', error => onNote(error.message))
  port = (server.address() as AddressInfo).port
  const looking = setInterval(() => void sessions.closeIdle(), LOOK_MS).unref()
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}${MCP_PATH}`,
    port,
    sessionCount: () => sessions.count,
    closeIdle: () => sessions.closeIdle(),
    async close() {
      clearInterval(looking)
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      await sessions.closeAll()
      server.closeAllConnections()
      await closed
    },
  }
}

function notListening(error: Error, host: string, port: number): Error {
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} is in use`,
    EACCES: `port ${port} may not be used`,
    EADDRNOTAVAIL: `${host} is no address of this machine`,
    ENOTFOUND: `${host} is no address of this machine`,
  }
  const known = why[systemCodeOf(error) ?? '']
  return usageError(
    known ?? `it cannot listen at ${host}:${port}: ${error.message}`,
    'name another with --http PORT',
  )
}
