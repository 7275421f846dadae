import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { noAccount } from '../../src/assistant/sources.ts'
import { loadChecks } from '../../src/commands/call-checks.ts'
import callLocal from '../../src/commands/call-local.ts'
import { resolveModelAccess } from '../../src/providers/models/vendor.ts'
import { findOpenAiProvider } from '../../src/providers/openai-compatible/providers.ts'
import { callWith, resolveDocument, store } from '../support/configured.ts'
import { startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { runCommand } from '../support/run-command.ts'

const system = (content: string) => [{ role: 'system', content }]

/** The page's customer-service agent (line 2379). */
const agent = {
  name: 'Customer Service Agent',
  model: {
    provider: 'openai',
    model: 'gpt-4o',
    messages: system('The customer’s name is John Smith and their account status is premium.'),
    temperature: 0.7,
  },
  voice: { provider: '11labs', voiceId: 'N2lVS1w4EtoT3dr4eOWO' },
  firstMessage: 'Hello John, I see you’re calling about your business account. How can I help you today?',
}

function folder(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'configuration-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

describe('the opening of a call', () => {
  it('[api-first-message-mode-default, phone-first-message-on-answer, quickstart-first-message-on-answer] is the first message', async () => {
    const { said, observations } = await callWith({ assistant: { firstMessage: 'Hello.' } })
    expect(said).toEqual(['Hello.'])
    expect(observations.some(({ type }) => type === 'model.requested')).toBe(false)
  })

  it('[transcriber-first-message] is spoken before any transcript has come', async () => {
    const { observations } = await callWith({
      assistant: {
        firstMessage: 'Hello! I am your assistant.',
        transcriber: { provider: 'custom-transcriber', server: { url: 'wss://example.com/transcriber' } },
      },
      caller: [{ after: 'assistant', plus: 1, say: 'Hi.', lasts: 0.5 }],
      model: [{ reply: 'Hi.' }],
    })
    const types = observations.map(({ type }) => type)
    const firstWords = observations.findIndex(seen => seen.type === 'transcript' && seen.role === 'user')
    expect(types.indexOf('assistant.speech.started')).toBeLessThan(firstWords)
  })

  it.each([
    { firstMessage: 'Unused.', firstMessageMode: 'assistant-speaks-first-with-model-generated-message' },
    {},
  ])('[api-first-message-generated] is the model’s with %o', async fields => {
    const { said } = await callWith({ assistant: fields, model: [{ reply: 'Welcome.' }] })
    expect(said).toEqual(['Welcome.'])
  })

  it('[api-first-message-waits] waits for the customer where the mode says so', async () => {
    const { observations, said } = await callWith({
      assistant: { firstMessage: 'Unused.', firstMessageMode: 'assistant-waits-for-user' },
      caller: [{ at: 5, say: 'Hello?', lasts: 0.5 }],
      model: [{ reply: 'Hi.' }],
    })
    expect(said).toEqual(['Hi.'])
    expect(observations.find(({ type }) => type === 'assistant.speech.started')?.atMs).toBeGreaterThan(5500)
  })

  it('[api-first-message-sound-file] is played where it is the address of a sound file', async () => {
    const url = 'https://example.com/*a*/greeting_1200_$5_5km.wav?x=1,2&y=12:30'
    const { observations } = await callWith({
      assistant: { firstMessage: url },
      sounds: { [url]: 2.5 },
    })
    const heard = (type: string) => observations.filter(seen => seen.type === type)
    expect(heard('voice.requested')).toHaveLength(1)
    const [started] = heard('assistant.speech.started')
    const [stopped] = heard('assistant.speech.stopped')
    expect((stopped?.atMs ?? 0) - (started?.atMs ?? 0)).toBe(2500)
    expect(started).toMatchObject({ text: url, source: 'first-message' })
  })

  it('[phone-example-assistant, quickstart-voice-and-transcriber-optional] of the pages’ assistants brings no warning', async () => {
    const check = await loadChecks()
    const alex = {
      name: 'Customer Support Assistant',
      model: { provider: 'openai', model: 'gpt-4o', messages: system('You are Alex.') },
      voice: { provider: '11labs', voiceId: 'cgSgspJ2msm6clMCkdW9' },
      firstMessage: 'Hi there, this is Alex. How can I help you today?',
    }
    const { voice: _voice, ...withoutVoice } = alex
    for (const assistant of [alex, withoutVoice, agent]) {
      const { warnings, said } = await callWith({ assistant }, { check })
      expect({ warnings, said }).toEqual({ warnings: [], said: [assistant.firstMessage] })
    }
  })
})

describe('the model of a call', () => {
  it('[api-temperature-default, api-max-tokens-default] has its documented defaults', async () => {
    const { compiled } = await resolveDocument({ model: { provider: 'openai', model: 'gpt-4o' } })
    expect(compiled[0].models[0]).toMatchObject({ temperature: 0.5, maxTokens: 250 })
  })

  it('[web-model-temperature, transient-example-prefilled] gets its own temperature, and the first message is spoken', async () => {
    const { compiled } = await resolveDocument(agent)
    expect(compiled[0].models[0]?.temperature).toBe(0.7)
    expect((await callWith({ assistant: agent })).said).toEqual([agent.firstMessage])
  })

  it('[quickstart-system-message-is-the-prompt, transient-data-in-the-prompt] gets the prompt as it is written', async () => {
    const { compiled } = await resolveDocument(agent)
    expect(compiled[0].plan.model.systemMessages).toEqual([agent.model.messages[0]?.content])
  })

  it('[api-model-example-messages] gets examples of user and assistant after the prompt and before the conversation', async () => {
    const assistant = {
      firstMessageMode: 'assistant-waits-for-user',
      model: {
        provider: 'openai',
        messages: [
          ...system('Be brief, {{name}}.'),
          { role: 'user', content: 'Two and two?' },
          { role: 'assistant', content: 'Four, {{name}}.' },
        ],
      },
    }
    const { compiled, configuration } = await resolveDocument({
      assistant,
      assistantOverrides: { variableValues: { name: 'Ann' } },
    })
    expect(configuration.warnings).toEqual([])
    expect(compiled[0].plan.model).toMatchObject({
      systemMessages: ['Be brief, Ann.'],
      examples: [
        { role: 'user', content: 'Two and two?' },
        { role: 'assistant', content: 'Four, Ann.' },
      ],
    })
    const { observations } = await callWith({
      assistant,
      caller: [{ at: 0, say: 'Hello.', lasts: 1 }],
      model: [{ reply: 'Hi.' }],
    })
    // The prompt, two examples, and what the customer said.
    expect(observations.find(({ type }) => type === 'model.requested')).toMatchObject({ messageCount: 4 })
    const ended = observations.find(seen => seen.type === 'call.ended')
    expect(ended).toMatchObject({ artifact: { transcript: 'User: Hello.\nAI: Hi.' } })
  })

  it('[keys-any-voice-id, keys-transcriber-model] takes voices and transcribers that no list has', async () => {
    const { compiled } = await resolveDocument({
      voice: { provider: '11labs', voiceId: 'a-voice-of-tomorrow' },
      transcriber: { provider: 'deepgram', model: 'nova-99-private' },
    })
    expect(compiled[0].plan.voice.voices[0]?.name).toBe('11labs/a-voice-of-tomorrow')
    expect(compiled[0].transcriber).toMatchObject({ provider: 'deepgram', model: 'nova-99-private' })
  })

  it('takes a transcriber without a provider: the page’s Spanish set-up', async () => {
    const { compiled } = await resolveDocument({ transcriber: { language: 'es' } })
    expect(compiled[0].transcriber).toMatchObject({ provider: 'deepgram', language: 'es' })
  })
})

describe('a transient configuration', () => {
  it('[transient-inline-definition, transient-lives-for-the-call, permanent-needs-no-payload] is whole in the call, and nothing is fetched or stored', async () => {
    const stored = store({})
    const { said } = await callWith({ call: { assistant: agent } }, { stored })
    expect(said).toEqual([agent.firstMessage])
    expect(stored.fetched).toEqual([])
  })

  it('[transient-call-body, phone-customer-number, web-customer-name] stands in the body of a call with its customer', async () => {
    const { said, prompts } = await callWith({
      call: {
        phoneNumberId: 'your-phone-number-id',
        customer: { number: '+12345678900', name: 'John' },
        assistant: {
          firstMessage: 'Hi {{customer.name}}, this is Sarah from Acme.',
          model: { provider: 'openai', model: 'gpt-4', messages: system('You call {{customer.number}}.') },
        },
      },
    })
    expect(said).toEqual(['Hi John, this is Sarah from Acme.'])
    expect(prompts).toEqual(['You call +12345678900.'])
  })

  it('[transient-ab-variants] does not reach into the next call', async () => {
    const variant = (temperature: number, firstMessage: string) => ({
      ...agent,
      firstMessage,
      model: { ...agent.model, temperature },
    })
    const enthusiastic = variant(0.9, 'Hey there! Exciting news.')
    const professional = variant(0.3, 'Good afternoon.')
    for (const assistant of [enthusiastic, professional, enthusiastic]) {
      const { compiled } = await resolveDocument(assistant)
      expect(compiled[0].models[0]?.temperature).toBe(assistant.model.temperature)
      expect((await callWith({ assistant })).said).toEqual([assistant.firstMessage])
    }
  })
})

describe('a permanent configuration', () => {
  const desk = {
    id: 'desk',
    name: 'Desk',
    firstMessage: 'Hello {{name}}.',
    model: { provider: 'openai', model: 'gpt-4' },
  }

  it('[permanent-by-id, permanent-is-stored, permanent-assistant-id-in-call, web-start-by-id] is fetched by its id when the call begins', async () => {
    const stored = store({ assistant: { desk } })
    const { said } = await callWith({ call: { assistantId: 'desk' } }, { stored })
    expect(said).toEqual(['Hello .'])
    expect(stored.fetched).toEqual(['assistant desk'])
    expect((await callWith({ assistant: 'desk' }, { stored })).said).toEqual(['Hello .'])
  })

  it('[permanent-with-overrides, permanent-variable-values, permanent-reusable] takes overrides for one call alone', async () => {
    const stored = store({ assistant: { desk } })
    const call = (name: string, firstMessage?: string) =>
      callWith(
        {
          call: {
            assistantId: 'desk',
            assistantOverrides: { variableValues: { name }, ...(firstMessage && { firstMessage }) },
          },
        },
        { stored },
      )
    expect((await call('John', 'Good day {{name}}.')).said).toEqual(['Good day John.'])
    expect((await call('Ann')).said).toEqual(['Hello Ann.'])
  })

  it('[api-configuration-copied-at-start] does not change within a call', async () => {
    const assistant = { ...desk, endCallMessage: 'Old.' }
    const stored = store({ assistant: { desk: assistant } })
    const { configuration } = await resolveDocument({ assistantId: 'desk' }, stored)
    assistant.endCallMessage = 'New.'
    assistant.model.model = 'other'
    expect(configuration.members[0].assistant).toMatchObject({
      endCallMessage: 'Old.',
      model: { model: 'gpt-4' },
    })
    assistant.model.model = 'gpt-4'
  })

  it('[permanent-tool-ids-in-overrides] takes toolIds of the overrides as model.toolIds, with a warning', async () => {
    const tool = {
      id: 't1',
      type: 'function',
      function: { name: 'update_crm' },
      server: { url: 'https://a.example' },
    }
    const stored = store({ assistant: { desk }, tool: { t1: tool } })
    const { configuration, compiled } = await resolveDocument(
      { assistantId: 'desk', assistantOverrides: { toolIds: ['t1'] } },
      stored,
    )
    expect(compiled[0].plan.tools.map(({ name }) => name)).toEqual(['update_crm'])
    expect(configuration.warnings).toContainEqual(expect.stringMatching(/toolIds .*model\.toolIds/))
  })

  it('needs an account only where something stored is really needed', async () => {
    await expect(callWith({ call: { assistantId: 'desk' } })).rejects.toMatchObject({
      exit: 4,
      message: expect.stringContaining('assistant desk'),
    })
    const { warnings, said } = await callWith({
      assistant: { firstMessage: 'Hi.', model: { provider: 'openai', toolIds: ['t1'] } },
    })
    expect(said).toEqual(['Hi.'])
    expect(warnings).toContainEqual(expect.stringContaining('tool t1'))
    await expect(noAccount('tool', 't1')).rejects.toMatchObject({ exit: 4 })
  })

  it('joins stored tools to the inline ones, after them', async () => {
    const stored = store({ tool: { t1: { type: 'function', function: { name: 'stored_one' } } } })
    const tools = [{ type: 'function', function: { name: 'inline_one' } }]
    const { compiled } = await resolveDocument(
      { model: { provider: 'openai', tools, toolIds: ['t1'] } },
      stored,
    )
    expect(compiled[0].plan.tools.map(({ name }) => name)).toEqual(['inline_one', 'stored_one'])
  })

  it('[phone-assistant-object-with-id] is read where assistant holds only its id, with a warning', async () => {
    const { said, warnings } = await callWith(
      { call: { assistant: { assistantId: 'desk' }, customer: { number: '+12345678900' } } },
      { stored: store({ assistant: { desk } }) },
    )
    expect(said).toEqual(['Hello .'])
    expect(warnings).toContainEqual(expect.stringContaining('assistant.assistantId'))
  })

  it('[web-call-metadata] takes metadata of the call into its own, with a warning, and is not steered by it', async () => {
    const { configuration } = await resolveDocument({
      assistant: { firstMessage: 'Hi.' },
      metadata: { plan: 'gold', firstMessage: 'no' },
    })
    expect(configuration.members[0].assistant).toMatchObject({
      firstMessage: 'Hi.',
      metadata: { plan: 'gold', firstMessage: 'no' },
    })
    expect(configuration.warnings).toContainEqual(
      expect.stringMatching(/metadata .*assistantOverrides\.metadata/),
    )
  })
})

describe('overrides', () => {
  const tool = (name: string) => ({ type: 'function', function: { name } })

  it('[api-overrides-deep-merge] merge objects deeply and replace lists and values', async () => {
    const { configuration } = await resolveDocument({
      assistant: {
        name: 'Desk',
        model: {
          provider: 'openai',
          model: 'gpt-4o',
          temperature: 0.2,
          messages: system('One.'),
          tools: [tool('a')],
        },
      },
      assistantOverrides: { model: { temperature: 0.9, messages: system('Two.'), tools: [tool('b')] } },
    })
    expect(configuration.members[0].assistant).toMatchObject({
      name: 'Desk',
      model: {
        provider: 'openai',
        model: 'gpt-4o',
        temperature: 0.9,
        messages: system('Two.'),
        tools: [tool('b')],
      },
    })
  })

  it('[api-overrides-tools-append] add to the tools by tools:append', async () => {
    const { configuration } = await resolveDocument({
      assistant: { model: { provider: 'openai', tools: [tool('a')] } },
      assistantOverrides: { 'tools:append': [tool('b')] },
      customer: { assistantOverrides: { 'tools:append': [tool('c')], firstMessage: 'For you.' } },
    })
    const [{ assistant }] = configuration.members
    expect(assistant.model?.tools).toEqual([tool('a'), tool('b'), tool('c')])
    expect(assistant.firstMessage).toBe('For you.')
  })
})

describe('a squad', () => {
  const receptionist = {
    name: 'Reception',
    firstMessage: 'Reception, {{who}}.',
    model: { provider: 'openai' },
  }
  const mixed = [
    { assistantId: 'r1', assistantDestinations: [{ type: 'assistant', assistantName: 'technical-support' }] },
    { assistant: { name: 'technical-support', model: { provider: 'openai' } }, assistantDestinations: [] },
  ]

  it('[squad-as-a-list, squad-member-by-id, squad-member-inline] is read as the page has it: a list, members by id and inline', async () => {
    const stored = store({ assistant: { r1: receptionist } })
    const { configuration, compiled } = await resolveDocument({ squad: mixed }, stored)
    expect(configuration.members.map(({ assistant }) => assistant.name)).toEqual([
      'Reception',
      'technical-support',
    ])
    expect(configuration.members[0].destinations).toEqual(mixed[0]?.assistantDestinations)
    expect(configuration.warnings).toContainEqual(expect.stringMatching(/squad .*members/))
    expect(compiled).toHaveLength(2)
    const { said } = await callWith({ squad: { members: mixed } }, { stored })
    expect(said).toEqual(['Reception, .'])
  })

  it('is fetched by its id', async () => {
    const stored = store({ squad: { s1: { members: mixed } }, assistant: { r1: receptionist } })
    expect((await callWith({ call: { squadId: 's1' } }, { stored })).said).toEqual(['Reception, .'])
    expect(
      (
        await callWith(
          { squad: 's1' },
          { stored: store({ squad: { s1: { members: mixed } }, assistant: { r1: receptionist } }) },
        )
      ).said,
    ).toEqual(['Reception, .'])
  })

  it('[api-squad-override-order] is overridden by the member, then by membersOverrides, then by the call; variables merge', async () => {
    const { configuration } = await resolveDocument({
      squad: {
        members: [
          {
            assistant: { name: 'own', firstMessage: 'own', endCallMessage: 'own', voicemailMessage: 'own' },
            assistantOverrides: {
              firstMessage: 'member',
              endCallMessage: 'member',
              voicemailMessage: 'member',
              variableValues: { a: 1, b: 1, c: 1 },
            },
          },
        ],
        membersOverrides: {
          firstMessage: 'all members',
          endCallMessage: 'all members',
          variableValues: { b: 2, c: 2 },
        },
      },
      squadOverrides: { firstMessage: 'call', variableValues: { c: 3 } },
    })
    const [{ assistant, variables }] = configuration.members
    expect(assistant).toMatchObject({
      name: 'own',
      firstMessage: 'call',
      endCallMessage: 'all members',
      voicemailMessage: 'member',
    })
    expect(variables).toEqual({ a: 1, b: 2, c: 3 })
  })

  it('[api-squad-names-unique] is refused where two members have one name', async () => {
    const member = { assistant: { name: 'Twin' } }
    await expect(resolveDocument({ members: [member, member] })).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(/members\[0\] and members\[1\] are both named "Twin"/),
    })
  })
})

