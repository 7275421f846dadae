import { request } from 'node:http'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDocsServer } from '../../../src/mcp/server/docs-server.ts'
import { type HttpServerOptions, startHttpServer } from '../../../src/mcp/server/http.ts'
import { libraryOf, newClient, testClient } from '../../support/mcp.ts'
import { startVapi, temporaryFolder } from '../../support/program.ts'
import { pages } from './pages.ts'

const library = libraryOf(pages)

async function start(options: Partial<HttpServerOptions> = {}) {
  const server = await startHttpServer({
    makeServer: () => createDocsServer({ library: async () => library, version: '1' }),
    host: '127.0.0.1',
    port: 0,
    token: null,
    ...options,
  })
  onTestFinished(() => server.close())
  return server
}

async function connect(url: string, headers: Record<string, string> = {}) {
  const client = newClient()
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } })
  await client.connect(transport)
  onTestFinished(() => client.close())
  return { ...testClient(client), transport }
}

interface Reply {
  status: number
  headers: Record<string, unknown>
  body: string
}

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}

/** A request as it is: any Host and Origin. */
function send(
  port: number,
  {
    method = 'POST',
    path = '/mcp',
    body = initialize as unknown,
    headers = {} as Record<string, string>,
  } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port,
        host: '127.0.0.1',
        method,
        path,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
      },
      response => {
        let text = ''
        response.setEncoding('utf8').on('data', piece => {
          text += piece
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(method === 'POST' ? (typeof body === 'string' ? body : JSON.stringify(body)) : undefined)
  })
}

