import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelMessage, ModelPiece, ModelRequest } from '../../../src/engine/ports/language-model.ts'
import { VapiError } from '../../../src/errors.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { createGoogleModel, type GoogleModelOptions } from '../../../src/providers/google/model.ts'
import { eventReply, type FakeReply, jsonReply, rawReply } from '../../support/fake-openai.ts'
import {
  contentReply,
  errorOf,
  GOOGLE_KEY,
  type GoogleServer,
  responseEvent,
  startGoogle,
  WRONG_KEY,
} from '../../support/providers/google.ts'

let server: GoogleServer
let http: HttpClient
beforeEach(async () => {
  server = await startGoogle()
  http = createHttpClient()
})
afterEach(async () => {
  http.close()
  await server.close()
})

const hi: ModelMessage[] = [{ role: 'user', content: 'Hi' }]
const schema = { type: 'object', properties: { day: { type: 'number' } }, required: ['day'] }
const book = {
  type: 'function' as const,
  function: { name: 'book', parameters: { $schema: 'x', ...schema } },
}

function modelOf(more: Partial<GoogleModelOptions> = {}) {
  return createGoogleModel({
    model: 'gemini-2.5-flash',
    baseUrl: server.url,
    key: GOOGLE_KEY,
    http,
    settings: { temperature: 0.4, maxTokens: 250 },
    ...more,
  })
}

async function ask(model = modelOf(), request: Partial<ModelRequest> = {}) {
  const pieces: ModelPiece[] = []
  let usage: unknown = null
  const signal = new AbortController().signal
  for await (const piece of model.respond({ messages: hi, tools: [], ...request }, signal, counted => {
    usage = counted
  }))
    pieces.push(piece)
  const text = pieces.map(piece => (piece.type === 'text' ? piece.text : '')).join('')
  const calls = pieces.flatMap(piece => (piece.type === 'tool-call' ? [piece.call] : []))
  return { pieces, text, calls, usage, body: server.requests.at(-1)?.json as Record<string, unknown> }
}

const call = (id: string, name: string, values: object): ModelMessage => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name, arguments: JSON.stringify(values) } }],
})
const result = (id: string, content: string): ModelMessage => ({ role: 'tool', content, tool_call_id: id })

describe('the request', () => {
  it('has the key in its header, instructions apart, and the settings of the assistant', async () => {
    const { body } = await ask(modelOf(), {
      messages: [{ role: 'system', content: 'Be brief.' }, ...hi],
      tools: [book, { type: 'function', function: { name: 'end', description: 'Ends.' } }],
    })
    expect(server.requests[0]).toMatchObject({
      path: '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
      headers: { 'x-goog-api-key': GOOGLE_KEY },
    })
    expect(body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      tools: [
        {
          functionDeclarations: [
            { name: 'book', parametersJsonSchema: schema },
            { name: 'end', description: 'Ends.' },
          ],
        },
      ],
      generationConfig: { temperature: 0.4, maxOutputTokens: 250, thinkingConfig: { thinkingBudget: 0 } },
    })
  })

  it.each([
    ['gemini-2.0-flash', 250, undefined],
    ['gemini-2.5-flash-lite', 250, { thinkingBudget: 0 }],
    ['gemini-2.5-pro', 378, { thinkingBudget: 128 }],
    ['gemini-3-flash-preview', 250, { thinkingLevel: 'minimal' }],
    ['gemini-3.1-flash-lite', 250, { thinkingLevel: 'minimal' }],
    ['gemini-3.5-flash', 250, { thinkingLevel: 'low' }],
    ['gemini-3-pro-preview', 250, { thinkingLevel: 'low' }],
  ])('to %s asks for the least thinking it can do', async (model, maxOutputTokens, thinkingConfig) => {
    const { body, text } = await ask(modelOf({ model }))
    expect(text).toBe('ok')
    expect(body.generationConfig).toMatchObject({ maxOutputTokens })
    expect((body.generationConfig as { thinkingConfig?: object }).thinkingConfig).toEqual(thinkingConfig)
  })

  it('takes a base URL with the version, and a model’s full name', async () => {
    const model = modelOf({ baseUrl: `${server.url}/v1beta/`, model: 'models/gemini-2.0-flash' })
    expect((await ask(model)).text).toBe('ok')
  })

  it('has the results of tools as objects right after their calls, and the customer last', async () => {
    const { text, body } = await ask(modelOf(), {
      messages: [
        { role: 'assistant', content: 'Hello.' },
        { role: 'user', content: 'Book.' },
        {
          role: 'assistant',
          content: null,
          tool_calls: ['a', 'b'].map(id => ({
            id,
            type: 'function',
            function: { name: `tool_${id}`, arguments: '{"n":1}' },
          })),
        },
        result('a', '{"ok":true}'),
        result('b', 'booked'),
        { role: 'user', content: 'And?' },
        { role: 'assistant', content: 'Done.' },
      ],
    })
    expect(text).toBe('ok')
    expect(body.contents).toEqual([
      { role: 'user', parts: [{ text: '[The call begins.]' }] },
      { role: 'model', parts: [{ text: 'Hello.' }] },
      { role: 'user', parts: [{ text: 'Book.' }] },
      {
        role: 'model',
        parts: [
          { functionCall: { name: 'tool_a', args: { n: 1 } } },
          { functionCall: { name: 'tool_b', args: { n: 1 } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'tool_a', response: { ok: true } } },
          { functionResponse: { name: 'tool_b', response: { result: 'booked' } } },
        ],
      },
      { role: 'user', parts: [{ text: 'And?' }] },
      { role: 'model', parts: [{ text: 'Done.' }] },
      { role: 'user', parts: [{ text: '[The customer has said nothing yet.]' }] },
    ])
  })
})

