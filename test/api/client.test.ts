import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApi } from '../../src/api/client.ts'
import type { RetryNotice } from '../../src/api/retry.ts'
import type { Api } from '../../src/api/types.ts'
import { VapiError } from '../../src/errors.ts'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import { type ApiServer, apiError, redirectReply, startApiServer } from '../support/api-server.ts'
import { jsonReply, rawReply } from '../support/fake-openai.ts'

const KEY = 'sk-test-1234567890'
const NOW = Date.UTC(2026, 0, 1)
/** A header's date, `ms` after now. */
const at = (ms: number) => new Date(NOW + ms).toUTCString()

let server: ApiServer
let http: HttpClient
let waits: number[]
let notices: RetryNotice[]
const others: Server[] = []

beforeEach(async () => {
  server = await startApiServer()
  http = createHttpClient({ userAgent: 'vapi-toolchain/test' })
  waits = []
  notices = []
})

afterEach(async () => {
  http.close()
  await server.close()
  for (const other of others.splice(0)) {
    other.closeAllConnections()
    await new Promise(resolve => other.close(resolve))
  }
})

function client(options: Partial<Parameters<typeof createApi>[0]> = {}): Api {
  return createApi({
    http,
    baseUrl: server.url,
    key: KEY,
    timeoutMs: 20_000,
    random: () => 0,
    clock: { now: () => NOW, sleep: async ms => void waits.push(ms) },
    onRetry: notice => notices.push(notice),
    ...options,
  })
}

async function failureOf(work: Promise<unknown>): Promise<VapiError> {
  const error = await work.then(
    () => new Error('it did not fail'),
    thrown => thrown,
  )
  expect(error).toBeInstanceOf(VapiError)
  return error
}

describe('a request', () => {
  it('carries key, query and JSON, and gives the reply as JSON', async () => {
    server.fake.script(jsonReply({ id: 'a', unknown: { field: 1 } }, 201))
    const reply = await client().request({
      method: 'POST',
      path: '/assistant?given=1',
      query: { name: 'ä b', idAny: ['1', '2'], on: false, none: undefined },
      body: { name: 'x' },
    })
    expect(reply).toEqual({ id: 'a', unknown: { field: 1 } })
    expect(server.fake.requests[0]).toMatchObject({
      method: 'POST',
      path: '/assistant?given=1&name=%C3%A4+b&idAny=1&idAny=2&on=false',
      json: { name: 'x' },
      headers: {
        authorization: `Bearer ${KEY}`,
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'vapi-toolchain/test',
      },
    })
  })

  it('goes below the path of the base URL, and never to another host', async () => {
    server.fake.answerWith(() => jsonReply([]))
    const api = client({ baseUrl: `${server.url}/gateway/` })
    expect(api.baseUrl).toBe(`${server.url}/gateway`)
    for (const path of ['/call', '@evil.example/x', '//evil.example/x', '/call/a%2Fb'])
      await api.request({ method: 'GET', path })
    expect(server.fake.requests.map(({ path }) => path)).toEqual([
      '/gateway/call',
      '/gateway/@evil.example/x',
      '/gateway/evil.example/x',
      '/gateway/call/a%2Fb',
    ])
  })

  it.each(['/assistant/..', '/assistant/%2e%2E', '/call/./x'])('refuses the path %s', async path => {
    expect(await failureOf(client().request({ method: 'DELETE', path }))).toMatchObject({ exit: 2 })
    expect(server.requests).toEqual([])
  })

  it('gives undefined for an empty reply', async () => {
    server.fake.script({ status: 204, steps: [] }, { status: 200, steps: [' '] })
    expect(await client().request({ method: 'DELETE', path: '/x' })).toBeUndefined()
    expect(await client().request({ method: 'GET', path: '/x' })).toBeUndefined()
  })

  it('uploads a form piece by piece, with its exact length', async () => {
    server.fake.answerWith(() => jsonReply({ id: 'file' }, 201))
    const form = new FormData()
    form.append('purpose', 'assistant')
    form.append('file', new File(['a'.repeat(300_000)], 'na"me.txt', { type: 'text/plain' }))
    expect(await client().request({ method: 'POST', path: '/file', form })).toEqual({ id: 'file' })
    const [{ headers, body }] = server.fake.requests
    expect(Number(headers['content-length'])).toBe(body.length)
    const read = await new Response(body, {
      headers: { 'content-type': headers['content-type'] ?? '' },
    }).formData()
    expect(read.get('purpose')).toBe('assistant')
    const file = read.get('file') as File
    expect([file.name, file.type, file.size]).toEqual(['na"me.txt', 'text/plain', 300_000])
  })

  it('stops an upload that the server refuses before its end', async () => {
    const refusing = createServer((_, response) => {
      response.writeHead(413, { 'content-type': 'application/json' }).end('{"message":"too big"}')
    })
    others.push(refusing)
    await new Promise<void>(resolve => refusing.listen(0, '127.0.0.1', resolve))
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array(30_000_000)]))
    const api = client({ baseUrl: `http://127.0.0.1:${(refusing.address() as AddressInfo).port}` })
    expect(await failureOf(api.request({ method: 'POST', path: '/file', form }))).toMatchObject({
      code: 'too-large',
      message: 'what was sent is too large for the API: too big',
    })
  })

  it.each(['', 'a b', 'sk-1\nsk-2', 'sk-“1”'])('is not made with the key %j', key => {
    expect(() => client({ key, keyLabel: 'the key in VAPI_API_KEY' })).toThrow(
      expect.objectContaining({
        exit: 4,
        message: expect.stringMatching(/^the key in VAPI_API_KEY has characters/),
      }),
    )
  })

  it.each(['nonsense', 'ftp://x', ''])('is not made to the address %j', baseUrl => {
    expect(() => client({ baseUrl })).toThrow(expect.objectContaining({ code: 'invalid-url', exit: 2 }))
  })
})

