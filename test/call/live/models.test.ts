import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compileAssistant } from '../../../src/assistant/compile.ts'
import { parseAssistant } from '../../../src/assistant/schema.ts'
import { modelWarnings, selectModels } from '../../../src/call/live/parts/models.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { MODELS } from '../../../src/providers/models/table.ts'
import { VENDORS } from '../../../src/providers/vendors.ts'
import { type FakeOpenAi, jsonReply, startFakeOpenAi, textReply } from '../../support/fake-openai.ts'
import { callLive, typing } from '../../support/live.ts'
import {
  ANTHROPIC_KEY,
  messageReply,
  startAnthropic,
  textBlock,
  toolBlock,
} from '../../support/providers/anthropic.ts'
import { contentReply, GOOGLE_KEY, startGoogle } from '../../support/providers/google.ts'

let http: HttpClient
beforeEach(() => {
  http = createHttpClient()
})
afterEach(() => http.close())

const compile = (assistant: object) =>
  compileAssistant(parseAssistant(assistant, 'test'), {
    semantics: 'documentation',
    variables: {},
    epochMs: 0,
  })

const noCall = () => ({})

describe('the models of a call', () => {
  it('are rows of one table, each with a vendor, a proof and a request that tests its key', () => {
    const ids = MODELS.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, vendor, proof } of MODELS) {
      expect(vendor.id).toBe(id)
      expect(VENDORS).toContain(vendor)
      expect(proof.by).toMatch(/^(client-library|documentation|nothing)$/)
      expect(vendor.keyTest?.({ baseUrl: 'http://127.0.0.1:1', key: 'k' }).url).toMatch(
        /^http:\/\/127\.0\.0\.1:1\//,
      )
    }
    expect(MODELS.filter(({ proof }) => proof.by === 'nothing').map(({ id }) => id)).toEqual([
      'inflection-ai',
    ])
  })

  it.each([
    ['vapi', /hosted platform alone/],
    ['anthropic-bedrock', /signed for AWS; --model anthropic\/NAME/],
    ['anthropic-vertex', /tokens of Google Cloud/],
    ['elsewhere', /elsewhere does not run in a local call/],
  ])('of %s are refused before the call, with what to use instead', async (provider, said) => {
    const compiled = await compile({ model: { provider, model: 'x' } })
    expect(() => selectModels(compiled, http, {}, noCall)).toThrow(
      expect.objectContaining({
        exit: 2,
        message: expect.stringMatching(said),
        hint: expect.stringContaining('--model with one of openai'),
      }),
    )
  })

  it.each([
    ['anthropic', 'ANTHROPIC_API_KEY'],
    ['google', 'GEMINI_API_KEY'],
  ])('of %s need a key, told before the call', async (provider, variable) => {
    const compiled = await compile({ model: { provider, model: 'x' } })
    expect(() => selectModels(compiled, http, {}, noCall)).toThrow(
      expect.objectContaining({
        exit: 4,
        endedReason: `call.in-progress.error-vapifault-${provider}-401-unauthorized`,
        hint: expect.stringContaining(`set ${variable}`),
      }),
    )
  })

  it('tell before the call what of their settings is not honoured', async () => {
    const warningsOf = async (model: object) => modelWarnings(await compile({ model }))
    expect(await warningsOf({ provider: 'openai', model: 'gpt-4.1', temperature: 0.3 })).toEqual([])
    expect(
      await warningsOf({
        provider: 'openai',
        model: 'gpt-5',
        temperature: 0.3,
        fallbackModels: ['gpt-4o:westus'],
        reasoningEffort: 'low',
        promptCacheKey: 'k',
      }),
    ).toEqual([
      'model.temperature has no effect: gpt-5 reasons and takes none',
      'model.reasoningEffort has no effect: gpt-4o:westus does not reason',
      'model.promptCacheKey and promptCacheRetention have no effect: gpt-4o:westus takes neither',
      expect.stringContaining('the region in gpt-4o:westus has no effect'),
    ])
    const thinking = { type: 'enabled', budgetTokens: 2000 }
    expect(
      await warningsOf({ provider: 'anthropic', model: 'claude-opus-4-7', temperature: 1, thinking }),
    ).toHaveLength(2)
    expect(await warningsOf({ provider: 'anthropic', model: 'claude-haiku-4-5', temperature: 1.5 })).toEqual([
      'model.temperature 1.5 is more than claude-haiku-4-5 takes: 1 is used',
    ])
    expect(await warningsOf({ provider: 'minimax', model: 'MiniMax-M2.7', temperature: 1.5 })).toHaveLength(1)
  })
})