describe('old spellings', () => {
  it('[api-legacy-spellings] are honoured, each with a warning that names the new one', async () => {
    const { configuration } = await resolveDocument({
      serverUrl: 'https://example.com/hook',
      serverUrlSecret: 's',
      idleMessages: ['Still there?'],
      messagePlan: { idleTimeoutSeconds: 7 },
      endCallFunctionEnabled: true,
      recordingEnabled: false,
      hipaaEnabled: true,
      forwardingPhoneNumber: '+15551234567',
      customEndpointingRules: [{ type: 'customer', regex: 'x', timeoutSeconds: 1 }],
      voice: { provider: '11labs', voiceId: 'x', inputPunctuationBoundaries: ['.'] },
      model: {
        provider: 'openai',
        systemPrompt: 'Be brief.',
        max_tokens: 99,
        functions: [{ name: 'look', description: 'Looks', parameters: { type: 'object' } }],
        tools: [
          {
            type: 'function',
            name: 'flat',
            parameters: { type: 'object' },
            server: { url: 'https://x.example' },
          },
        ],
      },
    })
    const [{ assistant }] = configuration.members
    expect(assistant).toMatchObject({
      server: { url: 'https://example.com/hook', secret: 's' },
      messagePlan: { idleTimeoutSeconds: 7, idleMessages: ['Still there?'] },
      artifactPlan: { recordingEnabled: false },
      compliancePlan: { hipaaEnabled: true },
      startSpeakingPlan: { customEndpointingRules: [{ regex: 'x' }] },
      voice: { chunkPlan: { punctuationBoundaries: ['.'] } },
      model: { messages: system('Be brief.'), maxTokens: 99 },
    })
    expect(assistant.model?.tools).toEqual([
      {
        type: 'function',
        server: { url: 'https://x.example' },
        function: { name: 'flat', parameters: { type: 'object' } },
      },
      { type: 'function', function: { name: 'look', description: 'Looks', parameters: { type: 'object' } } },
      { type: 'endCall' },
      { type: 'transferCall', destinations: [{ type: 'number', number: '+15551234567' }] },
    ])
    for (const [old, today] of [
      ['serverUrl', 'server.url'],
      ['serverUrlSecret', 'server.headers'],
      ['idleMessages', 'hooks'],
      ['messagePlan', 'hooks'],
      ['endCallFunctionEnabled', 'endCall'],
      ['recordingEnabled', 'artifactPlan.recordingEnabled'],
      ['hipaaEnabled', 'compliancePlan.hipaaEnabled'],
      ['forwardingPhoneNumber', 'transferCall'],
      ['customEndpointingRules', 'startSpeakingPlan.customEndpointingRules'],
      ['voice.inputPunctuationBoundaries', 'voice.chunkPlan.punctuationBoundaries'],
      ['model.systemPrompt', 'model.messages'],
      ['model.max_tokens', 'model.maxTokens'],
      ['model.functions', 'model.tools'],
    ] as const)
      expect(
        configuration.warnings.some(text => text.startsWith(`${old} `) && text.includes(today)),
        old,
      ).toBe(true)
  })

  it('[api-legacy-spellings] backgroundDenoisingEnabled is smart denoising, with a warning', async () => {
    const { compiled } = await resolveDocument({ backgroundDenoisingEnabled: true })
    expect(compiled[0].denoise.smart).toBe(true)
    expect(compiled[0].plan.warnings).toContainEqual(expect.stringContaining('smartDenoisingPlan.enabled'))
  })

  it('[api-provider-aliases] of providers are read, with a warning', async () => {
    const { configuration, compiled } = await resolveDocument({
      voice: { provider: 'eleven-labs', voiceId: 'x' },
      transcriber: { provider: 'assembly' },
    })
    expect(compiled[0].plan.voice.voices[0]?.name).toBe('11labs/x')
    expect(compiled[0].transcriber.provider).toBe('assembly-ai')
    expect(configuration.warnings).toEqual([
      expect.stringMatching(/eleven-labs.*11labs/),
      expect.stringMatching(/assembly.*assembly-ai/),
    ])
  })

  it('give way to today’s where both are set, and nulls are as good as nothing', async () => {
    const { configuration } = await resolveDocument({
      serverUrl: 'https://old.example',
      server: { url: 'https://new.example', timeoutSeconds: null },
      endCallMessage: null,
      voice: null,
    })
    const [{ assistant }] = configuration.members
    expect(assistant.server).toEqual({ url: 'https://new.example' })
    expect(Object.keys(assistant)).toEqual(['server'])
  })
})