describe('a reply that is not what it should be', () => {
  it.each([
    ['<html><head><title>Sign in</title>', 'text/html', 'a web page, "Sign in"'],
    ['<!doctype html>', 'application/json', 'a web page'],
    ['[{"id": 1}, {"i', 'application/json', 'broken JSON, which begins with [{"id": 1}, {"i'],
    [`hello ${KEY}\u001b[31m`, 'text/plain', 'something that is not JSON: hello *** [31m'],
  ])('is named: %j', async (body, contentType, description) => {
    server.fake.script(rawReply(body, contentType))
    expect(await failureOf(client().request({ method: 'GET', path: '/x' }))).toMatchObject({
      code: 'not-json',
      message: `${server.url} answered with ${description}`,
      exit: 1,
      hint: expect.stringContaining('--base-url'),
    })
  })

  it('may have another content type', async () => {
    server.fake.script(rawReply('{"a":1}', 'text/plain'))
    expect(await client().request({ method: 'GET', path: '/x' })).toEqual({ a: 1 })
  })

  it('is refused where it is packed in a way that is not known', async () => {
    server.fake.script({ headers: { 'content-encoding': 'compress' }, steps: ['x'] })
    expect((await failureOf(client().request({ method: 'GET', path: '/x' }))).message).toContain(
      'packed with compress',
    )
  })

  it('of 2 GB ends early, told by its length or not', async () => {
    let sent = 0
    const piece = Buffer.alloc(1_048_576, 'x')
    const endless = createServer((request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        ...(request.url === '/told' && { 'content-length': '2147483648' }),
      })
      const more = () => {
        while (!response.destroyed && sent < 2 ** 31) {
          sent += piece.length
          if (!response.write(piece)) return
        }
      }
      response.on('drain', more)
      more()
    })
    others.push(endless)
    await new Promise<void>(resolve => endless.listen(0, '127.0.0.1', resolve))
    const api = client({ baseUrl: `http://127.0.0.1:${(endless.address() as AddressInfo).port}` })
    for (const [path, mebibytes] of [
      ['/told', 8],
      ['/untold', 80],
    ] as const) {
      sent = 0
      const error = await failureOf(api.request({ method: 'GET', path }))
      expect(error).toMatchObject({
        code: 'reply-too-large',
        message: expect.stringMatching(/more than 64 MiB$/),
      })
      expect(sent).toBeLessThan(mebibytes * 1_048_576)
    }
    expect(waits).toEqual([])
  })
})

