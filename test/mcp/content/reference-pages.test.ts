import { describe, expect, it } from 'vitest'
import { fromOpenApi } from '../../../src/mcp/content/api-description.ts'
import { referencePages } from '../../../src/mcp/content/reference-pages.ts'

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const json = (schema: unknown) => ({ content: { 'application/json': { schema } } })
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }
const one = (tag: string, rest: object = {}) => ({ tags: [tag], parameters: [id], ...rest })

const description = fromOpenApi({
  openapi: '3.0.0',
  paths: {
    '/assistant': {
      post: {
        operationId: 'AssistantController_create',
        summary: 'Create Assistant',
        tags: ['Assistants'],
        requestBody: json(reference('CreateAssistantDTO')),
        responses: { 201: json(reference('Assistant')) },
      },
      get: {
        operationId: 'AssistantController_findAll',
        tags: ['Assistants'],
        responses: { 200: json({ type: 'array', items: reference('Assistant') }) },
      },
    },
    '/assistant/{id}': {
      get: one('Assistants', { operationId: 'AssistantController_findOne' }),
      patch: one('Assistants', {
        operationId: 'AssistantController_update',
        requestBody: json(reference('CreateAssistantDTO')),
      }),
      delete: one('Assistants'),
    },
    '/phone-number': {
      get: {
        tags: ['Phone Numbers'],
        responses: { 200: json({ type: 'array', items: { type: 'object' } }) },
      },
      post: { requestBody: json({ oneOf: [reference('Ours'), reference('Twilio')] }) },
    },
    '/call': { post: { requestBody: json(reference('CreateCallDTO')) }, get: { responses: {} } },
    '/call/export': { get: {} },
    '/call/{id}': { get: one('Calls') },
    '/call/{id}/call-logs': { get: one('Calls') },
    '/file': {
      post: {
        requestBody: { content: { 'multipart/form-data': { schema: reference('Upload') } } },
      },
    },
    '/v2/campaign': { get: {} },
  },
  components: {
    schemas: {
      CreateAssistantDTO: {
        type: 'object',
        properties: {
          name: { type: 'string', maxLength: 40, description: 'What it is called.' },
          firstMessage: { type: 'string' },
          startSpeakingPlan: {
            allOf: [reference('StartSpeakingPlan')],
            description: 'When it speaks. In detail.',
          },
          server: reference('Server'),
        },
      },
      Assistant: { type: 'object', properties: { id: { type: 'string' } } },
      StartSpeakingPlan: {
        type: 'object',
        description: 'When the assistant begins.',
        properties: {
          waitSeconds: {
            type: 'number',
            minimum: 0,
            maximum: 5,
            default: 0.4,
            description: 'How long it waits.\n\nMore of it.',
          },
          inner: { type: 'object', properties: { deep: { type: 'string', enum: ['x', 'y'] } } },
        },
      },
      Server: { type: 'object', required: ['url'], properties: { url: { type: 'string' } } },
      CreateCallDTO: {
        type: 'object',
        required: ['reason'],
        properties: {
          reason: { type: 'string', description: "The caller's reason." },
          assistant: reference('CreateAssistantDTO'),
          customers: { type: 'array', items: reference('Customer') },
        },
      },
      Customer: { type: 'object', properties: { number: { type: 'string' } } },
      Ours: {
        type: 'object',
        required: ['provider'],
        properties: {
          provider: { type: 'string', enum: ['vapi'] },
          name: { type: 'string' },
          sip: { type: 'string' },
        },
      },
      Twilio: {
        type: 'object',
        required: ['provider'],
        properties: {
          provider: { type: 'string', enum: ['twilio'] },
          name: { type: 'string' },
          sid: { type: 'string' },
        },
      },
      Upload: {
        type: 'object',
        required: ['file'],
        properties: { file: { type: 'string', format: 'binary' } },
      },
    },
  },
})
const pages = referencePages(description)
const pageOf = (name: string) => {
  const page = pages.find(other => other.id === name)
  if (page === undefined) throw new Error(`${name} is not among ${pages.map(other => other.id).join(' ')}`)
  return page
}