describe('the server over HTTP', () => {
  it('serves tools, resources and prompts to the SDK’s client', async () => {
    const { url } = await start()
    const { client, data } = await connect(url)
    await client.listTools()
    expect((await data('search_documentation', { query: 'webhook' })).results).not.toEqual([])
    expect((await client.listResources()).resources).toHaveLength(pages.length)
    expect((await client.listPrompts()).prompts).toHaveLength(3)
  })

  it('answers fifty calls at once, of several clients', async () => {
    const { url, sessionCount } = await start()
    const clients = await Promise.all([connect(url), connect(url), connect(url)])
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, place) =>
        clients[place % 3]?.data('search_documentation', { query: `webhook ${place}` }),
      ),
    )
    expect(all.map(found => found?.query)).toEqual(all.map((_, place) => `webhook ${place}`))
    expect(sessionCount()).toBe(3)
  })

  it('closes a session when its client says so, and does not know it any more', async () => {
    const { url, sessionCount } = await start()
    const { client, transport } = await connect(url)
    await transport.terminateSession()
    expect(sessionCount()).toBe(0)
    await expect(client.listTools()).rejects.toThrow()
  })

  it.each([
    ['a page of elsewhere', { origin: 'https://evil.example' }, 403],
    ['a page of another port', { origin: 'http://localhost:3000' }, 403],
    ['an opaque origin', { origin: 'null' }, 403],
    ['a request of a page across sites', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a name of elsewhere that was pointed here', { host: 'evil.example' }, 403],
    ['another port in Host', { host: '127.0.0.1:1' }, 403],
  ])('refuses %s', async (_name, headers, status) => {
    const { port, sessionCount } = await start()
    expect((await send(port, { headers })).status).toBe(status)
    expect(sessionCount()).toBe(0)
  })

  it('takes its own names, and its own origin', async () => {
    const { port } = await start()
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect((await send(port, { headers: { host, origin: `http://${host}` } })).status).toBe(200)
  })

  it('demands the token where there is one', async () => {
    const { port, url, sessionCount } = await start({ token: 'secret-1' })
    const statuses = await Promise.all(
      [
        {},
        { authorization: 'Bearer secret-2' },
        { authorization: 'secret-1' },
        { authorization: 'Basic secret-1' },
      ].map(async headers => (await send(port, { headers: headers as Record<string, string> })).status),
    )
    expect(statuses).toEqual([401, 401, 401, 401])
    const refused = await send(port)
    expect(refused.headers['www-authenticate']).toBe('Bearer')
    expect(refused.body).not.toContain('secret-1')
    expect(sessionCount()).toBe(0)
    const { client } = await connect(url, { authorization: 'Bearer secret-1' })
    await client.ping()
    const stolen = (await send(port, { headers: { 'mcp-session-id': 'x' } })).status
    expect(stolen).toBe(401)
  })

  it('does not let other machines ask without a token', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'usage' })
    const { port } = await start({ host: '0.0.0.0', token: 'secret' })
    const headers = { authorization: 'Bearer secret', host: `my-machine.local:${port}` }
    expect((await send(port, { headers })).status).toBe(200)
    expect((await send(port, { headers: { ...headers, origin: 'https://evil.example' } })).status).toBe(403)
  })

  it('answers nonsense with a status, keeps no session of it, and goes on', async () => {
    const { port, url, sessionCount } = await start()
    const replies = await Promise.all([
      send(port, { body: 'not json' }),
      send(port, { body: '[]' }),
      send(port, { body: { jsonrpc: '2.0', id: 1, method: 'tools/list' } }),
      send(port, { headers: { 'mcp-session-id': 'unknown' } }),
      send(port, { path: '/other' }),
      send(port, { method: 'GET' }),
      send(port, { method: 'PUT' }),
      send(port, { headers: { 'content-type': 'text/plain' } }),
      send(port, { body: JSON.stringify({ ...initialize, x: 'x'.repeat(5_000_000) }) }),
    ])
    expect(replies.map(({ status }) => status)).toEqual([
      400,
      expect.any(Number),
      400,
      404,
      404,
      405,
      405,
      415,
      413,
    ])
    expect(replies.every(({ status }) => status >= 400 && status < 500)).toBe(true)
    expect(sessionCount()).toBe(0)
    await (await connect(url)).client.ping()
  })

  it('closes sessions that nobody uses, and lets a client begin anew', async () => {
    let nowMs = 0
    const { port, closeIdle, sessionCount } = await start({ idleMs: 1000, now: () => nowMs })
    const opened = await send(port)
    const id = String(opened.headers['mcp-session-id'])
    const ping = () =>
      send(port, { body: { jsonrpc: '2.0', id: 2, method: 'ping' }, headers: { 'mcp-session-id': id } })
    nowMs = 900
    expect((await ping()).status).toBe(200)
    nowMs = 1800
    await closeIdle()
    expect(sessionCount()).toBe(1)
    nowMs = 2000
    await closeIdle()
    expect(sessionCount()).toBe(0)
    expect((await ping()).status).toBe(404)
  })

  it('takes no more clients than it may, and closes idle ones first', async () => {
    let nowMs = 0
    let asked: () => void = () => {}
    const bothAsked = new Promise<void>(resolve => {
      let count = 0
      asked = () => {
        if (++count === 2) resolve()
      }
    })
    const makeServer = () =>
      createDocsServer({
        version: '1',
        library: () => {
          asked()
          return new Promise(() => {})
        },
      })
    const { port, sessionCount } = await start({ maximumSessions: 2, now: () => nowMs++, makeServer })
    const idOf = async () => String((await send(port)).headers['mcp-session-id'])
    const [first, second, third] = [await idOf(), await idOf(), await idOf()]
    expect(sessionCount()).toBe(2)
    expect((await send(port, { headers: { 'mcp-session-id': first } })).status).toBe(404)
    // Questions that are not answered yet keep the others from being closed.
    for (const id of [second, third]) {
      const body = { jsonrpc: '2.0', id: 2, method: 'resources/list' }
      send(port, { body, headers: { 'mcp-session-id': id } }).catch(() => {})
    }
    await bothAsked
    expect((await send(port)).status).toBe(503)
    expect(sessionCount()).toBe(2)
  })

  it('goes on when a client vanishes in the middle of a question', async () => {
    let asked: () => void = () => {}
    const hasAsked = new Promise<void>(resolve => {
      asked = resolve
    })
    let nowMs = 0
    const makeServer = () =>
      createDocsServer({
        version: '1',
        library: () => {
          asked()
          return new Promise(() => {})
        },
      })
    const { port, url, closeIdle, sessionCount } = await start({ idleMs: 1000, now: () => nowMs, makeServer })
    const id = String((await send(port)).headers['mcp-session-id'])
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': id,
    }
    const vanishing = request({ port, host: '127.0.0.1', method: 'POST', path: '/mcp', headers })
    vanishing.on('error', () => {})
    vanishing.end(JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'resources/list' }))
    await hasAsked
    vanishing.destroy()
    const { client, transport } = await connect(url)
    await client.ping()
    await transport.terminateSession()
    nowMs = 5000
    await expect.poll(() => closeIdle().then(sessionCount)).toBe(0)
  })

  it('says which port is taken', async () => {
    const { port } = await start()
    await expect(start({ port })).rejects.toThrow(`port ${port} is in use`)
  })

  it('is started by the built program and ended by a signal', async () => {
    const running = startVapi(['mcp', 'serve', '--http', '0'], {
      stdin: null,
      env: { HOME: temporaryFolder(), VAPI_MCP_TOKEN: 'from-the-environment' },
    })
    await running.prints(/serving the Model Context Protocol at \S+/)
    let stderr = ''
    running.child.stderr?.on('data', text => {
      stderr += text
    })
    running.child.kill('SIGTERM')
    const { stdout, stderr: all, code } = await running.finished
    expect(all).toMatch(/http:\/\/127\.0\.0\.1:\d+\/mcp/)
    expect([stdout, code, stderr]).toEqual(['', 0, ''])
  })
})