describe('a redirect', () => {
  it('to another port of the same host gets no key', async () => {
    const other = await startApiServer()
    try {
      other.fake.script(jsonReply({ stored: true }))
      server.fake.script(redirectReply(`${other.url}/x`))
      const reply = await client().open({
        method: 'GET',
        path: '/call/1/pcap',
        headers: { range: 'bytes=5-' },
      })
      expect(await reply.json()).toEqual({ stored: true })
      expect(server.fake.requests[0].headers.authorization).toBe(`Bearer ${KEY}`)
      expect(other.fake.requests[0].headers).not.toHaveProperty('authorization')
      expect(other.fake.requests[0].headers.range).toBe('bytes=5-')
    } finally {
      await other.close()
    }
  })

  it('of a POST is an error that names the new place', async () => {
    server.fake.script(redirectReply('https://api.example.com/assistant?token=t', 301))
    expect(await failureOf(client().request({ method: 'POST', path: '/assistant', body: {} }))).toMatchObject(
      {
        code: 'redirected',
        message: 'POST /assistant is sent elsewhere (301): https://api.example.com',
        hint: expect.stringContaining('--base-url'),
      },
    )
  })
})

describe('a passing fault', () => {
  it.each([429, 502, 503, 504])('of status %i is tried again after growing waits', async status => {
    server.fake.script(apiError(status, 'busy'), apiError(status, 'busy'), jsonReply({ ok: 1 }))
    expect(await client().request({ method: 'GET', path: '/x' })).toEqual({ ok: 1 })
    expect(waits).toEqual([250, 500])
    expect(notices).toMatchObject([
      { retry: 1, of: 3, waitMs: 250, error: { status } },
      { retry: 2, waitMs: 500 },
    ])
  })

  it('is given up after three repetitions, which the error tells', async () => {
    server.fake.answerWith(() => apiError(503, 'down'))
    expect(await failureOf(client().request({ method: 'GET', path: '/x' }))).toMatchObject({
      status: 503,
      message: 'the API failed on GET /x (503): down (tried 4 times)',
    })
    expect(server.requests).toHaveLength(4)
    expect(waits).toEqual([250, 500, 1000])
  })

  it('is not repeated where the user wants none', async () => {
    server.fake.answerWith(() => apiError(503, 'down'))
    await failureOf(client({ retries: 0 }).request({ method: 'GET', path: '/x' }))
    expect(server.requests).toHaveLength(1)
  })

  it('waits longer at random, up to twice as long', async () => {
    server.fake.script(apiError(502, ''), jsonReply(1))
    await client({ random: () => 0.999_999 }).request({ method: 'GET', path: '/x' })
    expect(waits).toEqual([500])
  })

  it.each([
    [{ 'retry-after': '7' }, 429, 7000],
    [{ 'retry-after': '0' }, 429, 0],
    [{ 'retry-after': at(5000), date: at(0) }, 503, 5000],
    [{ 'retry-after': at(-5000), date: at(0) }, 503, 0],
    // The server's clock and ours differ by an hour.
    [{ 'retry-after': at(3_605_000), date: at(3_600_000) }, 503, 5000],
    [{ 'x-ratelimit-reset': String(NOW / 1000 + 12), date: at(0) }, 429, 12_000],
    [{ 'x-ratelimit-reset': '3' }, 429, 3000],
    [{ 'x-ratelimit-reset': '3' }, 503, 250],
    [{ 'retry-after': 'soon' }, 429, 250],
  ])('waits as long as the server asks: %j on %i', async (headers, status, waitMs) => {
    server.fake.script({ status, headers, steps: [] }, jsonReply(1))
    await client().request({ method: 'GET', path: '/x' })
    expect(waits).toEqual([waitMs])
  })

  it('is not waited for where the server asks for too long', async () => {
    server.fake.script({ status: 429, headers: { 'retry-after': '3600' }, steps: [] })
    expect(await failureOf(client().request({ method: 'GET', path: '/x' }))).toMatchObject({
      code: 'rate-limited',
    })
    expect(waits).toEqual([])
  })

  it('in the middle of a body is one too', async () => {
    server.fake.script({ steps: ['[1,', 'cut'] }, jsonReply([1, 2]))
    expect(await client().request({ method: 'GET', path: '/x' })).toEqual([1, 2])
    expect(notices[0]?.error.code).toBe('connection-lost')
  })

  it('in the middle of every body is one clear error', async () => {
    server.fake.answerWith(() => ({ headers: { 'content-length': '100' }, steps: ['[1,', 'cut'] }))
    expect(await failureOf(client().request({ method: 'GET', path: '/x' }))).toMatchObject({
      code: 'connection-lost',
      message: `${server.url} closed the connection before its answer was complete (tried 4 times)`,
      exit: 1,
    })
  })

  it.each([400, 401, 404, 500, 501])('is not what status %i is', async status => {
    server.fake.answerWith(() => apiError(status, 'no'))
    await failureOf(client().request({ method: 'GET', path: '/x' }))
    expect(server.requests).toHaveLength(1)
  })
})

