import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelMessage, ModelPiece, ModelRequest } from '../../../src/engine/ports/language-model.ts'
import { VapiError } from '../../../src/errors.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { type AnthropicModelOptions, createAnthropicModel } from '../../../src/providers/anthropic/model.ts'
import type { AnthropicSettings } from '../../../src/providers/anthropic/request.ts'
import { eventReply, type FakeReply, jsonReply, rawReply } from '../../support/fake-openai.ts'
import {
  ANTHROPIC_KEY,
  type AnthropicServer,
  errorEvent,
  errorOf,
  event,
  messageReply,
  redactedBlock,
  startAnthropic,
  textBlock,
  thinkingBlock,
  toolBlock,
} from '../../support/providers/anthropic.ts'

let server: AnthropicServer
let http: HttpClient
beforeEach(async () => {
  server = await startAnthropic()
  http = createHttpClient()
})
afterEach(async () => {
  http.close()
  await server.close()
})

const hi: ModelMessage[] = [{ role: 'user', content: 'Hi' }]
const book = { type: 'function' as const, function: { name: 'book', description: 'Books.' } }

function modelOf(settings: Partial<AnthropicSettings> = {}, more: Partial<AnthropicModelOptions> = {}) {
  return createAnthropicModel({
    model: 'claude-haiku-4-5-20251001',
    baseUrl: server.url,
    key: ANTHROPIC_KEY,
    http,
    settings: { maxTokens: 250, thinkingBudget: null, ...settings },
    ...more,
  })
}

async function ask(
  model = modelOf(),
  request: Partial<ModelRequest> = {},
): Promise<{ pieces: ModelPiece[]; text: string; usage: unknown; body: Record<string, unknown> }> {
  const pieces: ModelPiece[] = []
  let usage: unknown = null
  const signal = new AbortController().signal
  for await (const piece of model.respond({ messages: hi, tools: [], ...request }, signal, counted => {
    usage = counted
  }))
    pieces.push(piece)
  const text = pieces.map(piece => (piece.type === 'text' ? piece.text : '')).join('')
  return { pieces, text, usage, body: server.requests.at(-1)?.json as Record<string, unknown> }
}

const call = (id: string, name: string, values: object): ModelMessage => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name, arguments: JSON.stringify(values) } }],
})
const result = (id: string, content: string): ModelMessage => ({ role: 'tool', content, tool_call_id: id })

describe('the request', () => {
  it('has key and version in their headers, instructions apart, and the settings of the assistant', async () => {
    const { body } = await ask(modelOf({ temperature: 0.3 }), {
      messages: [{ role: 'system', content: 'Be brief.' }, ...hi],
      tools: [book],
    })
    expect(server.requests[0]).toMatchObject({
      path: '/v1/messages',
      headers: { 'x-api-key': ANTHROPIC_KEY, 'anthropic-version': '2023-06-01' },
    })
    expect(body).toEqual({
      model: 'claude-haiku-4-5-20251001',
      max_tokens: 250,
      system: 'Be brief.',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      temperature: 0.3,
      tools: [{ name: 'book', description: 'Books.', input_schema: { type: 'object', properties: {} } }],
      stream: true,
    })
  })

  it('takes a base URL with the version as well', async () => {
    expect((await ask(modelOf({}, { baseUrl: `${server.url}/v1/` }))).text).toBe('ok')
  })

  it('alternates, begins and ends with the customer, whatever the call was like', async () => {
    const { text, body } = await ask(modelOf(), {
      messages: [
        { role: 'assistant', content: 'Hello, this is Mary.' },
        { role: 'user', content: 'Book' },
        { role: 'user', content: 'tomorrow.' },
        { role: 'assistant', content: 'One moment.' },
        call('call:1', 'book', { day: 1 }),
        result('call:1', 'booked'),
        { role: 'user', content: ' ' },
        { role: 'system', content: 'The customer is silent.' },
        { role: 'function', name: 'note', content: 'VIP' },
        { role: 'assistant', content: '' },
        { role: 'assistant', content: 'Are you there?' },
      ],
      tools: [book],
    })
    expect(text).toBe('ok')
    expect(body.messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: '[The call begins.]' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'Hello, this is Mary.' }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Book' },
          { type: 'text', text: 'tomorrow.' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'One moment.' },
          { type: 'tool_use', id: 'call_1', name: 'book', input: { day: 1 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: 'booked' },
          { type: 'text', text: '<instructions>\nThe customer is silent.\n</instructions>' },
          { type: 'text', text: '[note: VIP]' },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'Are you there?' }] },
      { role: 'user', content: [{ type: 'text', text: '[The customer has said nothing yet.]' }] },
    ])
  })

  it('of a conversation without messages is still one', async () => {
    expect((await ask(modelOf(), { messages: [{ role: 'system', content: 'Greet.' }] })).text).toBe('ok')
  })

  it('names the tools of earlier calls where the assistant has none now, not to be called', async () => {
    const { body } = await ask(modelOf(), {
      messages: [...hi, call('a', 'book', {}), result('a', 'done')],
    })
    expect(body).toMatchObject({ tools: [{ name: 'book' }], tool_choice: { type: 'none' } })
  })

  it.each([
    ['claude-3-haiku-20240307', 1.5, { temperature: 1 }],
    ['claude-sonnet-4-20250514', 0.5, { temperature: 0.5 }],
    ['claude-sonnet-5', 0.5, { thinking: { type: 'disabled' } }],
    ['claude-sonnet-5-5', 0.5, { thinking: { type: 'between_tools' } }],
    ['claude-opus-4-7', 0.5, {}],
  ])('to %s has what that model takes', async (model, temperature, expected) => {
    const { body } = await ask(modelOf({ temperature }, { model }))
    const { temperature: sent, thinking } = body
    expect({
      ...(sent !== undefined && { temperature: sent }),
      ...(thinking !== undefined && { thinking }),
    }).toEqual(expected)
  })
})

