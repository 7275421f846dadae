import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  modelFailedReason,
  transcriberFailedReason,
  voiceFailedReason,
} from '../../src/assistant/ended-reasons.ts'
import { initialState } from '../../src/engine/state.ts'
import { step } from '../../src/engine/step.ts'
import { createHttpClient } from '../../src/net/http.ts'
import { modelEndedReason } from '../../src/providers/models/model-error.ts'
import { createOpenAiModel } from '../../src/providers/openai-compatible/model.ts'
import { findOpenAiProvider, OPENAI_PROVIDERS } from '../../src/providers/openai-compatible/providers.ts'
import {
  endedReasons,
  modelProviders,
  modelStatuses,
  transcriberProviders,
  voiceProviders,
} from '../support/ended-reasons.ts'
import { errorReply, startFakeOpenAi } from '../support/fake-openai.ts'
import { planOf } from '../support/hooks.ts'
import { documentAbsent, loadOpenApiDocument } from '../support/openapi/document.ts'
import { runCall } from '../support/ports.ts'
import { runSimulation } from '../support/simulation.ts'

const hello = `
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 9000, say: "Are you there?", lasts: 1 }]`
const silent = `
caller: [{ at: 9000, say: "Are you there?", lasts: 1 }]`
const tools = (tool: string) => `assistant: { model: { provider: openai, model: gpt-4o, tools: [${tool}] } }`
const calls = (name: string, values = '') => `
model: [{ reply: "", toolCalls: [{ name: ${name}${values} }] }]`
const transfer = (destination: string) => `
${tools(`{ type: transferCall, destinations: [{ ${destination}, message: "" }] }`)}${hello}${calls('transferCall')}`

describe('a call ends', () => {
  it.each([
    [
      '[api-ended-customer]',
      'customer-ended-call',
      'caller: [{ at: 0, say: "Bye.", lasts: 1 }]\nmodel: [{ reply: Bye. }]',
    ],
    [
      '[api-ended-end-call-tool]',
      'assistant-ended-call',
      `${tools('{ type: endCall }')}${hello}${calls('endCall')}`,
    ],
    [
      '[api-ended-after-message] of the control port,',
      'assistant-ended-call-after-message-spoken',
      `control: [{ at: 1, send: { type: say, content: "Bye.", endCallAfterSpoken: true } }]${silent}`,
    ],
    [
      '[api-ended-after-message] of a tool,',
      'assistant-ended-call-after-message-spoken',
      `${tools('{ type: function, function: { name: book }, messages: [{ type: request-complete, content: "Bye.", endCallAfterSpokenEnabled: true }] }')}${hello}${calls('book')}`,
    ],
    ['[api-ended-manually]', 'manually-canceled', `control: [{ at: 1, send: { type: end-call } }]${silent}`],
    [
      '[api-ended-forwarded] to a number',
      'assistant-forwarded-call',
      transfer('type: number, number: "+14155550100"'),
    ],
    [
      '[api-ended-forwarded] to a SIP address',
      'assistant-forwarded-call',
      transfer('type: sip, sipUri: "sip:a@example.org"'),
    ],
    ['[api-ended-worker]', 'call.in-progress.error-vapifault-worker-died', null],
  ])('%s with its reason %s', async (_rule, reason, yaml) => {
    expect(endedReasons).toContain(reason)
    if (yaml !== null) {
      expect((await runSimulation(yaml)).endedReason).toBe(reason)
      return
    }
    const broken = await runCall({}, { output: { fails: 'the speaker died' } })
    expect(broken.endedReason).toBe(reason)
  })

  it.each(['audio-input', 'audio-output'] as const)(
    '[api-ended-worker] when the stage %s dies, with what it said',
    async stage => {
      const plan = await planOf({})
      const call = { members: [plan] } as const
      const failure = {
        code: 'x',
        message: 'gone',
        retryable: false,
        endedReason: null,
        hint: null,
        exit: 1,
      } as const
      const started = step(call, initialState(call), {
        type: 'call.started',
        atMs: 0,
        seed: 1,
        epochMs: 0,
        timeZone: 'UTC',
      })
      const { commands } = step(call, started.state, { type: 'stage.failed', atMs: 5, stage, failure })
      const ended = commands.flatMap(command =>
        command.type === 'observe' && command.observation.type === 'call.ended' ? [command.observation] : [],
      )
      expect(ended).toMatchObject([
        { endedReason: 'call.in-progress.error-vapifault-worker-died', endedMessage: 'gone' },
      ])
    },
  )

  it('[web-stop-ends-the-call] when the client stops it, as by the customer’s own hang-up', async () => {
    const call = await runCall(
      { firstMessageMode: 'assistant-speaks-first', firstMessage: 'One two three four five.' },
      { hangUpAtMs: 1200 },
    )
    expect(call.endedReason).toBe('customer-ended-call')
    const stopped = call.observations.find(({ type }) => type === 'assistant.speech.stopped')
    expect(stopped).toMatchObject({ atMs: 1200, reason: 'interrupted' })
    expect(call.observations.at(-1)).toMatchObject({ type: 'call.ended', atMs: 1200 })
  })
})