describe('what changes something', () => {
  const writes = ['POST', 'PATCH', 'PUT', 'DELETE'] as const

  it.each(writes)('is not sent twice where the server may have done it: %s', async method => {
    server.fake.answerWith(() => apiError(502, 'bad gateway'))
    await failureOf(client().request({ method, path: '/x', body: {} }))
    server.fake.answerWith(() => ({ steps: ['{', 'cut'] }))
    await failureOf(client().request({ method, path: '/x', body: {} }))
    expect(server.requests).toHaveLength(2)
    expect(waits).toEqual([])
  })

  it.each(writes)('is sent again after 429, which did nothing: %s', async method => {
    server.fake.script(apiError(429, 'slow down'), jsonReply({ id: 1 }))
    expect(await client().request({ method, path: '/x', body: { a: 1 } })).toEqual({ id: 1 })
    expect(server.fake.requests.map(({ json }) => json)).toEqual([{ a: 1 }, { a: 1 }])
  })

  it('is sent again after 429 with a form as well', async () => {
    server.fake.script(apiError(429, 'slow down'), jsonReply({ id: 1 }))
    const form = new FormData()
    form.append('file', new Blob(['content']))
    await client().request({ method: 'POST', path: '/file', form })
    expect(server.fake.requests.map(({ body }) => body.includes('content'))).toEqual([true, true])
  })

  it('is sent again where the name could not be looked up: nobody has seen it', async () => {
    const api = client({ baseUrl: 'http://vapi-test.invalid' })
    expect(await failureOf(api.request({ method: 'POST', path: '/x', body: {} }))).toMatchObject({
      code: 'name-not-found',
      message: expect.stringMatching(/tried 4 times/),
    })
    expect(waits).toHaveLength(3)
  })

  it('is not sent again on a kept connection that the server closed', async () => {
    let count = 0
    const forgetful = createServer((request, response) => {
      count++
      if (count > 1) request.socket.resetAndDestroy()
      else response.end('1')
    })
    others.push(forgetful)
    await new Promise<void>(resolve => forgetful.listen(0, '127.0.0.1', resolve))
    const api = client({ baseUrl: `http://127.0.0.1:${(forgetful.address() as AddressInfo).port}` })
    await api.request({ method: 'DELETE', path: '/x' })
    await failureOf(api.request({ method: 'DELETE', path: '/x' }))
    expect(count).toBe(2)
  })
})

describe('limits of time', () => {
  it('a hanging server uses up the limit once, with a hint', async () => {
    server.fake.answerWith(() => ({ delayMs: 60_000, steps: [] }))
    const api = client({ timeoutMs: 80, clock: { now: Date.now, sleep: async ms => void waits.push(ms) } })
    expect(await failureOf(api.request({ method: 'GET', path: '/x' }))).toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/(did not answer|sent no answer) within 80 ms$/),
      hint: 'allow it longer with --timeout SECONDS',
    })
    expect(server.requests).toHaveLength(1)
  })

  it('a refused connection on this machine is told at once', async () => {
    const gone = await startApiServer()
    await gone.close()
    const api = client({ baseUrl: gone.url })
    expect(await failureOf(api.request({ method: 'GET', path: '/x' }))).toMatchObject({
      code: 'connection-refused',
      message: `nothing answers at ${gone.url}`,
    })
    expect(waits).toEqual([])
  })

  it('Ctrl-C ends a wait between two tries at once', async () => {
    server.fake.answerWith(() => ({ status: 429, headers: { 'retry-after': '50' }, steps: [] }))
    const controller = new AbortController()
    const api = createApi({
      http,
      baseUrl: server.url,
      key: KEY,
      timeoutMs: 20_000,
      signal: controller.signal,
      onRetry: () =>
        controller.abort(new VapiError({ code: 'interrupted', message: 'interrupted', exit: 130 })),
    })
    expect(await failureOf(api.request({ method: 'GET', path: '/x' }))).toMatchObject({ exit: 130 })
  })

  it("a request's own signal ends it, beside that of the Api", async () => {
    server.fake.answerWith(() => ({ steps: ['[', 'silence'] }))
    const controller = new AbortController()
    const request = client({ signal: new AbortController().signal }).request({
      method: 'GET',
      path: '/x',
      signal: controller.signal,
    })
    await server.fake.request(0)
    controller.abort(new VapiError({ code: 'interrupted', message: 'enough' }))
    expect((await failureOf(request)).message).toBe('enough')
  })
})
