import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VapiError } from '../../../src/errors.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { modelEndedReason } from '../../../src/providers/models/model-error.ts'
import { MODELS } from '../../../src/providers/models/table.ts'
import {
  createOpenAiModel,
  type OpenAiModelSettings,
} from '../../../src/providers/openai-compatible/model.ts'
import { findOpenAiProvider } from '../../../src/providers/openai-compatible/providers.ts'
import {
  chunkEvent,
  errorReply,
  eventReply,
  type FakeOpenAi,
  type FakeReply,
  jsonReply,
  rawReply,
  startFakeOpenAi,
  textReply,
} from '../../support/fake-openai.ts'
import { sharedFolder } from '../../support/requires.ts'

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

interface Failure {
  error: VapiError
  /** What was said before. */
  text: string
}

async function failureOf(
  reply: FakeReply | null,
  {
    providerId = 'openai',
    model = 'gpt-4.1',
    baseUrl = server.baseUrl,
    ...settings
  }: OpenAiModelSettings & {
    providerId?: string
    model?: string
    baseUrl?: string
  } = {},
): Promise<Failure> {
  const provider = findOpenAiProvider(providerId)
  if (!provider) throw new Error(`no provider ${providerId}`)
  if (reply) server.script(reply)
  const languageModel = createOpenAiModel({ provider, model, baseUrl, key: 'sk-secret-1', http, settings })
  const request = { messages: [{ role: 'user' as const, content: 'Hi' }], tools: [] }
  let text = ''
  try {
    for await (const piece of languageModel.respond(request, new AbortController().signal))
      if (piece.type === 'text') text += piece.text
  } catch (error) {
    if (error instanceof VapiError) return { error, text }
    throw error
  }
  throw new Error('the answer did not fail')
}

const LLM_FAILED = 'call.in-progress.error-providerfault-openai-llm-failed'

describe('a status', () => {
  it.each([
    [400, 'model-bad-request', 1, false, 'vapifault-openai-400-bad-request-validation-failed'],
    [401, 'model-unauthorized', 4, false, 'vapifault-openai-401-unauthorized'],
    [402, 'model-bad-request', 1, false, 'providerfault-openai-llm-failed'],
    [403, 'model-forbidden', 4, false, 'vapifault-openai-403-model-access-denied'],
    [404, 'model-not-found', 1, false, 'providerfault-openai-llm-failed'],
    [408, 'model-timeout', 1, true, 'providerfault-openai-llm-failed'],
    [422, 'model-bad-request', 1, false, 'providerfault-openai-llm-failed'],
    [429, 'model-rate-limited', 1, true, 'vapifault-openai-429-exceeded-quota'],
    [500, 'model-server-error', 1, true, 'providerfault-openai-500-server-error'],
    [502, 'model-server-error', 1, true, 'providerfault-openai-llm-failed'],
    [503, 'model-server-error', 1, true, 'providerfault-openai-503-server-overloaded-error'],
    [529, 'model-server-error', 1, true, 'providerfault-openai-llm-failed'],
  ])('%i becomes %s, exit %i, retryable %s, %s', async (status, code, exit, retryable, endedReason) => {
    const { error } = await failureOf(errorReply(status, 'it says why'))
    expect(error).toMatchObject({
      code,
      exit,
      retryable,
      status,
      endedReason: `call.in-progress.error-${endedReason}`,
    })
    expect(error.message).toMatch(new RegExp(`^OpenAI answered gpt-4\\.1 with ${status}.*: it says why$`))
  })

  it('names the provider in the reason of the end', async () => {
    const { error } = await failureOf(errorReply(401, 'no'), { providerId: 'deep-seek' })
    expect(error.endedReason).toBe('call.in-progress.error-vapifault-deep-seek-401-unauthorized')
    expect(error.hint).toBe('set DEEPSEEK_API_KEY to a key that DeepSeek accepts')
  })

  it('tells a wrong key and a rate limit of OpenAI from the rest', async () => {
    expect((await failureOf(errorReply(401, 'no', 'invalid_api_key'))).error.endedReason).toBe(
      'call.in-progress.error-vapifault-openai-401-incorrect-api-key',
    )
    expect((await failureOf(errorReply(429, 'slow', 'rate_limit_exceeded'))).error.endedReason).toBe(
      'call.in-progress.error-vapifault-openai-429-rate-limit-reached',
    )
    expect((await failureOf(errorReply(429, 'pay', 'insufficient_quota'))).error.endedReason).toBe(
      'call.in-progress.error-vapifault-openai-429-exceeded-quota',
    )
  })

  it('does not give the key away when the provider repeats it', async () => {
    const { error } = await failureOf(errorReply(401, 'Incorrect API key provided: sk-secret-1.'))
    expect(error.message).toContain('provided: ***.')
  })

  it.each([
    ['{"error": "model is loading"}', 'model is loading'],
    ['{"message": "bad field"}', 'bad field'],
    ['{"detail": "Not Found"}', 'Not Found'],
    ['{"detail": [{"loc": ["body"]}]}', '{"detail":[{"loc":["body"]}]}'],
    ['Bad\n  Gateway', 'Bad Gateway'],
  ])('with the body %s says %s', async (body, said) => {
    const { error } = await failureOf(rawReply(body, 'text/plain', 500))
    expect(error.message).toBe(`OpenAI answered gpt-4.1 with 500 Internal Server Error: ${said}`)
  })

  it('without a body is told alone', async () => {
    const { error } = await failureOf(rawReply('', 'text/plain', 503))
    expect(error.message).toBe('OpenAI answered gpt-4.1 with 503 Service Unavailable')
  })

  it('404 of Ollama says how to fetch the model', async () => {
    const { error } = await failureOf(errorReply(404, 'model "llama3.2" not found'), {
      providerId: 'ollama',
      model: 'llama3.2',
    })
    expect(error.hint).toBe('fetch the model: ollama pull llama3.2')
    expect(error.endedReason).toBe('call.in-progress.error-providerfault-custom-llm-llm-failed')
  })

  it('of a redirect that cannot be followed says where it leads', async () => {
    const moved = { status: 301, headers: { location: 'https://example.com/v1' }, steps: [] }
    expect((await failureOf(moved)).error).toMatchObject({
      code: 'model-moved',
      message: expect.stringContaining('https://example.com/v1'),
    })
  })
})

