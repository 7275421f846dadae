import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { jsonSchemaOf, type Schema } from './openapi/document.ts'
import { exampleOf } from './openapi/example.ts'
import { independentValidator } from './openapi/independent-validator.ts'
import { formOf, id, refusals, type Sent } from './openapi/refusals.ts'
import { contentOf } from './openapi/storage.ts'
import { createStrictCheck } from './openapi/strict-schema.ts'
import {
  documentAbsent,
  loadOpenApiDocument,
  type OpenApiMock,
  pathsOutsideDocument,
  type RecordedRequest,
  startOpenApiMock,
} from './openapi-mock.ts'

const document = loadOpenApiDocument()
const title = 'a mock of the API by its document'

describe.skipIf(document === false)(document ? title : `${title} (skipped: ${documentAbsent})`, () => {
  if (document === false) return
  let mock: OpenApiMock
  let startMs: number

  beforeAll(async () => {
    const begin = performance.now()
    mock = await startOpenApiMock({
      document,
      extraPaths: pathsOutsideDocument,
      overrides: [
        {
          method: 'GET',
          path: '/squad/{id}',
          reply: request => ({ status: 200, body: { id: request.params.id, name: 'mine', unheardOf: 1 } }),
        },
        { method: 'GET', path: '/tool', reply: () => ({ status: 429, headers: { 'retry-after': '1' } }) },
        {
          method: 'POST',
          path: '/eval/run',
          reply: () => ({ status: 200, headers: { 'content-type': 'text/event-stream' }, body: pieces() }),
        },
      ],
    })
    startMs = performance.now() - begin
  })
  afterAll(() => mock.close())
  beforeEach(() => {
    mock.requests.length = 0
    mock.violations.length = 0
    mock.storage.requests.length = 0
  })

  async function send(method: string, path: string, { body, form, headers, key = 'test-key' }: Sent = {}) {
    const response = await fetch(`${mock.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: form ?? (body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)),
    })
    const text = await response.text()
    const json = response.headers.get('content-type')?.startsWith('application/json') === true
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text }
  }

  it('starts in less than 1.5 seconds', () => {
    expect(startMs).toBeLessThan(1500)
  })

  it('takes a valid request to every operation and answers with what the document declares', async () => {
    const validate = independentValidator(document)
    let answered = 0
    for (const [template, operations] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        if (['/squad/{id}', '/tool', '/eval/run'].includes(template)) continue
        const path = template
          .replace('{provider}', '11labs')
          .replace('{resourceName}', 'pronunciation-dictionary')
          .replace(/\{\w+\}/g, id)
        const requestSchema = jsonSchemaOf(operation.requestBody?.content)
        const label = `${method} ${template}`
        const body = requestSchema && exampleOf(document, requestSchema, { label, optional: 'simple' })
        const upload = operation.requestBody?.content['multipart/form-data'] !== undefined
        const query = template.endsWith('/generate') && template.includes('{itemId}') ? '?force=true' : ''
        const reply = await send(method.toUpperCase(), `${path}${query}`, {
          ...(upload
            ? { form: formOf({ file: new File(['words'], 'words.txt') }) }
            : { body: streamless(body) }),
          headers: template.startsWith('/provider') ? { 'content-type': 'application/json' } : {},
        })
        expect(mock.violations, label).toEqual([])
        expect(Object.keys(operation.responses), label).toContain(String(reply.status))
        const schema = jsonSchemaOf(operation.responses[String(reply.status)]?.content)
        if (schema !== undefined) expect(validate(schema, reply.body), label).toEqual([])
        answered++
      }
    }
    expect(answered).toBeGreaterThan(100)
  })

  it('can check every component and every branch of a choice', () => {
    const check = createStrictCheck(document)
    const faults: string[] = []
    let checked = 0
    const tryOne = (label: string, schema: Schema) => {
      checked++
      for (const { message } of check(schema, exampleOf(document, schema, { label, optional: 'simple' })))
        faults.push(`${label}: ${message}`)
    }
    const seen = new Set<string>()
    const walk = (value: unknown, label: string) => {
      if (typeof value !== 'object' || value === null) return
      if ('oneOf' in value && Array.isArray(value.oneOf)) {
        for (const branch of value.oneOf as Schema[]) {
          const key = JSON.stringify(branch)
          if (!seen.has(key))
            tryOne(`${label}: ${key.slice(0, 60)}`, { ...value, oneOf: [branch, ...value.oneOf] })
          seen.add(key)
        }
      }
      for (const [name, inner] of Object.entries(value)) walk(inner, `${label}/${name}`)
    }
    for (const [name, component] of Object.entries(document.components?.schemas ?? {})) {
      // Two that no operation uses have the name of a pattern in place of one.
      if (JSON.stringify(component).includes('ORG_ROLE_OR_CUSTOM_ROLE_PATTERN')) continue
      tryOne(name, { $ref: `#/components/schemas/${name}` })
      walk(component, name)
    }
    expect(faults).toEqual([])
    expect(checked).toBeGreaterThan(1000)
  })

  it.each(refusals)('refuses and records %s', async (_, method, path, sent, message) => {
    const reply = await send(method, path, sent)
    expect(reply.status).toBe(400)
    expect(reply.body).toEqual({ message: [message], error: 'Bad Request', statusCode: 400 })
    expect(mock.violations).toEqual([`${method} ${path.split('?')[0]}: ${message}`])
    expect(mock.requests[0]?.violations).toEqual(mock.violations)
  })

  it('refuses JSON that cannot be read', async () => {
    expect(await send('POST', '/assistant', { body: '{"name":' })).toMatchObject({ status: 400 })
    expect(mock.violations).toEqual([expect.stringMatching(/^POST \/assistant: the body cannot be read/)])
  })

  it('says every fault of a request', async () => {
    const { body } = await send('POST', '/call?dry=1', { body: { name: 5, metadata: {} } })
    expect(body.message).toEqual([
      'property dry should not exist',
      'property metadata should not exist',
      'name must be a string',
    ])
  })

  it('refuses a request without a key', async () => {
    const reply = await send('GET', '/assistant', { key: null })
    expect(reply.status).toBe(401)
    expect(reply.body).toMatchObject({ error: 'Unauthorized', statusCode: 401 })
    expect(mock.violations).toHaveLength(1)
  })

  it.each([
    ['GET', '/assistants'],
    ['PUT', `/assistant/${id}`],
    ['GET', '/'],
  ])('does not know %s %s', async (method, path) => {
    const reply = await send(method, path)
    expect(reply.status).toBe(404)
    expect(reply.body).toEqual({ message: `Cannot ${method} ${path}`, error: 'Not Found', statusCode: 404 })
    expect(mock.violations).toEqual([`${method} ${path}: the document has no such operation`])
  })

  it('prefers a literal segment to a parameter', async () => {
    await send('GET', '/eval/run')
    await send('GET', `/eval/${id}`)
    await send('GET', '/reporting/board/default/metrics-overview')
    expect(mock.requests.map(({ operation }) => operation)).toEqual([
      'GET /eval/run',
      'GET /eval/{id}',
      'GET /reporting/board/default/metrics-overview',
    ])
    expect(mock.violations).toEqual([])
  })

  it('takes what the document is known to be wrong about', async () => {
    await send('GET', '/file')
    await send('GET', '/chat?cursor=abc')
    await send('DELETE', `/call/${id}`)
    await send('PATCH', `/phone-number/${id}`, {
      body: { provider: 'vapi', assistantId: null, squadId: null },
    })
    await send('POST', '/assistant', {
      body: {
        serverMessages: ['end-of-call-report'],
        voice: { provider: 'neuphonic', voiceId: 'any', language: { code: 'en' }, model: 'neu_fast' },
        server: {
          url: 'https://example.com',
          backoffPlan: { type: 'fixed', maxRetries: 1, baseDelaySeconds: 1, excludedStatusCodes: [400] },
        },
      },
    })
    expect(mock.violations).toEqual([])
  })

  it('gives back what was created or changed, under the id that was named', async () => {
    const created = await send('POST', '/assistant', {
      body: { name: 'Ada', model: { provider: 'openai', model: 'gpt-4o' } },
    })
    expect(created).toMatchObject({ status: 201, body: { name: 'Ada', model: { provider: 'openai' } } })
    const tool = await send('POST', '/tool', { body: { type: 'endCall' } })
    expect(tool.body).toMatchObject({ type: 'endCall', id: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect((await send('PATCH', `/assistant/${id}`, { body: { name: 'Bo' } })).body).toMatchObject({
      id,
      name: 'Bo',
    })
    expect((await send('GET', `/call/${id}`)).body.id).toBe(id)
    expect((await send('DELETE', `/chat/${id}`)).body.id).toBe(id)
  })

  it('gives lists in their declared shape, filtered by time, limited and in pages', async () => {
    const all = (await send('GET', '/call')).body
    expect(all).toHaveLength(3)
    expect(new Set(all.map((call: { id: string }) => call.id)).size).toBe(3)
    expect((await send('GET', '/call?limit=2')).body).toEqual(all.slice(0, 2))
    expect((await send('GET', `/call?createdAtLt=${all[1].createdAt}`)).body).toEqual(all.slice(2))
    expect((await send('GET', '/eval/simulation?limit=2&page=2')).body).toHaveLength(1)
    const page = (await send('GET', '/chat?limit=2&page=2')).body
    expect(page.results).toHaveLength(1)
    expect(page.metadata).toMatchObject({ totalItems: 3, currentPage: 2, totalPages: 2, hasNextPage: false })
    expect((await send('GET', `/call?assistantId=${id}`)).body[0].assistantId).toBe(id)
    expect((await send('GET', '/eval/simulation/run')).body).toHaveLength(3)
    expect((await send('GET', '/eval/simulation/run?page=1')).body.results).toHaveLength(3)
  })

  it('streams chats', async () => {
    const chat = await send('POST', '/chat', { body: { input: 'Hi', assistantId: id, stream: true } })
    expect(chat.headers.get('content-type')).toBe('text/event-stream')
    expect(eventsOf(chat.body).map(event => event.delta)).toEqual(['Hello', ' from', ' the mock'])
    const responses = await send('POST', '/chat/responses', { body: { input: 'Hi', assistantId: id } })
    expect(eventsOf(responses.body).map(event => event.type)).toContain('response.completed')
    const whole = await send('POST', '/chat/responses', {
      body: { input: 'Hi', assistantId: id, stream: false },
    })
    expect(whole.body).toMatchObject({ object: 'response' })
    expect(mock.violations).toEqual([])
  })

  it('redirects downloads to another host and records a key that goes along', async () => {
    const { status, headers } = await send('GET', `/call/${id}/stereo-recording`)
    expect(status).toBe(302)
    const location = headers.get('location') ?? ''
    expect(new URL(location).hostname).not.toBe(new URL(mock.url).hostname)
    const file = Buffer.from(await (await fetch(location)).arrayBuffer())
    expect(file.equals(contentOf('stereo-recording').bytes)).toBe(true)
    const rest = await fetch(location, { headers: { range: 'bytes=40-' } })
    expect(rest.status).toBe(206)
    expect((await rest.arrayBuffer()).byteLength).toBe(file.length - 40)
    expect(mock.violations).toEqual([])
    await fetch(location, { headers: { authorization: 'Bearer test-key' } })
    expect(mock.violations).toEqual([
      `GET /call/${id}/stereo-recording: the key was sent along to the storage host`,
    ])
    expect(mock.storage.requests.map(({ authorization }) => authorization)).toEqual([
      undefined,
      undefined,
      'Bearer test-key',
    ])
  })

  it('answers with what a test puts in place', async () => {
    expect((await send('GET', `/squad/${id}`)).body).toEqual({ id, name: 'mine', unheardOf: 1 })
    expect((await send('GET', '/tool')).headers.get('retry-after')).toBe('1')
    const target = { type: 'assistant', assistantId: id }
    const run = await send('POST', '/eval/run', { body: { type: 'eval', evalId: id, target } })
    expect(run.body).toBe('data: 1\n\ndata: 2\n\n')
    expect((await send('GET', '/squad/abc')).status).toBe(400)
  })

  it('records requests to paths outside the document without checking them', async () => {
    const sent = { name: 'x', nodes: [], edges: [] }
    const { status, body } = await send('POST', '/workflow', { body: sent })
    expect({ status, body }).toMatchObject({ status: 201, body: sent })
    expect((await send('GET', `/workflow/${id}`)).body.id).toBe(id)
    expect((await send('GET', '/credential')).body).toEqual([])
    expect((await send('GET', '/logs?type=API')).body).toMatchObject({ results: [] })
    const [request] = mock.requests as [RecordedRequest]
    expect(request).toMatchObject({ method: 'POST', path: '/workflow', operation: undefined, body: sent })
    expect(mock.violations).toEqual([])
  })
})

async function* pieces(): AsyncGenerator<string> {
  yield 'data: 1\n\n'
  yield 'data: 2\n\n'
}

function streamless(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'stream' in body ? { ...body, stream: false } : body
}

function eventsOf(text: unknown): Record<string, unknown>[] {
  return String(text)
    .split('\n\n')
    .filter(Boolean)
    .map(event => JSON.parse(event.replace(/^data: /, '')))
}
