import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient, type HttpTrace } from '../../src/net/http.ts'
import { type FakeOpenAi, jsonReply, rawReply, startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { requires } from '../support/requires.ts'

let server: FakeOpenAi
let http: HttpClient
let traces: HttpTrace[]
const others: Server[] = []
const sockets: Socket[] = []

beforeEach(async () => {
  server = await startFakeOpenAi()
  traces = []
  http = createHttpClient({ userAgent: 'vapi-test', traceRequest: trace => traces.push(trace) })
})

afterEach(async () => {
  http.close()
  await server.close()
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const other of others.splice(0)) await new Promise(resolve => other.close(resolve))
})

async function listen(other: Server): Promise<number> {
  others.push(other)
  other.on('connection', socket => sockets.push(socket))
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  return (other.address() as AddressInfo).port
}

describe('a request', () => {
  it('sends method, headers and body, and gives status, headers and the body as text or JSON', async () => {
    server.script({ status: 201, headers: { 'x-one': 'a' }, steps: ['{"a":', '"ü"}'] })
    const reply = await http.request({
      url: `${server.url}/x?y=1`,
      headers: { 'X-Two': 'b' },
      body: '{"q":"ä"}',
    })
    expect(reply.status).toBe(201)
    expect(reply.headers['x-one']).toBe('a')
    expect(await reply.json()).toEqual({ a: 'ü' })
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/x?y=1',
      json: { q: 'ä' },
      headers: { 'x-two': 'b', 'user-agent': 'vapi-test', 'content-length': '10' },
    })
  })

  it.each(['POST', 'PATCH', 'PUT', 'DELETE'])('tells the length of the body of a %s', async method => {
    await (await http.request({ url: server.url, method, body: '{"ids":["ä"]}' })).text()
    await (await http.request({ url: server.url, method, body: Buffer.from('x') })).text()
    expect(server.requests.map(({ body }) => body)).toEqual(['{"ids":["ä"]}', 'x'])
    expect(server.requests[0].headers['content-length']).toBe('14')
  })

  it('gives the body read by read, while the server still writes', async () => {
    let release = () => {}
    const until = new Promise<void>(resolve => {
      release = resolve
    })
    server.script({ steps: ['first', { until }, 'second'] })
    const reply = await http.request({ url: server.url })
    const pieces: string[] = []
    for await (const piece of reply.body) {
      pieces.push(Buffer.from(piece).toString())
      release()
    }
    expect(pieces).toEqual(['first', 'second'])
  })

  it('does not take an error status for an error', async () => {
    server.script(rawReply('no', 'text/plain', 500))
    const reply = await http.request({ url: server.url })
    expect([reply.status, await reply.text()]).toEqual([500, 'no'])
  })

  it('says what an answer is that should have been JSON', async () => {
    server.script(rawReply('<html>\n  <title>Login</title>', 'text/html'))
    const reply = await http.request({ url: server.url })
    await expect(reply.json()).rejects.toMatchObject({
      code: 'not-json',
      message: `${server.url} answered with something that is not JSON: <html> <title>Login</title>`,
    })
  })

  it('reads no more than it is allowed to', async () => {
    server.script({ steps: Array.from({ length: 50 }, () => 'x'.repeat(1000)) })
    const reply = await http.request({ url: server.url })
    await expect(reply.text(10_000)).rejects.toMatchObject({ code: 'reply-too-large' })
    await server.requests[0].abandoned
  })

  it.each(['ftp://example.com', 'localhost:8080', 'nonsense'])('refuses the address %s', async url => {
    await expect(http.request({ url })).rejects.toMatchObject({
      code: 'invalid-url',
      message: expect.stringContaining(url),
    })
  })

  it('refuses a header that HTTP cannot carry, without repeating its value', async () => {
    const request = http.request({ url: server.url, headers: { authorization: 'Bearer sk-1\nsk-2' } })
    const error = await request.catch(thrown => thrown)
    expect(error).toMatchObject({ code: 'invalid-header', retryable: false })
    expect(error.message).not.toContain('sk-1')
  })
})