describe('an answer that is no answer', () => {
  const partial = chunkEvent({ choices: [{ delta: { content: 'Hel' } }] })

  it.each<[string, FakeReply, string]>([
    ['an empty body', rawReply('', 'text/event-stream'), 'answered with an empty body'],
    [
      'HTML',
      rawReply('<!doctype html>\n<title>Sign in</title>', 'text/html'),
      'not a chat completion: <!doctype html> <title>Sign in',
    ],
    ['plain text', rawReply('Hello!', 'text/plain'), 'not a chat completion: Hello!'],
    ['JSON of another kind', jsonReply({ hello: 1 }), 'JSON that is not a chat completion: {"hello":1}'],
    ['broken JSON', rawReply('{"choices": [', 'application/json'), 'broken JSON: {"choices": ['],
    [
      'events that are not JSON',
      eventReply(['data: hello\n\n']),
      'an event that is not a JSON object: hello',
    ],
    ['[DONE] alone', eventReply(['data: [DONE]\n\n']), 'ended its answer before it said anything'],
    [
      'a stream without an end',
      textReply(['Hel'], { done: false, finishReason: null }),
      'ended its answer in the middle',
    ],
    [
      'a token limit that thinking used up',
      textReply([], { finishReason: 'length' }),
      'used up maxTokens before it said anything',
    ],
  ])('is an error: %s', async (_name, reply, said) => {
    const { error } = await failureOf(reply)
    expect(error).toMatchObject({
      code: 'model-garbage',
      endedReason: LLM_FAILED,
      message: expect.stringContaining(said),
    })
    expect(error.message).toMatch(/^OpenAI /)
  })

  it('is an error when the connection breaks, after what was said', async () => {
    const { error, text } = await failureOf(eventReply([partial, 'cut']))
    expect(text).toBe('Hel')
    expect(error).toMatchObject({ code: 'connection-lost', retryable: true, endedReason: LLM_FAILED })
    expect(error.message).toMatch(/^OpenAI failed: .* closed the connection/)
  })

  it('may lack its end when it comes from a server of the user, as the platform allows', async () => {
    server.script(textReply(['Hello'], { done: false, finishReason: null }))
    const provider = findOpenAiProvider('custom-llm')!
    const model = createOpenAiModel({ provider, model: 'm', baseUrl: server.baseUrl, key: null, http })
    const pieces = []
    for await (const piece of model.respond({ messages: [], tools: [] }, new AbortController().signal))
      pieces.push(piece)
    expect(pieces).toEqual([{ type: 'text', text: 'Hello' }])
  })

  it('is an error when an error object comes in the middle, after what was said in the same read', async () => {
    const overloaded = `data: ${JSON.stringify({ error: { message: 'overloaded', code: 503 } })}\n\n`
    const { error, text } = await failureOf(eventReply([partial + overloaded]), { providerId: 'openrouter' })
    expect(text).toBe('Hel')
    expect(error).toMatchObject({
      status: 503,
      retryable: true,
      endedReason: 'call.in-progress.error-providerfault-openrouter-503-server-overloaded-error',
      message: 'OpenRouter answered gpt-4.1 with 503 Service Unavailable: overloaded',
    })
  })

  it('is an error when an error event without a status comes', async () => {
    const { error } = await failureOf(eventReply([partial, 'event: error\ndata: {"message":"boom"}\n\n']))
    expect(error).toMatchObject({
      endedReason: LLM_FAILED,
      message: 'OpenAI answered gpt-4.1 with an error: boom',
    })
  })

  it('is an error when an error object comes with status 200', async () => {
    const { error } = await failureOf(jsonReply({ error: { message: 'no credit', code: 402 } }))
    expect(error).toMatchObject({ status: 402, message: expect.stringContaining('no credit') })
  })
})