describe('the credential of a custom LLM', () => {
  let server: FakeOpenAi
  beforeEach(async () => {
    server = await startFakeOpenAi()
  })
  afterEach(() => server.close())

  async function ask(credential: object, env = {}) {
    const compiled = await compile({
      model: { provider: 'custom-llm', model: 'mine', url: `${server.url}/llm` },
      credentials: [
        { provider: 'openai', apiKey: 'other' },
        { provider: 'custom-llm', ...credential },
      ],
    })
    const [model] = selectModels(compiled, http, env, noCall)
    if (model === undefined) throw new Error('there is no model')
    const request = { messages: [{ role: 'user' as const, content: 'Hi' }], tools: [] }
    for await (const _ of model.respond(request, new AbortController().signal));
    for await (const _ of model.respond(request, new AbortController().signal));
    return server.requests
  }

  it('is its key, unless the environment has one', async () => {
    server.answerWith(() => textReply(['ok']))
    const [first] = await ask({ apiKey: 'inline' })
    expect(first?.headers.authorization).toBe('Bearer inline')
    const [, , third] = await ask({ apiKey: 'inline' }, { CUSTOM_LLM_API_KEY: 'mine' })
    expect(third?.headers.authorization).toBe('Bearer mine')
  })

  it('gets a token by its OAuth2 plan, once', async () => {
    server.answerWith(({ path }) =>
      path === '/token'
        ? jsonReply({ access_token: 'token-1', token_type: 'Bearer', expires_in: 600 })
        : textReply(['ok']),
    )
    const requests = await ask({
      apiKey: '',
      authenticationPlan: {
        type: 'oauth2',
        url: `${server.url}/token`,
        clientId: 'me',
        clientSecret: 'hush',
        scope: 'llm',
      },
    })
    expect(requests.map(({ path }) => path)).toEqual([
      '/token',
      '/llm/chat/completions',
      '/llm/chat/completions',
    ])
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'me',
      client_secret: 'hush',
      scope: 'llm',
    })
    expect(requests[2]?.headers.authorization).toBe('Bearer token-1')
  })
})

describe('a typed call', () => {
  const assistant = (provider: string, model: string) => ({
    firstMessageMode: 'assistant-speaks-first',
    firstMessage: 'Hello.',
    model: {
      provider,
      model,
      messages: [{ role: 'system', content: 'Be brief.' }],
      tools: [{ type: 'endCall' }],
    },
  })

  it('with Claude answers, and Claude ends it with a tool', async () => {
    const server = await startAnthropic()
    server.script(
      messageReply([textBlock(['Nine ', 'is free.'])]),
      messageReply([textBlock(['Bye.']), toolBlock('toolu_1', 'endCall', {})], { stopReason: 'tool_use' }),
    )
    const call = await callLive(
      assistant('anthropic', 'claude-haiku-4-5'),
      typing('When?', 'Thanks.'),
      [],
      { script: null },
      { ANTHROPIC_BASE_URL: server.url, ANTHROPIC_API_KEY: ANTHROPIC_KEY },
    )
    await server.close()
    expect(call.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual([
      'Hello.',
      'Nine is free.',
      'Bye.',
    ])
    expect(call.all('call.ended')[0]?.endedReason).toBe('assistant-ended-call')
  })

  it('with Gemini answers, and tells what of the model’s settings is not honoured', async () => {
    const server = await startGoogle()
    server.script(contentReply([[{ text: 'Nine ' }], [{ text: 'is free.' }]]))
    const call = await callLive(
      {
        ...assistant('google', 'gemini-2.5-flash'),
        model: { provider: 'google', model: 'gemini-2.5-flash', emotionRecognitionEnabled: true },
      },
      typing('When?'),
      [],
      { script: null },
      { GOOGLE_GEMINI_BASE_URL: server.url, GEMINI_API_KEY: GOOGLE_KEY },
    )
    await server.close()
    expect(call.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual([
      'Hello.',
      'Nine is free.',
    ])
    expect(call.warnings).toContainEqual(expect.stringContaining('emotionRecognitionEnabled has no effect'))
  })
})