describe('thinking', () => {
  const settings = { thinkingBudget: 2000, maxTokens: 3000, temperature: 0.2 }

  it('has its budget and no temperature; what was thought is not said, and goes back with the call it led to', async () => {
    server.script(
      messageReply(
        [
          thinkingBlock(['Let me ', 'see.'], 'sig-1'),
          redactedBlock('xyz'),
          textBlock(['One moment.']),
          toolBlock('toolu_1', 'book', { day: 2 }),
        ],
        { stopReason: 'tool_use' },
      ),
    )
    const model = modelOf(settings)
    const first = await ask(model, { tools: [book] })
    expect(first.body.thinking).toEqual({ type: 'enabled', budget_tokens: 2000 })
    expect(first.body).not.toHaveProperty('temperature')
    expect(first.text).toBe('One moment.')
    const second = await ask(model, {
      messages: [
        ...hi,
        { role: 'assistant', content: 'One moment.' },
        call('toolu_1', 'book', { day: 2 }),
        result('toolu_1', 'booked'),
      ],
      tools: [book],
    })
    expect(second.text).toBe('ok')
    expect((second.body.messages as { content: unknown }[])[1]?.content).toEqual([
      { type: 'thinking', thinking: 'Let me see.', signature: 'sig-1' },
      { type: 'redacted_thinking', data: 'xyz' },
      { type: 'text', text: 'One moment.' },
      { type: 'tool_use', id: 'toolu_1', name: 'book', input: { day: 2 } },
    ])
  })

  it('rests where a call of another model is to be gone on from', async () => {
    const { text, body } = await ask(modelOf(settings), {
      messages: [...hi, call('other', 'book', {}), result('other', 'booked')],
      tools: [book],
    })
    expect(text).toBe('ok')
    expect(body).not.toHaveProperty('thinking')
  })

  it('is the model’s own affair where it takes no budget', async () => {
    const { body } = await ask(modelOf({ ...settings, maxTokens: 500 }, { model: 'claude-opus-4-7' }))
    expect(body.thinking).toEqual({ type: 'adaptive' })
  })

  it('that leaves no tokens for the answer is refused before the call', () => {
    expect(() => modelOf({ thinkingBudget: 2000, maxTokens: 250 })).toThrow(
      expect.objectContaining({ exit: 2, message: expect.stringContaining('greater than') }),
    )
  })
})

