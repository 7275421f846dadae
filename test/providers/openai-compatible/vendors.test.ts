import OpenAI, { AzureOpenAI } from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelMessage, ModelRequest } from '../../../src/engine/ports/language-model.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { resolveModelAccess } from '../../../src/providers/models/vendor.ts'
import {
  createOpenAiModel,
  type OpenAiModelSettings,
} from '../../../src/providers/openai-compatible/model.ts'
import { findOpenAiProvider, OPENAI_PROVIDERS } from '../../../src/providers/openai-compatible/providers.ts'
import {
  type FakeOpenAi,
  jsonReply,
  startFakeOpenAi,
  streamReply,
  toolCallReply,
} from '../../support/fake-openai.ts'
import { mannerOf, refusalOf, type Sent } from '../../support/providers/chat-vendors.ts'

const KEY = 'sk-vendor-1'
const said = ['Grüße, ', 'nine ', 'is free.']

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

/** The server behaves as that vendor's. */
function behaveAs(id: string): void {
  server.answerWith(request =>
    request.method === 'GET' ? jsonReply({ data: [] }) : (refusalOf(id, request, KEY) ?? mannerOf(id, said)),
  )
}

function modelOf(id: string, settings: OpenAiModelSettings = {}, model = 'model-1') {
  const provider = findOpenAiProvider(id)
  if (provider === undefined) throw new Error(`no provider ${id}`)
  return createOpenAiModel({ provider, model, baseUrl: server.baseUrl, key: KEY, http, settings })
}

async function ask(model: ReturnType<typeof modelOf>, request: Partial<ModelRequest> = {}) {
  let text = ''
  const calls = []
  let usage: unknown = null
  const whole = { messages: [{ role: 'user' as const, content: 'Hi' }], tools: [], ...request }
  for await (const piece of model.respond(whole, new AbortController().signal, counted => {
    usage = counted
  })) {
    if (piece.type === 'text') text += piece.text
    else calls.push(piece.call)
  }
  return { text, calls, usage, sent: server.requests.at(-1)?.json as Sent }
}

/** All that a call's history may hold: the assistant first, two of one side, instructions in the middle, a tool. */
const history: ModelMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'assistant', content: 'Hello.' },
  { role: 'user', content: 'Book' },
  { role: 'user', content: 'it.' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'call_abc-123', type: 'function', function: { name: 'book', arguments: '{}' } }],
  },
  { role: 'tool', content: 'booked', tool_call_id: 'call_abc-123' },
  { role: 'user', content: 'And?' },
  { role: 'system', content: 'Say goodbye.' },
]

describe.each(OPENAI_PROVIDERS.map(({ id }) => id))('%s', id => {
  it('is understood in its own manner, by us as by OpenAI’s client', async () => {
    behaveAs(id)
    const { text, usage } = await ask(modelOf(id))
    expect(text).toBe(said.join(''))
    expect(usage).toMatchObject({ promptTokens: 11, completionTokens: 5 })

    const client =
      id === 'azure-openai'
        ? new AzureOpenAI({ apiKey: KEY, baseURL: server.baseUrl, apiVersion: 'v1' })
        : new OpenAI({ apiKey: KEY, baseURL: server.baseUrl, maxRetries: 0 })
    const stream = await client.chat.completions.create({
      model: 'model-1',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    })
    let heard = ''
    for await (const chunk of stream) {
      const content: unknown = chunk.choices[0]?.delta.content
      heard += Array.isArray(content) ? content.map(part => part.text ?? '').join('') : (content ?? '')
    }
    expect(heard.replace(/<think>.*<\/think>\s*/s, '')).toBe(said.join(''))
  })

  it('takes the history of a call as we send it', async () => {
    behaveAs(id)
    expect((await ask(modelOf(id, { temperature: 2 }), { messages: history })).text).toBe(said.join(''))
  })

  it('tells by a cheap request whether a key is taken', async () => {
    behaveAs(id)
    const provider = findOpenAiProvider(id)
    const request = provider?.keyTest?.({ baseUrl: server.baseUrl, key: KEY })
    if (request === undefined) throw new Error('it has none')
    const reply = await http.request(request)
    expect(reply.status).toBe(200)
    reply.discard()
    const { headers } = server.requests[0] ?? {}
    expect(id === 'azure-openai' ? headers?.['api-key'] : headers?.authorization).toContain(KEY)
  })
})