describe('the page of an operation', () => {
  it('is found by what people call it', () => {
    expect(pageOf('api/post-assistant')).toMatchObject({
      title: 'POST /assistant – Create Assistant',
      category: 'api',
      source: 'reference',
      url: null,
      keywords: expect.arrayContaining(['AssistantController_create', 'client.assistants.create']),
    })
    expect(pageOf('api/get-phone-number').title).toBe('GET /phone-number – List phone numbers')
    expect(pageOf('api/get-call-id-call-logs').title).toBe('GET /call/{id}/call-logs – Download call logs')
  })

  it('lists the fields of the body, and those within them by their paths', () => {
    const { text } = pageOf('api/post-assistant')
    expect(text).toContain('- `name` (string, up to 40 characters): What it is called.')
    expect(text).toContain(
      '- `startSpeakingPlan` ([StartSpeakingPlan](api/types/StartSpeakingPlan)): When it speaks.\n',
    )
    expect(text).toContain('### startSpeakingPlan\n')
    expect(text).toContain(
      '- `startSpeakingPlan.waitSeconds` (number, 0 to 5, default 0.4): How long it waits.\n',
    )
    expect(text).toContain('  - `startSpeakingPlan.inner.deep` (`"x"` | `"y"`)')
    expect(text).toContain('- `server.url` (string, **required**)')
    expect(text).toContain('## Response\n\n[Assistant](api/types/Assistant)')
  })

  it('names the fields of another body, and those of the things in a list', () => {
    const { text } = pageOf('api/post-call')
    expect(text).toContain('As the body of [POST /assistant](api/post-assistant): `assistant.name`')
    expect(text).toContain('- `customers[].number` (string)')
  })

  it('tells the kinds of a union apart', () => {
    const { text } = pageOf('api/post-phone-number')
    expect(text).toContain(
      'One of, by `provider`: `"vapi"` [Ours](api/types/Ours), `"twilio"` [Twilio](api/types/Twilio).',
    )
    expect(text).toContain('- `name` (string)')
    expect(text).toMatch(/### provider "twilio"\n\n- `sid` \(string\)/)
  })

  it('has a curl command with a body that is JSON, quoted for the shell', () => {
    expect(bodyIn(pageOf('api/post-assistant').text)).toMatchObject({ name: expect.any(String) })
    expect(bodyIn(pageOf('api/post-call').text)).toEqual({ reason: 'some reason' })
    expect(bodyIn(pageOf('api/post-phone-number').text)).toMatchObject({ provider: 'vapi' })
    expect(pageOf('api/post-file').text).toContain("-F 'file=@")
    expect(pageOf('api/get-call-id').text).not.toContain('{id} ')
  })
})

describe('an example', () => {
  it('ends, however much a body requires', () => {
    const names = Array.from({ length: 60 }, (_, number) => `f${number}`)
    const Wide = {
      type: 'object',
      required: names,
      properties: Object.fromEntries(names.map(name => [name, reference('Wide')])),
    }
    const [page] = referencePages(
      fromOpenApi({
        openapi: '3.0.0',
        paths: { '/wide': { post: { requestBody: json(reference('Wide')) } } },
        components: { schemas: { Wide } },
      }),
    )
    expect(bodyIn(page?.text ?? '')).toHaveProperty('f0')
    expect(page?.text.length).toBeLessThan(200_000)
  })
})

describe('the page of a type', () => {
  it('has its whole text, where it is used and each field', () => {
    const page = pageOf('api/types/StartSpeakingPlan')
    expect(page).toMatchObject({
      title: 'StartSpeakingPlan',
      description: 'When the assistant begins.',
      keywords: ['startSpeakingPlan'],
    })
    expect(page.text).toContain(
      'Used as `startSpeakingPlan` of [CreateAssistantDTO](api/types/CreateAssistantDTO).',
    )
    expect(page.text).toContain(
      '- `waitSeconds` (number, 0 to 5, default 0.4): How long it waits.\n\n  More of it.',
    )
  })
})

describe('the call of the SDK on the page of an operation', () => {
  it('has the fields of the path and the body next to each other', () => {
    expect(pageOf('api/get-assistant').text).toContain('```typescript\nawait client.assistants.list()\n```')
    expect(pageOf('api/patch-assistant-id').text).toMatch(
      /```typescript\nawait client\.assistants\.update\(\{\n {2}id: "[0-9a-f-]{36}",\n {2}firstMessage: "/,
    )
  })
})

/** The body of the curl command of a page, as a shell would read it. */
function bodyIn(text: string): unknown {
  const quoted = /-d '([\s\S]*)'\n```/.exec(text)?.[1] ?? ''
  return JSON.parse(quoted.replaceAll(`'\\''`, "'"))
}
