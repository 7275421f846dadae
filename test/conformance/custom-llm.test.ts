import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compileAssistant } from '../../src/assistant/compile.ts'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { selectModels } from '../../src/call/live/parts/models.ts'
import { createHttpClient } from '../../src/net/http.ts'
import { type FakeOpenAi, startFakeOpenAi, textReply } from '../support/fake-openai.ts'

let server: FakeOpenAi
beforeEach(async () => {
  server = await startFakeOpenAi()
  server.answerWith(() => textReply(['Hello']))
})
afterEach(() => server.close())

const customer = { number: '+14155550100' }
const phoneNumber = { id: 'number-1' }
const call = { id: 'call-1', customer, phoneNumber }
const metadata = { plan: 'gold', seat: 7 }

/** Asks an assistant's custom LLM once; what its server got. */
async function ask(model: object, url = server.baseUrl) {
  const configuration = { metadata, model: { provider: 'custom-llm', model: 'mine', url, ...model } }
  const compiled = await compileAssistant(parseAssistant(configuration, 'test'), {
    semantics: 'documentation',
    variables: {},
    epochMs: 0,
  })
  const [first] = selectModels(compiled, createHttpClient({}), {}, () => call)
  if (first === undefined) throw new Error('there is no model')
  const messages = [{ role: 'user' as const, content: 'Hi' }]
  const texts: string[] = []
  for await (const piece of first.respond({ messages, tools: [] }, new AbortController().signal))
    if (piece.type === 'text') texts.push(piece.text)
  const [request] = server.requests
  if (request === undefined) throw new Error('nobody was asked')
  return { text: texts.join(''), request, body: request.json as Record<string, unknown> }
}

describe('a custom LLM', () => {
  it.each(['', '/chat/completions'])(
    '[api-custom-llm] is asked at its url%s as an OpenAI-compatible model',
    async suffix => {
      const { text, request, body } = await ask({ temperature: 0.3 }, `${server.baseUrl}${suffix}`)
      expect(text).toBe('Hello')
      expect(request).toMatchObject({ method: 'POST', path: '/v1/chat/completions' })
      expect(body).toMatchObject({
        model: 'mine',
        messages: [{ role: 'user', content: 'Hi' }],
        temperature: 0.3,
        max_tokens: 250,
        stream: true,
      })
    },
  )

  it.each([
    ['not set', {}, { metadata, call, customer, phoneNumber }],
    ['variable', { metadataSendMode: 'variable' }, { metadata, call, customer, phoneNumber }],
    ['destructured', { metadataSendMode: 'destructured' }, { ...metadata, call, customer, phoneNumber }],
    ['off', { metadataSendMode: 'off' }, {}],
  ])('[api-custom-llm] gets the metadata as configured: %s', async (_mode, model, more) => {
    const { body } = await ask(model)
    const own = ['model', 'messages', 'temperature', 'max_tokens', 'stream', 'stream_options', 'tools']
    const extra = Object.fromEntries(Object.entries(body).filter(([key]) => !own.includes(key)))
    expect(extra).toEqual(more)
  })

  it('[api-custom-llm] gets the configured headers, but for the key’s', async () => {
    const { request } = await ask({ headers: { 'x-tenant': 'a', Authorization: 'Bearer stolen' } })
    expect(request.headers['x-tenant']).toBe('a')
    expect(request.headers.authorization).toBeUndefined()
  })

  it('[api-custom-llm] fails when its first token is later than timeoutSeconds', async () => {
    server.answerWith(() => ({ delayMs: 5000, steps: [] }))
    await expect(ask({ timeoutSeconds: 0.1 })).rejects.toMatchObject({
      code: 'model-timeout',
      endedReason: 'call.in-progress.error-providerfault-custom-llm-llm-failed',
    })
  })
})