describe('the answer', () => {
  it.each([1, 3, 64, 100_000])('comes whole however the bytes are cut: %i a write', async bytesPerWrite => {
    server.script(
      messageReply([textBlock(['Grüße ', '— ', '😀']), toolBlock('toolu_1', 'book', { note: 'ünï "q"' })], {
        stopReason: 'tool_use',
        bytesPerWrite,
      }),
    )
    const { text, pieces } = await ask()
    expect(text).toBe('Grüße — 😀')
    expect(pieces.at(-1)).toEqual({
      type: 'tool-call',
      call: { id: 'toolu_1', name: 'book', arguments: { note: 'ünï "q"' } },
    })
  })

  it('may have several calls, and calls without arguments', async () => {
    server.script(
      messageReply([toolBlock('a', 'one', ''), toolBlock('b', 'two', { n: 2 })], { stopReason: 'tool_use' }),
    )
    expect((await ask()).pieces).toEqual([
      { type: 'tool-call', call: { id: 'a', name: 'one', arguments: {} } },
      { type: 'tool-call', call: { id: 'b', name: 'two', arguments: { n: 2 } } },
    ])
  })

  it('may be nothing, and ends at its last event although the connection stays open', async () => {
    server.script(messageReply([], { afterwards: ['silence'] }))
    expect((await ask()).pieces).toEqual([])
  })

  it('comes from a document as well', async () => {
    server.script(
      jsonReply({
        type: 'message',
        content: [
          { type: 'text', text: 'Whole.' },
          { type: 'tool_use', id: 't', name: 'book', input: { a: 1 } },
        ],
        stop_reason: 'tool_use',
        usage: { input_tokens: 3, output_tokens: 2 },
      }),
    )
    const { text, pieces, usage } = await ask()
    expect([text, pieces.length]).toEqual(['Whole.', 2])
    expect(usage).toMatchObject({ promptTokens: 3, completionTokens: 2 })
  })

  it('is counted, cached tokens as part of the prompt', async () => {
    server.script(
      messageReply([textBlock(['ok'])], {
        usage: {
          start: { input_tokens: 10, cache_creation_input_tokens: 5, cache_read_input_tokens: 100 },
          end: { output_tokens: 40, output_tokens_details: { thinking_tokens: 30 }, input_tokens: null },
        },
      }),
    )
    expect((await ask()).usage).toEqual({
      promptTokens: 115,
      completionTokens: 40,
      cachedPromptTokens: 100,
      reasoningTokens: 30,
    })
  })
})

