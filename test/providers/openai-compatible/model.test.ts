import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelPiece, ModelRequest } from '../../../src/engine/ports/language-model.ts'
import { createHttpClient, type HttpClient, type HttpTrace } from '../../../src/net/http.ts'
import { customLlmBody } from '../../../src/providers/openai-compatible/custom-llm.ts'
import { createOpenAiModel, type OpenAiModelOptions } from '../../../src/providers/openai-compatible/model.ts'
import { findOpenAiProvider } from '../../../src/providers/openai-compatible/providers.ts'
import {
  chunkEvent,
  eventReply,
  type FakeOpenAi,
  type FakeReply,
  jsonReply,
  rawReply,
  startFakeOpenAi,
  streamReply,
  textReply,
  toolCallReply,
} from '../../support/fake-openai.ts'

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

const greeting: ModelRequest = { messages: [{ role: 'user', content: 'Hi' }], tools: [] }

function modelOf(providerId = 'openai', options: Partial<OpenAiModelOptions> = {}) {
  const provider = findOpenAiProvider(providerId)
  if (!provider) throw new Error(`no provider ${providerId}`)
  return createOpenAiModel({
    provider,
    model: 'gpt-4.1',
    baseUrl: server.baseUrl,
    key: 'sk-test',
    http,
    ...options,
  })
}

async function piecesOf(
  reply: FakeReply,
  {
    providerId = 'openai',
    request = greeting,
    ...options
  }: Partial<OpenAiModelOptions> & {
    providerId?: string
    request?: ModelRequest
  } = {},
): Promise<ModelPiece[]> {
  server.script(reply)
  const pieces: ModelPiece[] = []
  for await (const piece of modelOf(providerId, options).respond(request, new AbortController().signal))
    pieces.push(piece)
  return pieces
}

const textOf = (pieces: ModelPiece[]): string =>
  pieces.map(piece => (piece.type === 'text' ? piece.text : '')).join('')
const callsOf = (pieces: ModelPiece[]) =>
  pieces.flatMap(piece => (piece.type === 'tool-call' ? [piece.call] : []))

describe('the request', () => {
  it('is a streamed chat completion with the key as bearer token', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'book' } }]
    await piecesOf(textReply(['ok']), {
      request: { ...greeting, tools, temperature: 0.2, maxTokens: 80 },
      settings: { temperature: 0.9, headers: { 'X-Mine': '1', Authorization: 'Bearer other' } },
    })
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-test', 'x-mine': '1', 'content-type': 'application/json' },
    })
    expect(server.requests[0].json).toEqual({
      model: 'gpt-4.1',
      messages: [{ role: 'user', content: 'Hi' }],
      tools,
      temperature: 0.2,
      max_completion_tokens: 80,
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  it('leaves out what is not set, and fields that the provider does not know', async () => {
    await piecesOf(textReply(['ok']), { providerId: 'mistral', settings: { maxTokens: 50 }, key: null })
    expect(server.requests[0].json).toEqual({
      model: 'gpt-4.1',
      messages: greeting.messages,
      max_tokens: 50,
      stream: true,
    })
    expect(server.requests[0].headers).not.toHaveProperty('authorization')
  })

  it.each([
    ['gpt-4.1', undefined, 0.5],
    ['gpt-5-mini', undefined, undefined],
    ['gpt-5.2', 'low', undefined],
    ['gpt-5.2', 'none', 0.5],
    ['gpt-5-chat-latest', undefined, 0.5],
    ['o4-mini', undefined, undefined],
  ])('to %s with reasoning effort %s has the temperature %s', async (model, reasoningEffort, sent) => {
    await piecesOf(textReply(['ok']), { model, settings: { temperature: 0.5, reasoningEffort } })
    const { temperature, reasoning_effort } = server.requests[0].json as Record<string, unknown>
    expect([temperature, reasoning_effort]).toEqual([sent, reasoningEffort])
  })

  it('to Azure carries the key in its own header', async () => {
    await piecesOf(textReply(['ok']), { providerId: 'azure-openai' })
    expect(server.requests[0].headers).toMatchObject({ 'api-key': 'sk-test' })
    expect(server.requests[0].headers).not.toHaveProperty('authorization')
  })

  it('takes a base URL that already has the suffix, and keeps its query', async () => {
    await piecesOf(textReply(['ok']), { baseUrl: `${server.url}/llm/chat/completions?tenant=7` })
    expect(server.requests[0].path).toBe('/llm/chat/completions?tenant=7')
  })

  it.each([
    ['variable' as const, { metadata: { plan: 'gold' }, call: { id: 'c1' } }],
    ['destructured' as const, { plan: 'gold', call: { id: 'c1' } }],
    ['off' as const, {}],
  ])('to a custom LLM carries the call, with metadata sent as "%s"', async (mode, expected) => {
    const context = { metadata: { plan: 'gold', model: 'mine' }, call: { id: 'c1' } }
    await piecesOf(textReply(['ok']), {
      providerId: 'custom-llm',
      extraBody: () => customLlmBody(context, mode),
    })
    const body = server.requests[0].json as Record<string, unknown>
    expect(body).toMatchObject({ ...expected, model: 'gpt-4.1', stream: true })
    expect(body).toHaveProperty('messages')
    if (mode === 'off') expect(body).not.toHaveProperty('call')
  })

  it('uses the connection of the one before', async () => {
    const traces: HttpTrace[] = []
    const traced = createHttpClient({ traceRequest: trace => traces.push(trace) })
    for (let i = 1; i <= 4; i++) {
      await piecesOf(textReply(['one', 'two']), { http: traced })
      await expect.poll(() => traces.length).toBe(i)
    }
    traced.close()
    expect(server.connectionCount).toBe(1)
  })

  it('goes out again when the server has closed the kept connection meanwhile', async () => {
    await piecesOf(textReply(['one']))
    server.closeIdleConnections()
    expect(textOf(await piecesOf(textReply(['two'])))).toBe('two')
  })
})