describe('connections', () => {
  it('are used again for the next request', async () => {
    for (let i = 0; i < 5; i++) await (await http.request({ url: server.url, body: 'x' })).text()
    expect(server.connectionCount).toBe(1)
    expect(traces.map(trace => trace.reusedConnection)).toEqual([false, true, true, true, true])
  })

  it('are kept when the rest of a reply is discarded, read or not', async () => {
    server.script(jsonReply({ a: 1 }), { steps: ['a', 'b', 'c'] }, textReply(['x']))
    const first = await http.request({ url: server.url })
    first.discard()
    const second = await http.request({ url: server.url })
    for await (const _ of second.body) {
      second.discard()
      break
    }
    await (await http.request({ url: server.url })).text()
    expect(server.connectionCount).toBeLessThanOrEqual(2)
    await (await http.request({ url: server.url })).text()
    expect(traces.at(-1)?.reusedConnection).toBe(true)
  })

  it('are closed when a reader leaves early', async () => {
    server.script({ steps: ['a', 'silence'] })
    const reply = await http.request({ url: server.url })
    for await (const _ of reply.body) break
    await server.requests[0].abandoned
  })

  it('are closed when a discarded reply does not end', async () => {
    server.script({ steps: ['a', 'silence'] })
    const reply = await http.request({ url: server.url })
    reply.discard()
    await server.requests[0].abandoned
  })

  // The server takes one request on each connection and resets it when a second one comes.
  async function forgetfulServer(): Promise<string> {
    const tcp = createTcpServer(socket => {
      let answered = false
      socket.on('error', () => {})
      socket.on('data', () => {
        if (answered) socket.resetAndDestroy()
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
        answered = true
      })
    })
    return `http://127.0.0.1:${await listen(tcp)}`
  }

  it('that the server closed are replaced for requests that may be repeated', async () => {
    const url = await forgetfulServer()
    for (let i = 0; i < 3; i++) expect(await (await http.request({ url })).text()).toBe('ok')
    expect(await (await http.request({ url, body: 'x', repeatable: true })).text()).toBe('ok')
  })

  it('that the server closed fail a request that may not be repeated', async () => {
    const url = await forgetfulServer()
    await (await http.request({ url, body: 'x' })).text()
    await expect(http.request({ url, body: 'x' })).rejects.toMatchObject({
      code: 'connection-lost',
      retryable: true,
    })
  })
})

describe('limits', () => {
  it('end a request whose headers do not come', async () => {
    server.script({ delayMs: 60_000, steps: [] })
    const request = http.request({ url: server.url, limits: { firstByteMs: 50 } })
    await expect(request).rejects.toMatchObject({
      code: 'timeout',
      message: `${server.url} sent no answer within 50 ms`,
      retryable: true,
    })
    await server.requests[0].abandoned
  })

  it('end a reply that stops', async () => {
    server.script({ steps: ['a', 'silence'] })
    const reply = await http.request({ url: server.url, limits: { idleMs: 50 } })
    await expect(reply.text()).rejects.toMatchObject({
      code: 'timeout',
      message: `${server.url} sent nothing for 50 ms in mid-answer`,
    })
    await server.requests[0].abandoned
  })

  it('end an exchange that takes too long as a whole, although something always comes', async () => {
    server.script({ steps: Array.from({ length: 500 }, () => ['x', { waitMs: 10 }] as const).flat() })
    const reply = await http.request({ url: server.url, timeoutMs: 100 })
    await expect(reply.text()).rejects.toMatchObject({ code: 'timeout' })
  })

  it('do not count the time in which nobody reads', async () => {
    server.script({ steps: ['a', { waitMs: 1 }, 'b'] })
    const reply = await http.request({ url: server.url, limits: { idleMs: 100 } })
    const pieces: string[] = []
    for await (const piece of reply.body) {
      pieces.push(Buffer.from(piece).toString())
      if (pieces.length === 1) await new Promise(resolve => setTimeout(resolve, 250))
    }
    expect(pieces.join('')).toBe('ab')
  })

  it('end a TLS handshake that is not answered', async () => {
    const port = await listen(createTcpServer())
    const request = http.request({ url: `https://127.0.0.1:${port}`, limits: { connectMs: 50 } })
    await expect(request).rejects.toMatchObject({
      code: 'timeout',
      message: `no connection to https://127.0.0.1:${port} within 50 ms`,
    })
  })
})

