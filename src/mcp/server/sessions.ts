import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

interface Session {
  transport: StreamableHTTPServerTransport
  server: Server
  /** Requests that are being answered, open event streams among them. */
  open: number
  usedMs: number
}

export interface SessionsOptions {
  makeServer(): Server
  maximum: number
  /** A session that nobody used for so long is closed. */
  idleMs: number
  now(): number
}

/** The clients of an HTTP server: each has a server of its own. */
export interface Sessions {
  readonly count: number
  /** The session of this id, or null. */
  find(id: string): Session | null
  /** Takes a request that names no session: an `initialize` opens one. False where no more are taken. */
  begin(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  handle(session: Session, request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Closes those that were idle for too long. */
  closeIdle(): Promise<void>
  closeAll(): Promise<void>
}

export function createSessions({ makeServer, maximum, idleMs, now }: SessionsOptions): Sessions {
  const sessions = new Map<string, Session>()

  async function handle(session: Session, request: IncomingMessage, response: ServerResponse): Promise<void> {
    session.open++
    session.usedMs = now()
    response.once('close', () => {
      session.open--
      session.usedMs = now()
    })
    await session.transport.handleRequest(request, response)
  }

  async function close(id: string): Promise<void> {
    const session = sessions.get(id)
    sessions.delete(id)
    await session?.server.close()
  }

  /** Makes room for one more by closing the one that was idle for longest. */
  async function makeRoom(): Promise<boolean> {
    if (sessions.size < maximum) return true
    const [oldest] = [...sessions]
      .filter(([, { open }]) => open === 0)
      .sort(([, one], [, other]) => one.usedMs - other.usedMs)
    if (oldest === undefined) return false
    await close(oldest[0])
    return true
  }

  return {
    get count() {
      return sessions.size
    },
    find: id => sessions.get(id) ?? null,
    async begin(request, response) {
      if (!(await makeRoom())) return false
      const server = makeServer()
      const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: id => {
          sessions.set(id, session)
        },
      })
      const session: Session = { transport, server, open: 0, usedMs: now() }
      transport.onclose = () => {
        if (transport.sessionId !== undefined) sessions.delete(transport.sessionId)
      }
      await server.connect(transport)
      await handle(session, request, response)
      // Anything but an initialize opens none.
      if (transport.sessionId === undefined) await server.close()
      return true
    },
    handle,
    async closeIdle() {
      const limit = now() - idleMs
      const idle = [...sessions].filter(([, { open, usedMs }]) => open === 0 && usedMs <= limit)
      await Promise.all(idle.map(([id]) => close(id)))
    },
    async closeAll() {
      await Promise.all([...sessions.keys()].map(close))
    },
  }
}