describe('a model', () => {
  const openai = findOpenAiProvider('openai')
  if (openai === undefined) throw new Error('there is no OpenAI')

  describe.each(modelProviders)('of %s', provider => {
    const settings = { ...openai, endedReasonName: provider, errorSuffixes: {} }

    it.each(modelStatuses)(
      '[api-ended-model-400, api-ended-model-500] that answers %d gives the %s %s',
      (status, fault, suffix) => {
        const reason = modelEndedReason(settings, status)
        expect(reason).toBe(`call.in-progress.error-${fault}-${provider}-${suffix}`)
        expect(endedReasons).toContain(reason)
      },
    )

    it('[api-ended-model-other] that fails otherwise gives llm-failed', async () => {
      const reason = `call.in-progress.error-providerfault-${provider}-llm-failed`
      for (const status of [null, 302, 404, 408, 413, 422, 502, 504, 529])
        expect(modelEndedReason(settings, status)).toBe(reason)
      const call = await runSimulation(`
assistant: { model: { provider: ${provider}, model: m } }${hello}
failures: [{ model: ${provider}/m }]`)
      expect(call.endedReason).toBe(reason)
    })
  })

  it('[api-ended-only-enum] that runs here has a name of the list', () => {
    for (const provider of OPENAI_PROVIDERS) expect(modelProviders).toContain(provider.endedReasonName)
  })

  it.each([
    [401, 'invalid_api_key', 'vapifault-openai-401-incorrect-api-key'],
    [401, 'no_organization', 'vapifault-openai-401-account-not-in-organization'],
    [401, 'invalid_organization', 'vapifault-openai-401-account-not-in-organization'],
    [401, 'mismatched_organization', 'vapifault-openai-401-account-not-in-organization'],
    [429, 'rate_limit_exceeded', 'vapifault-openai-429-rate-limit-reached'],
    [429, 'insufficient_quota', 'vapifault-openai-429-exceeded-quota'],
    [401, '', 'vapifault-openai-401-unauthorized'],
    [500, '', 'providerfault-openai-500-server-error'],
    [418, '', 'providerfault-openai-llm-failed'],
  ])(
    '[api-ended-openai-own, api-ended-model-400, api-ended-model-500] of OpenAI that answers %d %s ends the call with %s',
    async (status, code, reason) => {
      const server = await startFakeOpenAi()
      try {
        server.answerWith(() => errorReply(status, 'no', code))
        const model = createOpenAiModel({
          provider: openai,
          model: 'gpt-4o',
          baseUrl: server.baseUrl,
          key: 'sk-test',
          http: createHttpClient({}),
        })
        const call = await runCall({}, { models: [model] })
        expect(call.endedReason).toBe(`call.in-progress.error-${reason}`)
        expect(endedReasons).toContain(call.endedReason)
      } finally {
        await server.close()
      }
    },
  )
})