describe('text', () => {
  it('is given as it arrives', async () => {
    const release: (() => void)[] = []
    const gates = [1, 2].map(() => new Promise<void>(resolve => release.push(resolve)))
    const event = (content: string) => chunkEvent({ choices: [{ delta: { content } }] })
    server.script(
      eventReply([
        event('one'),
        { until: gates[0] },
        event('two'),
        { until: gates[1] },
        event('three'),
        'data: [DONE]\n\n',
      ]),
    )
    const heard: string[] = []
    for await (const piece of modelOf().respond(greeting, new AbortController().signal)) {
      heard.push(piece.type === 'text' ? piece.text : '')
      release[heard.length - 1]?.()
    }
    expect(heard).toEqual(['one', 'two', 'three'])
  })

  it('of one network read is given as one piece', async () => {
    const events = ['one ', 'two ', 'three'].map(content => chunkEvent({ choices: [{ delta: { content } }] }))
    const pieces = await piecesOf(eventReply([`${events.join('')}data: [DONE]\n\n`]))
    expect(pieces).toEqual([{ type: 'text', text: 'one two three' }])
  })

  it.each([1, 2, 3, 7, 64])('comes whole however the bytes are cut: %i a write', async bytesPerWrite => {
    const said = ['Grüße ', '— ', '😀 ', '"quoted"\n']
    expect(textOf(await piecesOf(textReply(said, { bytesPerWrite })))).toBe(said.join(''))
  })

  it('ends at [DONE], although the connection stays open', async () => {
    const pieces = await piecesOf(
      textReply(['all'], { afterwards: [chunkEvent({ choices: [] }), 'silence'] }),
    )
    expect(textOf(pieces)).toBe('all')
  })

  it('is complete with a finish reason and no [DONE]', async () => {
    expect(textOf(await piecesOf(textReply(['all'], { done: false })))).toBe('all')
  })

  it('leaves out what the model thought', async () => {
    const reply = streamReply(
      [
        { reasoning_content: 'hmm' },
        { content: '<thi' },
        { content: 'nk>let me see</th' },
        { content: 'ink>\n\nNine.' },
      ],
      { finishReason: 'stop' },
    )
    expect(textOf(await piecesOf(reply))).toBe('Nine.')
  })

  it('may be nothing at all', async () => {
    expect(await piecesOf(textReply([]))).toEqual([])
  })

  it('comes from servers that answer with one JSON document, whatever they call it', async () => {
    const message = { role: 'assistant', content: 'whole' }
    const whole = { object: 'chat.completion', choices: [{ message, finish_reason: 'stop' }] }
    expect(await piecesOf(jsonReply(whole))).toEqual([{ type: 'text', text: 'whole' }])
    expect(
      textOf(await piecesOf(rawReply(`\n ${JSON.stringify(whole, null, 2)}`, 'text/event-stream'))),
    ).toBe('whole')
  })

  it('comes from event streams that are announced as something else', async () => {
    const reply = textReply(['odd'])
    expect(textOf(await piecesOf({ ...reply, headers: { 'content-type': 'text/html' } }))).toBe('odd')
  })
})