describe('a failure', () => {
  async function failureOf(
    reply: FakeReply,
    more: Partial<AnthropicModelOptions> = {},
  ): Promise<{ error: VapiError; text: string }> {
    server.script(reply)
    let text = ''
    try {
      for await (const piece of modelOf({}, more).respond(
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
    [
      400,
      'invalid_request_error',
      'model-bad-request',
      1,
      'vapifault-anthropic-400-bad-request-validation-failed',
    ],
    [401, 'authentication_error', 'model-unauthorized', 4, 'vapifault-anthropic-401-unauthorized'],
    [402, 'billing_error', 'model-bad-request', 1, 'providerfault-anthropic-llm-failed'],
    [403, 'permission_error', 'model-forbidden', 4, 'vapifault-anthropic-403-model-access-denied'],
    [404, 'not_found_error', 'model-not-found', 1, 'providerfault-anthropic-llm-failed'],
    [413, 'request_too_large', 'model-bad-request', 1, 'providerfault-anthropic-llm-failed'],
    [429, 'rate_limit_error', 'model-rate-limited', 1, 'vapifault-anthropic-429-exceeded-quota'],
    [500, 'api_error', 'model-server-error', 1, 'providerfault-anthropic-500-server-error'],
    [529, 'overloaded_error', 'model-server-error', 1, 'providerfault-anthropic-503-server-overloaded-error'],
  ])(
    '%i %s becomes %s, exit %i, %s, as a status and within a stream',
    async (status, type, code, exit, reason) => {
      const expected = { code, exit, endedReason: `call.in-progress.error-${reason}` }
      const asStatus = await failureOf(errorOf(status, type, 'it says why'))
      expect(asStatus.error).toMatchObject({ ...expected, status })
      expect(asStatus.error.message).toMatch(/^Anthropic answered claude-haiku.* it says why$/)
      const started = messageReply([textBlock(['Hel'])], { stopReason: null, stop: false })
      const within = await failureOf({
        ...started,
        steps: [...started.steps, errorEvent(type, 'it says why')],
      })
      expect(within.text).toBe('Hel')
      expect(within.error).toMatchObject(expected)
    },
  )

  it('does not give the key away', async () => {
    const { error } = await failureOf(errorOf(401, 'authentication_error', `no such key: ${ANTHROPIC_KEY}`))
    expect(error.message).not.toContain(ANTHROPIC_KEY)
    expect(error.hint).toBe('set ANTHROPIC_API_KEY to a key that Anthropic accepts')
  })

  it.each<[string, FakeReply, string]>([
    ['an empty body', rawReply('', 'text/event-stream'), 'answered with an empty body'],
    ['HTML', rawReply('<!doctype html>', 'text/html'), 'not a message: <!doctype html>'],
    ['JSON of another kind', jsonReply({ hello: 1 }), 'JSON that is not a message'],
    [
      'an event that is not JSON',
      eventReply(['event: message_start\ndata: hello\n\n']),
      'not a JSON object: hello',
    ],
    ['pings alone', eventReply([event('ping', {})]), 'ended its answer before it said anything'],
    [
      'a stream without an end',
      messageReply([textBlock(['Hel'])], { stopReason: null, stop: false }),
      'ended its answer in the middle',
    ],
    [
      'tokens that thinking used up',
      messageReply([thinkingBlock(['hm'], 's')], { stopReason: 'max_tokens' }),
      'used up maxTokens before it said anything',
    ],
    [
      'a call that was cut off',
      messageReply([toolBlock('t', 'book', '{"day": "tom')], { stopReason: 'max_tokens' }),
      'with arguments that are not a JSON object: {"day": "tom',
    ],
  ])('is told of %s', async (_name, reply, said) => {
    const { error } = await failureOf(reply)
    expect(error).toMatchObject({
      code: 'model-garbage',
      retryable: true,
      message: expect.stringContaining(said),
    })
    expect(error.endedReason).toBe('call.in-progress.error-providerfault-anthropic-llm-failed')
  })

  it('is a refusal of the model where it said nothing', async () => {
    const { error } = await failureOf(messageReply([], { stopReason: 'refusal' }))
    expect(error).toMatchObject({ code: 'model-refused', retryable: false })
  })

  it('is the loss of the connection, after what was said', async () => {
    const started = messageReply([textBlock(['Hel'])], { stopReason: null, stop: false, afterwards: ['cut'] })
    const { error, text } = await failureOf(started)
    expect([text, error.code]).toEqual(['Hel', 'connection-lost'])
  })

  it('is silence: no token, tokens that stop, and pings alone', async () => {
    const { error } = await failureOf({ delayMs: 60_000, steps: [] }, { firstTokenMs: 60 })
    expect(error).toMatchObject({ code: 'model-timeout', message: 'Anthropic sent no token within 0.06 s' })
    const started = messageReply([textBlock(['Hel'])], {
      stopReason: null,
      stop: false,
      afterwards: ['silence'],
    })
    expect((await failureOf(started, { idleMs: 60 })).error.message).toBe(
      'Anthropic stopped in mid-answer for 0.06 s',
    )
    const pings = Array.from({ length: 300 }, () => [event('ping', {}), { waitMs: 10 }] as const).flat()
    expect((await failureOf(eventReply(pings), { firstTokenMs: 100 })).error.code).toBe('model-timeout')
  })
})

it('cancelling ends quietly and closes the connection at once', async () => {
  server.script(
    messageReply([textBlock(['one'])], { stopReason: null, stop: false, afterwards: ['silence'] }),
  )
  const controller = new AbortController()
  const heard: string[] = []
  for await (const piece of modelOf().respond({ messages: hi, tools: [] }, controller.signal)) {
    heard.push(piece.type === 'text' ? piece.text : '')
    controller.abort()
  }
  expect(heard).toEqual(['one'])
  await server.requests[0]?.abandoned
})