describe('the answer', () => {
  it.each([1, 3, 64, 100_000])('comes whole however the bytes are cut: %i a write', async bytesPerWrite => {
    server.script(
      contentReply(
        [
          [{ text: 'Grüße ' }],
          [{ text: '😀' }],
          [
            { text: 'I think …', thought: true },
            { functionCall: { name: 'book', args: { note: 'ünï "q"' } } },
          ],
        ],
        { bytesPerWrite },
      ),
    )
    const { text, calls } = await ask()
    expect(text).toBe('Grüße 😀')
    expect(calls).toEqual([
      { id: expect.stringMatching(/^call_/), name: 'book', arguments: { note: 'ünï "q"' } },
    ])
  })

  it('of several calls without ids has an id for each; signatures and ids go back with them', async () => {
    server.script(
      contentReply([
        [
          { functionCall: { name: 'one', args: {} }, thoughtSignature: 'sig-1' },
          { functionCall: { id: 'fc-2', name: 'two' } },
        ],
      ]),
    )
    const model = modelOf({ model: 'gemini-3-flash-preview' })
    const first = await ask(model)
    const [one, two] = first.calls
    expect(new Set([one?.id, two?.id]).size).toBe(2)
    expect(two).toEqual({ id: 'fc-2', name: 'two', arguments: {} })
    const messages: ModelMessage[] = [
      ...hi,
      {
        role: 'assistant',
        content: null,
        tool_calls: first.calls.map(({ id, name }) => ({
          id,
          type: 'function',
          function: { name, arguments: '{}' },
        })),
      },
      ...first.calls.map(({ id }) => result(id, 'done')),
    ]
    const second = await ask(model, { messages })
    expect(second.text).toBe('ok')
    expect((second.body.contents as object[]).slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { name: 'one', args: {} }, thoughtSignature: 'sig-1' },
          { functionCall: { id: 'fc-2', name: 'two', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'one', response: { result: 'done' } } },
          { functionResponse: { id: 'fc-2', name: 'two', response: { result: 'done' } } },
        ],
      },
    ])
  })

  it('goes on from the call of another model, whose signature nobody has', async () => {
    const { text, body } = await ask(modelOf({ model: 'gemini-3-flash-preview' }), {
      messages: [...hi, call('other', 'book', {}), result('other', '[1,2]')],
    })
    expect(text).toBe('ok')
    expect((body.contents as { parts: object[] }[])[1]?.parts[0]).toMatchObject({
      thoughtSignature: 'skip_thought_signature_validator',
    })
  })

  it('is counted', async () => {
    server.script(
      contentReply([[{ text: 'ok' }]], { usage: { thoughtsTokenCount: 7, cachedContentTokenCount: 3 } }),
    )
    expect((await ask()).usage).toEqual({
      promptTokens: 4,
      completionTokens: 17,
      cachedPromptTokens: 3,
      reasoningTokens: 7,
    })
  })

  it('may be nothing, or come as one document', async () => {
    server.script(contentReply([[]]))
    expect((await ask()).pieces).toEqual([])
    server.script(
      jsonReply({ candidates: [{ content: { parts: [{ text: 'Whole.' }] }, finishReason: 'STOP' }] }),
    )
    expect((await ask()).text).toBe('Whole.')
  })

  it('that a filter cuts off keeps what was said', async () => {
    server.script(contentReply([[{ text: 'Well,' }], []], { finishReason: 'SAFETY' }))
    expect((await ask()).text).toBe('Well,')
  })
})