describe('waiting', () => {
  it('for the first token has a limit', async () => {
    const { error } = await failureOf({ delayMs: 60_000, steps: [] }, { firstTokenMs: 60 })
    expect(error).toMatchObject({
      code: 'model-timeout',
      message: 'OpenAI sent no token within 0.06 s',
      retryable: true,
      endedReason: LLM_FAILED,
    })
    await server.requests[0].abandoned
  })

  it('is not answered by lines that only keep the connection alive', async () => {
    const comments = Array.from({ length: 300 }, () => [': PROCESSING\n\n', { waitMs: 10 }] as const).flat()
    const { error } = await failureOf(eventReply(comments), { firstTokenMs: 100 })
    expect(error.code).toBe('model-timeout')
    await server.requests[0].abandoned
  })

  it('is not answered by a document that never becomes whole', async () => {
    const drops = Array.from({ length: 300 }, () => [' ', { waitMs: 10 }] as const).flat()
    const { error } = await failureOf(eventReply(['{"choices":', ...drops]), {
      firstTokenMs: 100,
      idleMs: 500,
    })
    expect(error).toMatchObject({ code: 'model-timeout', message: 'OpenAI sent no token within 0.1 s' })
    await server.requests[0].abandoned
  })

  it('for the next token has a limit', async () => {
    const started = textReply(['Hel'], { done: false, finishReason: null, afterwards: ['silence'] })
    const { error, text } = await failureOf(started, { idleMs: 60 })
    expect(text).toBe('Hel')
    expect(error).toMatchObject({ code: 'model-timeout', message: 'OpenAI stopped in mid-answer for 0.06 s' })
    await server.requests[0].abandoned
  })

  it('begins anew with each token', async () => {
    const { error } = await failureOf(
      textReply(['a', 'b', 'c', 'd', 'e', 'f'], {
        betweenMs: 100,
        done: false,
        finishReason: null,
        afterwards: ['cut'],
      }),
      { idleMs: 450 },
    )
    expect(error.code).toBe('connection-lost')
  })
})

describe('nothing at the address', () => {
  it('says how to start a local server', async () => {
    const { url } = server
    await server.close()
    const { error } = await failureOf(null, { providerId: 'ollama', baseUrl: `${url}/v1` })
    expect(error).toMatchObject({
      code: 'connection-refused',
      message: `Ollama failed: nothing answers at ${url}`,
      hint: 'start it: ollama serve',
      endedReason: 'call.in-progress.error-providerfault-custom-llm-llm-failed',
    })
  })
})

describe('the reasons of the end', () => {
  const shared = sharedFolder()
  it.skipIf(!shared)('are all values of the API', () => {
    const document = JSON.parse(readFileSync(join(String(shared), 'data', 'vapi-openapi.json'), 'utf8'))
    const values = new Set<string>(document.components.schemas.Call.properties.endedReason.enum)
    for (const { vendor: provider } of MODELS)
      for (const status of [null, 400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 529])
        for (const code of ['', ...Object.keys(provider.errorSuffixes)])
          expect(values).toContain(modelEndedReason(provider, status, code))
  })
})