describe('faults of a configuration', () => {
  it('[api-schema-errors-name-the-path] end the start of the call with the paths of all of them', async () => {
    await expect(
      callWith({
        assistant: {
          model: { provider: 'openai', temperature: 7 },
          startSpeakingPlan: { waitSeconds: 'long' },
        },
      }),
    ).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(/model\.temperature: [\s\S]*startSpeakingPlan\.waitSeconds: /),
    })
  })

  it.each([
    [
      'assistant.json',
      '{\n  "name": "Desk",\n  "model": { "provider": "openai",\n    "temperature": 7 }\n}',
      'line 4, column 5',
    ],
    ['assistant.yaml', 'name: Desk\nmodel:\n  provider: openai\n  temperature: 7\n', 'line 4, column 3'],
    [
      'squad.yaml',
      'members:\n  - assistant:\n      name: Desk\n      maxDurationSeconds: 1\n',
      'line 4, column 7',
    ],
    ['call.yaml', 'customer: { name: Ann }\nassistant:\n  maxDurationSeconds: 1\n', 'line 3, column 3'],
  ])('[api-schema-errors-name-the-path] of %s name line and column', async (name, text, place) => {
    const path = join(folder({ [name]: text }), 'test.yaml')
    await expect(callWith({ assistant: `./${name}` }, { path })).rejects.toMatchObject({
      exit: 2,
      message: expect.stringContaining(place),
    })
  })

  it('that come from overrides name the path alone', async () => {
    const path = join(folder({ 'assistant.yaml': 'name: Desk\nmaxDurationSeconds: 100\n' }), 'test.yaml')
    const assistantOverrides = { maxDurationSeconds: 1 }
    const call = callWith({ assistant: './assistant.yaml', assistantOverrides }, { path })
    await expect(call).rejects.toMatchObject({ message: expect.stringContaining('maxDurationSeconds') })
    await expect(call).rejects.not.toMatchObject({ message: expect.stringContaining('line') })
  })

  it('that the API would find are warnings of the call', async () => {
    const check = await loadChecks()
    const { warnings } = await callWith(
      {
        assistant: {
          firstMessage: 'Hi.',
          firstMesage: 'typo',
          voice: { provider: '11labs', voiceId: 'shimmer' },
          model: { provider: 'openai', model: 'gpt-4o', messages: system('x') },
        },
      },
      { check },
    )
    expect(warnings).toEqual([
      expect.stringMatching(/^firstMesage: unknown field, did you mean firstMessage/),
      expect.stringMatching(/^voice\.voiceId: shimmer is a voice of .*openai/),
    ])
  })
})