describe('tool calls', () => {
  it('are put together from their pieces', async () => {
    const call = { id: 'call_a', name: 'book', arguments: { day: 'tomorrow', note: 'ünï "q"' } }
    for (const argumentCharacters of [1, 5, 1000])
      expect(
        callsOf(await piecesOf(toolCallReply([call], { argumentCharacters, bytesPerWrite: 11 }))),
      ).toEqual([call])
  })

  it('of one answer come in order, after its text', async () => {
    const calls = [
      { id: 'a', name: 'book', arguments: { day: 1 } },
      { id: 'b', name: 'mail', arguments: {} },
    ]
    const pieces = await piecesOf(toolCallReply(calls, { text: 'One moment.' }))
    expect(pieces).toEqual([
      { type: 'text', text: 'One moment.' },
      ...calls.map(call => ({ type: 'tool-call', call })),
    ])
  })

  it('whose pieces are mixed are told apart by their index', async () => {
    const piece = (index: number, args: string, start?: { id: string; name: string }) => ({
      tool_calls: [
        {
          index,
          ...(start && { id: start.id }),
          function: { ...(start && { name: start.name }), arguments: args },
        },
      ],
    })
    const reply = streamReply(
      [
        piece(0, '{"a"', { id: 'x', name: 'one' }),
        piece(1, '{"b"', { id: 'y', name: 'two' }),
        piece(0, ':1}'),
        piece(1, ':2}'),
      ],
      { finishReason: 'tool_calls' },
    )
    expect(callsOf(await piecesOf(reply))).toEqual([
      { id: 'x', name: 'one', arguments: { a: 1 } },
      { id: 'y', name: 'two', arguments: { b: 2 } },
    ])
  })

  it('of servers that give every call the index 0, or none, are told apart as well', async () => {
    const whole = (name: string, fields: object) => ({
      tool_calls: [{ ...fields, function: { name, arguments: '{"n":1}' } }],
    })
    const zero = streamReply([whole('one', { index: 0, id: 'x' }), whole('two', { index: 0, id: 'y' })], {
      finishReason: 'stop',
    })
    expect(callsOf(await piecesOf(zero)).map(({ id, name }) => [id, name])).toEqual([
      ['x', 'one'],
      ['y', 'two'],
    ])
    const none = streamReply([whole('one', {}), whole('two', {})], { finishReason: 'stop' })
    const calls = callsOf(await piecesOf(none))
    expect(calls.map(({ name, arguments: values }) => [name, values])).toEqual([
      ['one', { n: 1 }],
      ['two', { n: 1 }],
    ])
    expect(new Set(calls.map(call => call.id)).size).toBe(2)
  })

  it('may have no arguments, or an object in place of text', async () => {
    const delta = {
      tool_calls: [{ index: 0, id: 'x', function: { name: 'end', arguments: { why: 'bye' } } }],
    }
    expect(callsOf(await piecesOf(streamReply([delta], { finishReason: 'stop' })))[0].arguments).toEqual({
      why: 'bye',
    })
    expect(callsOf(await piecesOf(toolCallReply([{ name: 'end', arguments: '' }])))[0].arguments).toEqual({})
  })

  it('come from a whole JSON document', async () => {
    const call = { id: 'x', type: 'function', function: { name: 'book', arguments: '{"day":2}' } }
    const whole = {
      choices: [{ message: { content: null, tool_calls: [call] }, finish_reason: 'tool_calls' }],
    }
    expect(callsOf(await piecesOf(jsonReply(whole)))).toEqual([
      { id: 'x', name: 'book', arguments: { day: 2 } },
    ])
  })

  it('of a custom LLM may have the old form, in a delta or bare', async () => {
    const inDelta = streamReply(
      [
        { function_call: { name: 'transferCall', arguments: '{"destination":' } },
        { function_call: { arguments: '"+1555"}' } },
      ],
      { finishReason: 'function_call' },
    )
    const bare = eventReply([
      `data: ${JSON.stringify({ function_call: { name: 'transferCall', arguments: { destination: '+1555' } } })}\n\n`,
    ])
    for (const reply of [inDelta, bare])
      expect(callsOf(await piecesOf(reply, { providerId: 'custom-llm' }))).toMatchObject([
        { name: 'transferCall', arguments: { destination: '+1555' } },
      ])
  })

  it('with broken arguments are an error that shows them', async () => {
    await expect(
      piecesOf(toolCallReply([{ name: 'book', arguments: '{"day": tomorrow}' }])),
    ).rejects.toMatchObject({
      code: 'model-garbage',
      message: expect.stringContaining('"book" with arguments that are not a JSON object: {"day": tomorrow}'),
      endedReason: 'call.in-progress.error-providerfault-openai-llm-failed',
    })
  })

  it('that were cut off by the token limit say so', async () => {
    const reply = toolCallReply([{ name: 'book', arguments: '{"day": "tom' }], { finishReason: 'length' })
    await expect(piecesOf(reply)).rejects.toMatchObject({ hint: expect.stringContaining('maxTokens') })
  })
})