describe('what single vendors want', () => {
  it('is ids of nine letters and digits for Mistral: the same ones for a call and its result, and its own stay', async () => {
    behaveAs('mistral')
    const { sent } = await ask(modelOf('mistral'), { messages: history })
    const [call] = sent.messages.flatMap(({ tool_calls = [] }) => tool_calls)
    const [result] = sent.messages.flatMap(({ tool_call_id }) => tool_call_id ?? [])
    expect(call?.id).toMatch(/^[a-z0-9]{9}$/)
    expect(result).toBe(call?.id)
    const own = JSON.parse(JSON.stringify(history).replaceAll('call_abc-123', 'Ab3dE6gH9')) as ModelMessage[]
    expect(JSON.stringify((await ask(modelOf('mistral'), { messages: own })).sent)).toContain('"Ab3dE6gH9"')
  })

  it('is what it thought back from DeepSeek with a tool call, and nothing as long as it has not thought', async () => {
    server.script(
      streamReply(
        [
          { reasoning_content: 'I should ' },
          { reasoning_content: 'book.' },
          { tool_calls: [{ index: 0, id: 'call_9', function: { name: 'book', arguments: '{}' } }] },
        ],
        { finishReason: 'tool_calls' },
      ),
    )
    behaveAs('deep-seek')
    const model = modelOf('deep-seek')
    const first = await ask(model, { messages: history })
    expect(first.sent.messages.some(message => 'reasoning_content' in message)).toBe(false)
    const messages: ModelMessage[] = [
      ...history,
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_9', type: 'function', function: { name: 'book', arguments: '{}' } }],
      },
      { role: 'tool', content: 'done', tool_call_id: 'call_9' },
    ]
    const { sent, text } = await ask(model, { messages })
    expect(text).toBe(said.join(''))
    expect(sent.messages.flatMap(({ reasoning_content }) => reasoning_content ?? [])).toEqual([
      '',
      'I should book.',
    ])
  })

  it('are DeepSeek’s cached tokens under their own name', async () => {
    behaveAs('deep-seek')
    expect((await ask(modelOf('deep-seek'))).usage).toMatchObject({ cachedPromptTokens: 8 })
  })

  it.each([
    [
      'strip-unsupported-validation' as const,
      { name: { type: 'string' }, format: { type: 'number' } },
      ['name', 'format'],
    ],
    ['strip-parameters-with-unsupported-validation' as const, { format: { type: 'number' } }, ['format']],
  ])(
    'are strict tools without checks for OpenAI: %s',
    async (toolStrictCompatibilityMode, properties, required) => {
      behaveAs('openai')
      const parameters = {
        type: 'object',
        properties: { name: { type: 'string', maxLength: 3 }, format: { type: 'number' } },
        required: ['name', 'format'],
        additionalProperties: false,
      }
      const tool = { type: 'function' as const, function: { name: 'book', parameters } }
      const strict = { ...tool, function: { ...tool.function, strict: true } }
      const { sent } = await ask(modelOf('openai', { toolStrictCompatibilityMode }), {
        tools: [strict, tool],
      })
      expect(sent.tools?.[0]?.function.parameters).toEqual({ ...parameters, properties, required })
      expect(sent.tools?.[1]?.function.parameters).toEqual(parameters)
    },
  )

  it.each([
    ['gpt-5', { reasoning_effort: 'low', prompt_cache_key: 'k', prompt_cache_retention: '24h' }],
    ['gpt-4.1', { prompt_cache_key: 'k', prompt_cache_retention: '24h' }],
    ['gpt-3.5-turbo', {}],
  ])('are the settings that the model takes: %s', async (model, expected) => {
    behaveAs('openai')
    const settings = { reasoningEffort: 'low', promptCacheKey: 'k', promptCacheRetention: '24h' }
    const { sent } = await ask(modelOf('openai', settings, model))
    const names = ['reasoning_effort', 'prompt_cache_key', 'prompt_cache_retention']
    expect(Object.fromEntries(Object.entries(sent).filter(([name]) => names.includes(name)))).toEqual(
      expected,
    )
  })

  it.each([
    ['openai', 'gpt-4o-2024-08-06:westus', 'gpt-4o-2024-08-06'],
    ['openai', 'ft:gpt-4o:org::id', 'ft:gpt-4o:org::id'],
    ['ollama', 'llama3.2:3b', 'llama3.2:3b'],
  ])('is a name without a region of the hosted platform: %s/%s', async (id, model, sentName) => {
    behaveAs(id)
    expect((await ask(modelOf(id, {}, model))).sent.model).toBe(sentName)
  })

  it('is the nearest temperature that it takes', async () => {
    behaveAs('minimax')
    expect((await ask(modelOf('minimax', { temperature: 0 }))).sent.temperature).toBe(0.01)
    expect((await ask(modelOf('minimax', { temperature: 1.7 }))).sent.temperature).toBe(1)
  })

  it('is the deployment in the address of Azure, where an API version with a date is set', async () => {
    const azure = findOpenAiProvider('azure-openai')
    if (azure === undefined) throw new Error('azure-openai is missing')
    const access = resolveModelAccess(azure, {
      AZURE_OPENAI_ENDPOINT: `${server.url}/`,
      AZURE_OPENAI_API_KEY: KEY,
      AZURE_OPENAI_API_VERSION: '2024-10-21',
    })
    behaveAs('azure-openai')
    await ask(createOpenAiModel({ provider: azure, model: 'my gpt', ...access, http }))
    expect(server.requests[0]?.path).toBe(
      '/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21',
    )
    // As the vendor's own client asks.
    const client = new AzureOpenAI({
      apiKey: KEY,
      endpoint: server.url,
      deployment: 'my gpt',
      apiVersion: '2024-10-21',
    })
    await client.chat.completions
      .create({ model: 'x', messages: [{ role: 'user', content: 'Hi' }], stream: true })
      .then(stream => stream.controller.abort())
    expect(decodeURI(server.requests[1]?.path ?? '')).toBe(decodeURI(server.requests[0]?.path ?? ''))
  })

  it('is a token for each request, got as the credential says', async () => {
    const provider = findOpenAiProvider('custom-llm')
    if (provider === undefined) throw new Error('custom-llm is missing')
    const model = createOpenAiModel({
      provider,
      model: 'm',
      baseUrl: server.baseUrl,
      key: null,
      http,
      authorize: async () => 'Bearer token-1',
    })
    await ask(model)
    expect(server.requests[0]?.headers.authorization).toBe('Bearer token-1')
  })
})

it('tool calls of every vendor come out the same', async () => {
  for (const { id } of OPENAI_PROVIDERS) {
    server.script(toolCallReply([{ id: 'call_1', name: 'book', arguments: { day: 1 } }]))
    expect((await ask(modelOf(id))).calls).toEqual([{ id: 'call_1', name: 'book', arguments: { day: 1 } }])
  }
})