describe('the providers of a call', () => {
  it('[keys-own-keys] are used directly, with their own keys', () => {
    const openai = findOpenAiProvider('openai')
    if (openai === undefined) throw new Error('openai is missing')
    const { baseUrl, key } = resolveModelAccess(openai, { OPENAI_API_KEY: 'own-key' }, undefined)
    expect({ baseUrl, key }).toEqual({ baseUrl: 'https://api.openai.com/v1', key: 'own-key' })
    expect(() => resolveModelAccess(openai, {}, undefined)).toThrow(/needs a key/)
  })

  it('[keys-openai-compatible] may be any server that speaks OpenAI’s chat completions', async () => {
    const server = await startFakeOpenAi()
    onTestFinished(() => server.close())
    const cwd = folder({
      'assistant.json': JSON.stringify({
        model: {
          provider: 'custom-llm',
          url: server.baseUrl,
          model: 'of-my-own',
          messages: system('Be brief.'),
        },
      }),
    })
    server.script(textReply(['Hi.']))
    const run = runCommand(callLocal, ['assistant.json', '--in', 'text', '--json'], {
      baseUrl: server.url,
      cwd,
    })
    const { stdout, error } = await run.finished
    expect(error).toBeNull()
    expect(server.requests[0]).toMatchObject({ path: '/v1/chat/completions', json: { model: 'of-my-own' } })
    expect(stdout).toMatch(/"spokenText":"Hi\."/)
  })
})