describe('usage', () => {
  it('is told after the answer, where the provider counts', async () => {
    const told: unknown[] = []
    const usage = {
      prompt_tokens: 11,
      completion_tokens: 5,
      prompt_tokens_details: { cached_tokens: 8 },
      completion_tokens_details: { reasoning_tokens: 2 },
    }
    await piecesOf(textReply(['ok'], { usage }), { onUsage: counts => told.push(counts) })
    await piecesOf(textReply(['ok']), { onUsage: counts => told.push(counts) })
    expect(told).toEqual([
      { promptTokens: 11, completionTokens: 5, cachedPromptTokens: 8, reasoningTokens: 2 },
    ])
  })
})

describe('cancelling', () => {
  it('ends quietly and closes the connection at once, in the middle of an answer', async () => {
    server.script(textReply(['one'], { done: false, finishReason: null, afterwards: ['silence'] }))
    const controller = new AbortController()
    const heard: string[] = []
    for await (const piece of modelOf().respond(greeting, controller.signal)) {
      heard.push(piece.type === 'text' ? piece.text : '')
      controller.abort()
    }
    expect(heard).toEqual(['one'])
    await server.requests[0].abandoned
  })

  it('ends quietly while the first token is awaited', async () => {
    server.script({ delayMs: 60_000, steps: [] })
    const controller = new AbortController()
    const answer = modelOf().respond(greeting, controller.signal)[Symbol.asyncIterator]().next()
    await server.request(0)
    controller.abort()
    expect(await answer).toMatchObject({ done: true })
    await server.requests[0].abandoned
  })

  it('before the beginning sends nothing', async () => {
    const answer = modelOf().respond(greeting, AbortSignal.abort())
    expect(await answer[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
    expect(server.requests).toHaveLength(0)
  })

  it('by leaving the loop closes the connection as well', async () => {
    server.script(textReply(['one'], { done: false, afterwards: ['silence'] }))
    for await (const _ of modelOf().respond(greeting, new AbortController().signal)) break
    await server.requests[0].abandoned
  })
})