describe('a failure', () => {
  async function failureOf(reply: FakeReply, more: Partial<GoogleModelOptions> = {}) {
    server.script(reply)
    let text = ''
    try {
      for await (const piece of modelOf(more).respond(
        { messages: hi, tools: [] },
        new AbortController().signal,
      ))
        if (piece.type === 'text') text += piece.text
    } catch (error) {
      if (error instanceof VapiError) return { error, text }
      throw error
    }
    throw new Error('it did not fail')
  }

  it.each([
    [400, 'INVALID_ARGUMENT', 'model-bad-request', 1, 'vapifault-google-400-bad-request-validation-failed'],
    [403, 'PERMISSION_DENIED', 'model-forbidden', 4, 'vapifault-google-403-model-access-denied'],
    [404, 'NOT_FOUND', 'model-not-found', 1, 'providerfault-google-llm-failed'],
    [429, 'RESOURCE_EXHAUSTED', 'model-rate-limited', 1, 'vapifault-google-429-exceeded-quota'],
    [500, 'INTERNAL', 'model-server-error', 1, 'providerfault-google-500-server-error'],
    [503, 'UNAVAILABLE', 'model-server-error', 1, 'providerfault-google-503-server-overloaded-error'],
    [504, 'DEADLINE_EXCEEDED', 'model-server-error', 1, 'providerfault-google-llm-failed'],
  ])(
    '%i %s becomes %s, exit %i, %s, as a status and within a stream',
    async (code, status, kind, exit, reason) => {
      const expected = { code: kind, exit, status: code, endedReason: `call.in-progress.error-${reason}` }
      const asStatus = await failureOf(errorOf(code, status, 'it says why'))
      expect(asStatus.error).toMatchObject(expected)
      expect(asStatus.error.message).toMatch(/^Google answered gemini-2\.5-flash.*: it says why$/)
      const started = contentReply([[{ text: 'Hel' }]], { finishReason: null })
      const error = responseEvent({ error: { code, status, message: 'it says why' } })
      const within = await failureOf({ ...started, steps: [...started.steps, error] })
      expect(within.text).toBe('Hel')
      expect(within.error).toMatchObject(expected)
    },
  )

  it('is a wrong key although its status is 400', async () => {
    const { error } = await failureOf(errorOf(400, 'INVALID_ARGUMENT', `bad ${GOOGLE_KEY}`, [WRONG_KEY]))
    expect(error).toMatchObject({
      code: 'model-unauthorized',
      exit: 4,
      endedReason: 'call.in-progress.error-vapifault-google-401-unauthorized',
      hint: 'set GEMINI_API_KEY to a key that Google accepts',
    })
    expect(error.message).not.toContain(GOOGLE_KEY)
  })

  it.each<[string, FakeReply, string, string]>([
    ['an empty body', rawReply('', 'text/event-stream'), 'model-garbage', 'an empty body'],
    ['HTML', rawReply('<!doctype html>', 'text/html'), 'model-garbage', 'not an answer of Gemini'],
    ['JSON of another kind', jsonReply({ hello: 1 }), 'model-garbage', 'not an answer'],
    [
      'an event that is not JSON',
      eventReply(['data: hello\n\n']),
      'model-garbage',
      'not a JSON object: hello',
    ],
    [
      'a stream without an end',
      contentReply([[{ text: 'Hel' }]], { finishReason: null }),
      'model-garbage',
      'in the middle',
    ],
    [
      'a call that is none',
      contentReply([[]], { finishReason: 'MALFORMED_FUNCTION_CALL' }),
      'model-garbage',
      'that is none',
    ],
    [
      'tokens that thinking used up',
      contentReply([[]], { finishReason: 'MAX_TOKENS' }),
      'model-garbage',
      'used up maxTokens',
    ],
    [
      'a filter',
      contentReply([[]], { finishReason: 'SAFETY' }),
      'model-refused',
      'stopped its answer (SAFETY)',
    ],
    [
      'a question that a filter stopped',
      eventReply([responseEvent({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } })]),
      'model-refused',
      'refused the conversation (PROHIBITED_CONTENT)',
    ],
    [
      'a cut connection',
      contentReply([[{ text: 'Hel' }]], { finishReason: null, afterwards: ['cut'] }),
      'connection-lost',
      '',
    ],
  ])('is told of %s', async (_name, reply, code, said) => {
    const { error } = await failureOf(reply)
    expect(error).toMatchObject({ code, message: expect.stringContaining(said) })
    expect(error.endedReason).toBe('call.in-progress.error-providerfault-google-llm-failed')
  })

  it('is silence', async () => {
    const { error } = await failureOf({ delayMs: 60_000, steps: [] }, { firstTokenMs: 60 })
    expect(error).toMatchObject({ code: 'model-timeout', message: 'Google sent no token within 0.06 s' })
    const started = contentReply([[{ text: 'Hel' }]], { finishReason: null, afterwards: ['silence'] })
    expect((await failureOf(started, { idleMs: 60 })).error.message).toBe(
      'Google stopped in mid-answer for 0.06 s',
    )
  })
})

it('cancelling ends quietly and closes the connection at once', async () => {
  server.script(contentReply([[{ text: 'one' }]], { finishReason: null, afterwards: ['silence'] }))
  const controller = new AbortController()
  const heard: string[] = []
  for await (const piece of modelOf().respond({ messages: hi, tools: [] }, controller.signal)) {
    heard.push(piece.type === 'text' ? piece.text : '')
    controller.abort()
  }
  expect(heard).toEqual(['one'])
  await server.requests[0]?.abandoned
})
