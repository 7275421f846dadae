import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ToolRequest } from '../../src/engine/ports/tool-runner.ts'
import { createToolRunner } from '../../src/messages/tool-runner.ts'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import {
  type FakeOpenAi,
  type FakeReply,
  jsonReply,
  rawReply,
  startFakeOpenAi,
} from '../support/fake-openai.ts'

let server: FakeOpenAi
let http: HttpClient

beforeEach(async () => {
  server = await startFakeOpenAi()
  http = createHttpClient()
})

afterEach(async () => {
  http.close()
  await server.close()
})

const signal = new AbortController().signal

function requestTo(url: string, server: Partial<NonNullable<ToolRequest['server']>> = {}): ToolRequest {
  return {
    call: { id: 'call_1', name: 'book', arguments: { day: 1 } },
    definition: { type: 'function', function: { name: 'book' } },
    server: { url, timeoutSeconds: 5, headers: {}, ...server },
  }
}

function runner(secret?: string) {
  return createToolRunner({
    http,
    envelope: () => ({ call: { id: 'c1' } }),
    now: () => 1234,
    secret: () => secret,
  })
}

const booked = jsonReply({ results: [{ toolCallId: 'call_1', result: 'booked' }] })

describe('running a tool', () => {
  it('posts the tool-calls message with the headers of the server, and gives its result', async () => {
    server.script(booked)
    const request = requestTo(`${server.url}/hook`, { headers: { 'X-Mine': '1' } })
    expect(await runner().run(request, signal)).toEqual({ type: 'result', result: 'booked' })
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/hook',
      headers: { 'content-type': 'application/json', 'x-mine': '1' },
      json: {
        message: {
          type: 'tool-calls',
          timestamp: 1234,
          call: { id: 'c1' },
          toolCallList: [{ id: 'call_1', function: { name: 'book', arguments: { day: 1 } } }],
        },
      },
    })
    expect(server.requests[0].headers).not.toHaveProperty('x-vapi-secret')
  })

  it("sends the secret of the tool's own server, or that of the server it falls back to", async () => {
    server.answerWith(() => booked)
    const own = requestTo(server.url)
    await runner('assistant').run(
      { ...own, definition: { server: { url: server.url, secret: 'tool' } } },
      signal,
    )
    await runner('assistant').run(
      { ...own, definition: { server: { url: 'https://other', secret: 'tool' } } },
      signal,
    )
    await runner('assistant').run(requestTo(server.url, { headers: { 'X-Vapi-Secret': 'header' } }), signal)
    expect(server.requests.map(({ headers }) => headers['x-vapi-secret'])).toEqual([
      'tool',
      'assistant',
      'header',
    ])
  })

  it('reads a reply that comes with an error status', async () => {
    server.script({ ...booked, status: 500 })
    expect(await runner().run(requestTo(server.url), signal)).toEqual({ type: 'result', result: 'booked' })
  })

  it.each<[string, FakeReply, string]>([
    [
      'an error status',
      rawReply('<h1>Oops</h1>', 'text/html', 500),
      '/hook answered 500 Internal Server Error instead of 200: <h1>Oops</h1>',
    ],
    [
      'an error status with JSON',
      jsonReply({ error: 'Not Found' }, 404),
      '/hook answered 404 Not Found instead of 200: {"error":"Not Found"}',
    ],
    [
      'a redirect',
      { status: 302, headers: { location: '/login' }, steps: [] },
      '/hook answered 302 Found: set the URL to where it moved, /login',
    ],
    ['an empty reply', { status: 204, steps: [] }, 'No result returned: the reply is empty'],
    ['a broken connection', { steps: ['{"res', 'cut'] }, 'closed the connection'],
    ['a reply without end', { steps: ['x'.repeat(2_000_000)] }, 'more than 1048576 bytes'],
  ])('resolves with an error that says why: %s', async (_name, reply, said) => {
    server.script(reply)
    const outcome = await runner().run(requestTo(`${server.url}/hook?key=secret`), signal)
    expect(outcome).toEqual({ type: 'error', error: expect.stringContaining(said) })
    expect(outcome.type === 'error' && outcome.error).not.toContain('secret')
  })

  it.each<[string, FakeReply]>([
    ['to begin', { delayMs: 60_000, steps: [] }],
    ['to end', { steps: ['{', 'silence'] }],
  ])('resolves with an error when the server takes too long %s', async (_name, reply) => {
    server.script(reply)
    expect(await runner().run(requestTo(`${server.url}/hook`, { timeoutSeconds: 0.1 }), signal)).toEqual({
      type: 'error',
      error: `${server.url}/hook did not answer within 0.1 s (server.timeoutSeconds)`,
    })
    await server.requests[0].abandoned
  })

  it('resolves with an error when nothing listens, the address is none, or there is no server', async () => {
    await server.close()
    expect(await runner().run(requestTo(server.url), signal)).toEqual({
      type: 'error',
      error: `nothing answers at ${server.url}`,
    })
    expect(await runner().run(requestTo('<your-url>'), signal)).toMatchObject({
      error: expect.stringContaining('<your-url>'),
    })
    expect(await runner().run({ ...requestTo(''), server: null }, signal)).toMatchObject({
      error: expect.stringContaining('"book" has no server'),
    })
    server = await startFakeOpenAi()
  })

  it('rejects when it is aborted, and lets go of the connection', async () => {
    server.script({ delayMs: 60_000, steps: [] })
    const controller = new AbortController()
    const running = runner().run(requestTo(server.url), controller.signal)
    await server.request(0)
    controller.abort()
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
    await server.requests[0].abandoned
  })

  it('runs two tools at once', async () => {
    server.answerWith(({ json }) => {
      const { message } = json as { message: { toolCallList: { id: string }[] } }
      return {
        ...jsonReply({
          results: [{ toolCallId: message.toolCallList[0].id, result: message.toolCallList[0].id }],
        }),
      }
    })
    const calls = ['a', 'b'].map(id => ({
      ...requestTo(server.url),
      call: { id, name: 'book', arguments: {} },
    }))
    expect(await Promise.all(calls.map(request => runner().run(request, signal)))).toEqual([
      { type: 'result', result: 'a' },
      { type: 'result', result: 'b' },
    ])
  })
})