describe('a voice', () => {
  const configured: Record<string, string> = { 'eleven-labs': '11labs' }
  it.each(voiceProviders)('[api-ended-voice] of %s that fails ends the call with its fault', async name => {
    const provider = configured[name] ?? name
    const call = await runSimulation(`
assistant: { voice: { provider: ${provider}, voiceId: v } }${hello}
model: [{ reply: Hi. }]
failures: [{ voice: ${provider}/v }]`)
    expect(call.endedReason).toBe(`call.in-progress.error-vapifault-${name}-voice-failed`)
    expect(endedReasons).toContain(call.endedReason)
  })
})

describe('a transcriber', () => {
  const configured: Record<string, string> = {
    'eleven-labs': '11labs',
    'azure-speech': 'azure',
    custom: 'custom-transcriber',
  }
  it.each(transcriberProviders)(
    '[api-ended-transcriber] of %s that fails ends the call with its fault',
    async name => {
      const provider = configured[name] ?? name
      const call = await runSimulation(`
assistant: { transcriber: { provider: ${provider}, model: t } }${hello}
model: [{ reply: Hi. }]
failures: [{ transcriber: ${provider}/t }]`)
      expect(call.endedReason).toBe(`call.in-progress.error-vapifault-${name}-transcriber-failed`)
      expect(endedReasons).toContain(call.endedReason)
    },
  )
})

describe('no other reason', () => {
  const document = loadOpenApiDocument()

  it('[api-ended-only-enum] comes of providers that nobody knows', () => {
    const strange = [
      '',
      'embedded',
      'silent',
      'ollama',
      'somebody',
      'a b',
      'openai/x',
      'custom-voice',
      'tavus',
      'azure',
      '11labs',
    ]
    for (const provider of strange)
      for (const reasonOf of [modelFailedReason, voiceFailedReason, transcriberFailedReason])
        expect(endedReasons, `${reasonOf.name} of ${provider}`).toContain(reasonOf(provider))
  })

  it('[api-ended-only-enum] of a scripted call’s model that nobody knows', async () => {
    const call = await runSimulation(`
assistant: { model: { provider: mine, model: m } }${hello}
failures: [{ model: mine/m }]`)
    expect(endedReasons).toContain(call.endedReason)
  })

  it('[api-ended-only-enum] stands in the source', () => {
    const root = new URL('../../src', import.meta.url).pathname
    const folders = ['engine', 'call', 'assistant', 'audio', 'providers', 'messages', 'commands']
    const places =
      /(?:endedReason(?::|,| \?\?| =)|\b(?:ending|end|hangUp|forwardedWith)\(|endsCall(?::| =)|reason\()\s*(?:[^'\n]{0,80}\?\?\s*)?'([a-z][a-z.-]+)'/g
    const found = folders.flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter(file => file.endsWith('.ts'))
        .flatMap(file =>
          [...readFileSync(join(root, folder, file), 'utf8').matchAll(places)].map(match => match[1]),
        ),
    )
    expect(found.length).toBeGreaterThan(12)
    // `string` is the type of the field where events are read.
    expect(found.filter(reason => reason !== 'string' && !endedReasons.has(String(reason)))).toEqual([])
  })

  it.skipIf(document === false)(
    `[api-ended-only-enum] stands in our list of the document’s${document === false ? ` (${documentAbsent})` : ''}`,
    () => {
      if (document === false) return
      const { endedReason } = document.components?.schemas?.Call?.properties ?? {}
      const values = new Set(endedReason?.enum)
      expect([...endedReasons].filter(reason => !values.has(reason))).toEqual([])
      // Of two spellings the newer one is given.
      const older = [...endedReasons].filter(reason => reason.startsWith('pipeline-error-'))
      expect(older).toEqual(['pipeline-error-custom-voice-failed'])
      for (const reason of older)
        for (const kind of ['vapifault', 'providerfault'])
          expect(values).not.toContain(reason.replace('pipeline-error', `call.in-progress.error-${kind}`))
    },
  )
})