describe('a signal', () => {
  it('ends a request that waits for its reply, with the reason of the signal', async () => {
    server.script({ delayMs: 60_000, steps: [] })
    const controller = new AbortController()
    const request = http.request({ url: server.url, signal: controller.signal })
    await server.request(0)
    controller.abort(new Error('enough'))
    await expect(request).rejects.toThrow('enough')
    await server.requests[0].abandoned
  })

  it('ends the reading of a reply', async () => {
    server.script({ steps: ['a', 'silence'] })
    const controller = new AbortController()
    const reply = await http.request({ url: server.url, signal: controller.signal })
    const reading = (async () => {
      for await (const _ of reply.body) controller.abort()
    })()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
    await server.requests[0].abandoned
  })

  it('that is aborted already sends nothing', async () => {
    await expect(http.request({ url: server.url, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(server.connectionCount).toBe(0)
  })

  it('is let go of when the exchange is over', async () => {
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--
      remove(...args)
    }
    await (await http.request({ url: server.url, signal })).text()
    await expect.poll(() => listeners).toBe(0)
  })
})

describe('faults below HTTP', () => {
  it('are told in words: nothing listens', async () => {
    const unused = await startFakeOpenAi()
    await unused.close()
    await expect(http.request({ url: `${unused.url}/v1/models?key=secret` })).rejects.toMatchObject({
      code: 'connection-refused',
      message: `nothing answers at ${unused.url}`,
      retryable: true,
    })
  })

  it('are told in words: the name does not exist', async () => {
    await expect(http.request({ url: 'http://vapi-test.invalid/' })).rejects.toMatchObject({
      code: 'name-not-found',
      message: expect.stringContaining('vapi-test.invalid'),
      retryable: true,
    })
  })

  it('are told in words: the connection breaks in the middle of a body', async () => {
    server.script({ steps: ['a', 'cut'] })
    const reply = await http.request({ url: server.url })
    await expect(reply.text()).rejects.toMatchObject({ code: 'connection-lost', retryable: true })
  })

  it('are told in words: the peer does not speak HTTP', async () => {
    const port = await listen(createTcpServer(socket => socket.end('SSH-2.0-OpenSSH_9.6\r\n')))
    await expect(http.request({ url: `http://127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'not-http',
    })
  })

  it('are told in words: https to a server without TLS', async () => {
    await expect(http.request({ url: server.url.replace('http:', 'https:') })).rejects.toMatchObject({
      code: 'tls-failed',
      hint: expect.stringContaining('http://'),
    })
  })

  const missing = requires('openssl')
  it.skipIf(missing)(`are told in words: the certificate is not trusted ${missing || ''}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vapi-tls-'))
    try {
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
      const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes']
      execFileSync(
        'openssl',
        ['req', '-x509', '-newkey', 'rsa:2048', '-keyout', key, '-out', cert, ...subject],
        {
          stdio: 'ignore',
        },
      )
      const port = await listen(createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }))
      await expect(http.request({ url: `https://localhost:${port}` })).rejects.toMatchObject({
        code: 'tls-failed',
        message: expect.stringContaining('not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)'),
        retryable: false,
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('redirects', () => {
  const redirect = (status: number, location: string) => ({ status, headers: { location }, steps: [] })

  it('are followed with method, body and headers when they keep the method', async () => {
    server.script(redirect(307, '/hook/'), jsonReply({ a: 1 }))
    const reply = await http.request({
      url: `${server.url}/hook`,
      body: 'x',
      headers: { 'x-vapi-secret': 's' },
    })
    expect(await reply.json()).toEqual({ a: 1 })
    expect(reply.url).toBe(`${server.url}/hook/`)
    expect(server.requests[1]).toMatchObject({ method: 'POST', body: 'x', headers: { 'x-vapi-secret': 's' } })
  })

  it('keep keys from another host', async () => {
    server.script(redirect(302, server.url.replace('127.0.0.1', 'localhost')), jsonReply({}))
    const headers = { Authorization: 'Bearer k', 'x-mine': '1', Accept: 'audio/wav' }
    await (await http.request({ url: server.url, headers })).text()
    expect(server.requests[1].headers).toMatchObject({ accept: 'audio/wav' })
    expect(server.requests[1].headers).not.toHaveProperty('authorization')
    expect(server.requests[1].headers).not.toHaveProperty('x-mine')
  })

  it('keep keys from another port of the same host, but hand the range on', async () => {
    const other = await startFakeOpenAi()
    try {
      other.script(jsonReply({}))
      server.script(redirect(302, `${other.url}/file`))
      const headers = { authorization: 'Bearer k', range: 'bytes=3-', 'if-range': '"e"' }
      await (await http.request({ url: server.url, headers })).text()
      expect(other.requests[0].headers).toMatchObject({ range: 'bytes=3-', 'if-range': '"e"' })
      expect(other.requests[0].headers).not.toHaveProperty('authorization')
    } finally {
      await other.close()
    }
  })

  it('show nothing of the query of the place they lead to in the trace', async () => {
    server.script(redirect(302, '/signed?X-Amz-Date=d1&whatever=w1'), jsonReply({}))
    await (await http.request({ url: `${server.url}/x?page=1` })).text()
    await expect.poll(() => traces).toHaveLength(2)
    expect(traces.map(({ url }) => url)).toContain(`${server.url}/signed?X-Amz-Date=***&whatever=***`)
    expect(traces.map(({ url }) => url)).toContain(`${server.url}/x?page=1`)
  })

  it('that would turn a POST into a GET are left to the caller', async () => {
    server.script(redirect(302, '/login'))
    const reply = await http.request({ url: server.url, body: 'x' })
    expect([reply.status, reply.headers.location]).toEqual([302, '/login'])
    expect(server.requests).toHaveLength(1)
  })

  it('in a circle end', async () => {
    server.answerWith(() => redirect(302, '/again'))
    expect((await http.request({ url: server.url })).status).toBe(302)
    expect(server.requests).toHaveLength(6)
  })
})

describe('the trace', () => {
  it('tells each exchange once, without secrets', async () => {
    server.script(jsonReply({}, 404))
    const headers = { authorization: 'Bearer sk-1' }
    await (await http.request({ url: `${server.url}/x?token=t&a=1`, headers })).text()
    await expect.poll(() => traces).toHaveLength(1)
    expect(traces[0]).toMatchObject({
      method: 'GET',
      url: `${server.url}/x?token=***&a=1`,
      status: 404,
      headers: { authorization: '***' },
      error: undefined,
    })
    expect(traces[0].durationMs).toBeGreaterThanOrEqual(traces[0].firstByteMs ?? 0)
  })

  it('tells what went wrong', async () => {
    server.script({ steps: ['a', 'cut'] })
    const reply = await http.request({ url: server.url })
    await reply.text().catch(() => {})
    expect(traces).toMatchObject([{ status: 200, error: expect.stringContaining('closed the connection') }])
  })
})
