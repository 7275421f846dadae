import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../src/assistant/validate/finding.ts'
import { loadValidator } from '../../../src/assistant/validate/validate.ts'

const validator = await loadValidator()

/** An assistant without faults, changed. */
function assistant(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'Reception',
    firstMessage: 'Hello.',
    model: {
      provider: 'openai',
      model: 'gpt-4o',
      messages: [{ role: 'system', content: 'You answer the telephone.' }],
    },
    voice: { provider: '11labs', voiceId: 'sarah' },
    transcriber: { provider: 'deepgram', model: 'nova-3', language: 'en' },
    ...changes,
  }
}

const model = (changes: object) => ({ ...(assistant().model as object), ...changes })
const tool = (changes: object) =>
  assistant({ server: { url: 'https://example.com' }, model: model({ tools: [changes] }) })
const told = (findings: readonly Finding[]) =>
  findings.map(({ level, path, message }) => `${level} ${path}: ${message}`)

type Case = [name: string, document: unknown, told: string[], fix?: string]

const shape: Case[] = [
  [
    'a field that is mistyped',
    assistant({ voice: { provider: '11labs', voiceId: 'sarah', stabilty: 0.5 } }),
    ['error voice.stabilty: unknown field, did you mean stability?'],
    'rename it to stability',
  ],
  [
    'a field in another case',
    assistant({ voice: { provider: '11labs', voice_id: 'sarah' } }),
    ['error voice.voice_id: unknown field, did you mean voiceId?', 'error voice.voiceId: voiceId is missing'],
  ],
  [
    'a field in the wrong place',
    assistant({ temperature: 0.4 }),
    ['error temperature: unknown field here'],
    'move it to model.temperature',
  ],
  [
    'a field of the top in the model',
    assistant({ model: model({ firstMessageMode: 'x' }) }),
    ['error model.firstMessageMode: unknown field here'],
    'move it to firstMessageMode',
  ],
  [
    'a field in the wrong place that looks like one in the right place',
    assistant({ tools: [] }),
    ['error tools: unknown field here'],
    'move it to model.tools',
  ],
  ['a field that nothing has', assistant({ colour: 'red' }), ['error colour: unknown field']],
  [
    'a wrong type',
    assistant({ maxDurationSeconds: '600' }),
    ['error maxDurationSeconds: must be a number, is a string'],
  ],
  [
    'a wrong item of a list',
    assistant({ endCallPhrases: ['goodbye', 5] }),
    ['error endCallPhrases[1]: must be a string, is a number'],
  ],
  ['a document that is none', 'hello', ['error : must be an object, is a string']],
  [
    'a provider that is missing',
    assistant({ voice: { voiceId: 'sarah' } }),
    [
      expect.stringMatching(
        /^error voice\.provider: provider is missing; it is one of /,
      ) as unknown as string,
    ],
  ],
  [
    'a provider that is mistyped',
    assistant({ voice: { provider: 'opnai', voiceId: 'alloy' } }),
    ['error voice.provider: "opnai" is not allowed, did you mean openai?'],
    'write openai',
  ],
  [
    'a value in another case',
    assistant({ transcriber: { provider: 'google', language: 'english' } }),
    ['error transcriber.language: "english" is not allowed, did you mean English?'],
  ],
  [
    'a model that is new',
    assistant({ model: model({ model: 'gpt-9' }) }),
    [
      expect.stringMatching(
        /^warning model\.model: "gpt-9" is not known to this version/,
      ) as unknown as string,
    ],
  ],
  [
    'a hook for an unknown event',
    assistant({ hooks: [{ on: 'call.endng', do: [] }] }),
    ['error hooks[0].on: "call.endng" is not allowed, did you mean call.ending?'],
  ],
  [
    'an old shorthand of a hook',
    assistant({ hooks: [{ on: 'customer.speech.timeout[timeoutSeconds=5]', do: [] }] }),
    [],
  ],
  [
    'a field of one hook in another',
    assistant({ hooks: [{ on: 'call.ending', do: [], options: {} }] }),
    ['error hooks[0].options: unknown field'],
  ],
  [
    'null for a field that may be left out',
    assistant({ voicemailMessage: null, startSpeakingPlan: null }),
    [],
  ],
  [
    'null for a field that is needed',
    assistant({ voice: { provider: 'openai', voiceId: null } }),
    ['error voice.voiceId: voiceId is missing'],
  ],
  [
    'a description with keywords of JSON Schema',
    tool({
      type: 'function',
      function: {
        name: 'book',
        parameters: { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } },
      },
    }),
    ['warning model.tools[0].function.parameters.properties.n.minimum: unknown field'],
  ],
  [
    'an alternative voice with a fault',
    assistant({
      voice: {
        provider: '11labs',
        voiceId: 'sarah',
        fallbackPlan: { voices: [{ provider: 'openai', voiceId: 'alloy', sped: 1 }] },
      },
    }),
    ['error voice.fallbackPlan.voices[0].sped: unknown field, did you mean speed?'],
  ],
]

const limits: Case[] = [
  [
    'temperature',
    assistant({ model: model({ temperature: 3 }) }),
    ['error model.temperature: must be from 0 to 2, is 3'],
  ],
  [
    'waitSeconds',
    assistant({ startSpeakingPlan: { waitSeconds: 6 } }),
    ['error startSpeakingPlan.waitSeconds: must be from 0 to 5, is 6'],
  ],
  [
    'numWords',
    assistant({ stopSpeakingPlan: { numWords: 1.5 } }),
    ['error stopSpeakingPlan.numWords: must be a whole number, is 1.5'],
  ],
  [
    'voiceSeconds',
    assistant({ stopSpeakingPlan: { voiceSeconds: 0.6 } }),
    ['error stopSpeakingPlan.voiceSeconds: must be from 0 to 0.5, is 0.6'],
  ],
  [
    'backoffSeconds',
    assistant({ stopSpeakingPlan: { backoffSeconds: 11 } }),
    ['error stopSpeakingPlan.backoffSeconds: must be from 0 to 10, is 11'],
  ],
  [
    'maxDurationSeconds',
    assistant({ maxDurationSeconds: 5 }),
    ['error maxDurationSeconds: must be from 10 to 43200, is 5'],
  ],
  [
    'silenceTimeoutSeconds',
    assistant({ silenceTimeoutSeconds: 4 }),
    ['error silenceTimeoutSeconds: must be from 5 to 3600, is 4'],
  ],
  [
    'silenceTimeoutSeconds under 10',
    assistant({ silenceTimeoutSeconds: 7 }),
    ['warning silenceTimeoutSeconds: values under 10 were seen to be refused'],
  ],
  ['silenceTimeoutSeconds that is fine', assistant({ silenceTimeoutSeconds: 30 }), []],
  [
    'the length of the name',
    assistant({ name: 'x'.repeat(41) }),
    ['error name: must be at most 40 characters long, has 41'],
  ],
  [
    'a phrase',
    assistant({ endCallPhrases: ['x'] }),
    ['error endCallPhrases[0]: must be at least 2 characters long, has 1'],
  ],
  [
    'eotThreshold of Flux',
    assistant({ transcriber: { provider: 'deepgram', model: 'flux-general-en', eotThreshold: 1 } }),
    ['error transcriber.eotThreshold: must be from 0.5 to 0.9, is 1'],
  ],
  [
    'speed of a fallback voice',
    assistant({
      voice: {
        provider: 'openai',
        voiceId: 'alloy',
        fallbackPlan: { voices: [{ provider: '11labs', voiceId: 'sarah', speed: 2 }] },
      },
    }),
    ['error voice.fallbackPlan.voices[0].speed: must be from 0.7 to 1.2, is 2'],
  ],
  [
    'ids of tools',
    assistant({ model: model({ toolIds: ['booking'] }) }),
    ['error model.toolIds[0]: must be a UUID'],
  ],
  [
    'names of functions',
    tool({ type: 'function', function: { name: 'book visit' } }),
    ['error model.tools[0].function.name: must be letters, digits, _ and - only'],
  ],
]

const spellings: Case[] = [
  [
    'serverUrl',
    assistant({ serverUrl: 'https://example.com' }),
    ['warning serverUrl: serverUrl is an old spelling'],
    'server: { url: … }',
  ],
  [
    'idle messages',
    assistant({ messagePlan: { idleMessages: ['Hello?'] } }),
    ['warning messagePlan: messagePlan is an old spelling'],
  ],
  [
    'smartEndpointingEnabled',
    assistant({ startSpeakingPlan: { smartEndpointingEnabled: true } }),
    ['warning startSpeakingPlan.smartEndpointingEnabled: smartEndpointingEnabled is deprecated'],
  ],
  [
    'analysisPlan',
    assistant({ analysisPlan: { summaryPrompt: 'Sum up' } }),
    [
      'warning analysisPlan: analysisPlan is deprecated',
      'error analysisPlan.summaryPrompt: summaryPrompt is not taken here',
    ],
  ],
  [
    'assembly',
    assistant({ transcriber: { provider: 'assembly', maxTurnSilence: -1 } }),
    [
      'error transcriber.provider: the API writes it assembly-ai',
      'error transcriber.maxTurnSilence: must be at least 0, is -1',
    ],
    'provider: assembly-ai',
  ],
  [
    'eleven-labs',
    assistant({ voice: { provider: 'eleven-labs', voiceId: 'sarah' } }),
    ['error voice.provider: the API writes it 11labs'],
  ],
  [
    'a rule of type user',
    assistant({
      startSpeakingPlan: { customEndpointingRules: [{ type: 'user', regex: 'x', timeoutSeconds: 1 }] },
    }),
    ['error startSpeakingPlan.customEndpointingRules[0].type: the API writes it customer'],
  ],
  [
    'rules at the top',
    assistant({ customEndpointingRules: [] }),
    ['error customEndpointingRules: customEndpointingRules is not taken here'],
  ],
  [
    'krisp',
    assistant({ startSpeakingPlan: { smartEndpointingPlan: { provider: 'krisp' } } }),
    [
      'error startSpeakingPlan.smartEndpointingPlan.provider: krisp is no smart endpointing of the API; only a local call takes it',
    ],
  ],
  [
    'deepgram-flux as a plan',
    assistant({ startSpeakingPlan: { smartEndpointingPlan: { provider: 'deepgram-flux' } } }),
    [
      'error startSpeakingPlan.smartEndpointingPlan.provider: this transcriber decides the end of a turn by itself; it is no smart endpointing',
    ],
  ],
  [
    'a flat function',
    tool({ type: 'function', name: 'book', parameters: { type: 'object', properties: {} } }),
    [
      'error model.tools[0].name: name is not taken here',
      'error model.tools[0].parameters: parameters is a list of static values here; the JSON Schema of the arguments stands elsewhere',
    ],
  ],
  [
    'server.secret',
    assistant({ server: { url: 'https://example.com', secret: 'x' } }),
    ['warning server.secret: secret is an old spelling'],
  ],
  [
    'google latest',
    assistant({ transcriber: { provider: 'google', model: 'latest', language: 'multilingual' } }),
    [
      'error transcriber.model: the API writes it gemini-2.0-flash',
      'error transcriber.language: "multilingual" is not allowed, did you mean Multilingual?',
      'warning model.messages[0].content: the transcriber detects languages, and the prompt names none; models need to be told which they may speak',
    ],
  ],
  [
    'gladia solaria',
    assistant({ transcriber: { provider: 'gladia', model: 'solaria', language: 'en' } }),
    ['error transcriber.model: the API writes it solaria-1'],
  ],
  [
    'an event that is only described',
    assistant({
      hooks: [
        { on: 'call.timeElapsed', options: { seconds: 60 }, do: [{ type: 'say', exact: 'One minute.' }] },
      ],
    }),
    [
      'warning hooks[0].on: this event is described but not in the API’s schema; the hook may be refused or dropped',
    ],
  ],
  [
    'say at the end of a call',
    assistant({ hooks: [{ on: 'call.ending', do: [{ type: 'say', exact: 'Bye' }] }] }),
    [
      'warning hooks[0].do[0].type: say at the end of a call is described but not in the API’s schema; it may be refused or dropped',
    ],
  ],
  [
    'nested hooks',
    assistant({ hooks: [{ hooks: [] }] }),
    [
      'error hooks[0].on: on is missing; it is one of call.ending, assistant.speech.interrupted, customer.speech.interrupted, customer.speech.timeout, session.created',
      'error hooks[0]: hooks are one flat list',
    ],
  ],
  [
    'what a reply carries',
    {
      id: 'x',
      orgId: 'y',
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
      isServerUrlSecretSet: false,
      ...assistant(),
    },
    [],
  ],
  [
    'a reference inside',
    { assistantId: 'x', ...assistant() },
    ['error assistantId: assistantId is not taken here'],
  ],
]

const contradictions: Case[] = [
  [
    'two switches of endpointing',
    assistant({
      startSpeakingPlan: { smartEndpointingEnabled: true, smartEndpointingPlan: { provider: 'vapi' } },
    }),
    [
      'warning startSpeakingPlan.smartEndpointingEnabled: smartEndpointingEnabled is deprecated',
      'warning startSpeakingPlan.smartEndpointingEnabled: smartEndpointingPlan is set too and wins',
    ],
  ],
  [
    'livekit with Spanish',
    assistant({
      transcriber: { provider: 'deepgram', language: 'es' },
      startSpeakingPlan: { smartEndpointingPlan: { provider: 'livekit' } },
    }),
    [
      'warning startSpeakingPlan.smartEndpointingPlan: livekit knows English only; the transcriber listens to es',
    ],
  ],
  [
    'livekit with British English',
    assistant({
      transcriber: { provider: 'deepgram', language: 'en-GB' },
      startSpeakingPlan: { smartEndpointingPlan: { provider: 'livekit' } },
    }),
    [],
  ],
  [
    'a wait function with a fault',
    assistant({
      startSpeakingPlan: { smartEndpointingPlan: { provider: 'livekit', waitFunction: '20 + * x' } },
    }),
    [
      expect.stringMatching(
        /^warning startSpeakingPlan\.smartEndpointingPlan\.waitFunction: waitFunction is not a formula/,
      ) as unknown as string,
    ],
  ],
  [
    'a transcription plan beside a smart one',
    assistant({
      startSpeakingPlan: { smartEndpointingPlan: { provider: 'vapi' }, transcriptionEndpointingPlan: {} },
    }),
    [
      'warning startSpeakingPlan.transcriptionEndpointingPlan: it is not asked while smartEndpointingPlan is set',
    ],
  ],
  [
    'rules with Flux',
    assistant({
      transcriber: { provider: 'deepgram', model: 'flux-general-en' },
      startSpeakingPlan: { customEndpointingRules: [] },
    }),
    [
      expect.stringMatching(
        /^warning startSpeakingPlan\.customEndpointingRules: Deepgram Flux/,
      ) as unknown as string,
    ],
  ],
  [
    'an invalid regex of a rule',
    assistant({
      startSpeakingPlan: {
        customEndpointingRules: [
          { type: 'both', assistantRegex: '(', customerRegex: 'x', timeoutSeconds: 1 },
        ],
      },
    }),
    [
      expect.stringMatching(
        /^error startSpeakingPlan\.customEndpointingRules\[0\]\.assistantRegex: not a regular expression/,
      ) as unknown as string,
    ],
  ],
  [
    'an invalid regex of a replacement',
    assistant({
      voice: {
        provider: 'openai',
        voiceId: 'alloy',
        chunkPlan: { formatPlan: { replacements: [{ type: 'regex', regex: '[', value: '' }] } },
      },
    }),
    [
      expect.stringMatching(
        /^error voice\.chunkPlan\.formatPlan\.replacements\[0\]\.regex: not a regular expression/,
      ) as unknown as string,
    ],
  ],
  [
    'voiceSeconds with words',
    assistant({ stopSpeakingPlan: { numWords: 2, voiceSeconds: 0.2 } }),
    ['warning stopSpeakingPlan.voiceSeconds: it is used only where numWords is 0'],
  ],
  [
    'no first message',
    assistant({ firstMessage: undefined }),
    ['warning firstMessage: the assistant speaks first and has nothing to say'],
  ],
  [
    'a first message for one who waits',
    assistant({ firstMessageMode: 'assistant-waits-for-user' }),
    ['warning firstMessage: it is not spoken with firstMessageMode assistant-waits-for-user'],
  ],
  [
    'a template with a fault',
    assistant({ firstMessage: 'Hello {{ name' }),
    [expect.stringMatching(/^error firstMessage: the template has a fault/) as unknown as string],
  ],
  [
    'a block that is not closed',
    assistant({ model: model({ messages: [{ role: 'system', content: '{% if x %}hello' }] }) }),
    [
      expect.stringMatching(
        /^error model\.messages\[0\]\.content: the template has a fault/,
      ) as unknown as string,
    ],
  ],
  [
    'a voice of OpenAI at ElevenLabs',
    assistant({ voice: { provider: '11labs', voiceId: 'shimmer' } }),
    ['warning voice.voiceId: shimmer is a voice of openai, not of 11labs'],
    'provider: openai',
  ],
  [
    'a model of another provider',
    assistant({ model: model({ model: 'claude-sonnet-4-6' }) }),
    [
      expect.stringMatching(
        /^error model\.model: claude-sonnet-4-6 is a model of anthropic/,
      ) as unknown as string,
    ],
  ],
  [
    'a realtime model with a voice that it has not',
    assistant({ model: model({ model: 'gpt-realtime-2' }), voice: { provider: 'openai', voiceId: 'nova' } }),
    ['error voice.voiceId: gpt-realtime-2 has no voice nova'],
  ],
  [
    'a realtime model with another provider’s voice',
    assistant({ model: model({ model: 'gpt-realtime-2' }) }),
    ['warning voice.provider: gpt-realtime-2 speaks itself, with voices of openai'],
  ],
  [
    'multi with a transcriber of one language',
    assistant({ transcriber: { provider: 'azure', language: 'multi' } }),
    ['error transcriber.language: Azure does not detect languages; it is given one'],
  ],
  [
    'multi with a model that does not detect',
    assistant({ transcriber: { provider: 'deepgram', model: 'base', language: 'multi' } }),
    ['warning transcriber.language: Deepgram does not detect languages with these settings'],
    'language: multi with the model nova-2 or nova-3',
  ],
  [
    'languages without flux-general-multi',
    assistant({ transcriber: { provider: 'deepgram', model: 'nova-3', languages: ['en'] } }),
    ['warning transcriber.languages: it is used only with flux-general-multi'],
  ],
  [
    'eotThreshold without Flux',
    assistant({ transcriber: { provider: 'deepgram', model: 'nova-3', eotThreshold: 0.7 } }),
    [
      'warning transcriber.eotThreshold: it is used only with a Flux model (flux-general-en, flux-general-multi)',
    ],
  ],
  [
    'a language that ElevenLabs ignores',
    assistant({ voice: { provider: '11labs', voiceId: 'sarah', model: 'eleven_turbo_v2', language: 'de' } }),
    ['warning voice.language: eleven_turbo_v2 does not take a language'],
  ],
  [
    'phonemes with another model',
    assistant({
      voice: {
        provider: '11labs',
        voiceId: 'sarah',
        model: 'eleven_turbo_v2_5',
        pronunciationDictionaryLocators: [],
      },
    }),
    [
      'warning voice.pronunciationDictionaryLocators: phoneme rules have no effect with eleven_turbo_v2_5; alias rules have',
    ],
  ],
  [
    'formatting without chunks',
    assistant({
      voice: { provider: 'openai', voiceId: 'alloy', chunkPlan: { enabled: false, formatPlan: {} } },
    }),
    ['warning voice.chunkPlan.formatPlan: nothing is formatted while chunkPlan.enabled is false'],
  ],
  [
    'a flush tag without chunks',
    assistant({
      firstMessage: 'Hi <flush/> there',
      voice: { provider: 'openai', voiceId: 'alloy', chunkPlan: { enabled: false } },
    }),
    ['warning firstMessage: the flush tag is spoken while voice.chunkPlan.enabled is false'],
  ],
  [
    'a tool without a server',
    assistant({ model: model({ tools: [{ type: 'function', function: { name: 'book' } }] }) }),
    ['warning model.tools[0]: book has no server: only the client of a web call can answer it'],
  ],
  [
    'a function without a name',
    tool({ type: 'function' }),
    ['error model.tools[0].function: a function needs a name'],
  ],
  [
    'two tools of one name',
    assistant({
      server: { url: 'https://example.com' },
      model: model({ tools: [1, 2].map(() => ({ type: 'function', function: { name: 'book' } })) }),
    }),
    ['error model.tools[1].function.name: model.tools[0] has the same name'],
  ],
  [
    'a required argument that is not there',
    tool({
      type: 'function',
      function: { name: 'book', parameters: { type: 'object', properties: {}, required: ['day'] } },
    }),
    ['error model.tools[0].function.parameters.required[0]: day is required and not among the properties'],
  ],
  [
    'a transfer to nobody',
    assistant({ model: model({ tools: [{ type: 'transferCall' }] }) }),
    ['warning model.tools[0].destinations: without destinations a server is asked, and there is none'],
  ],
  [
    'messages of an async tool',
    tool({
      type: 'function',
      async: true,
      function: { name: 'save' },
      messages: [{ type: 'request-start', content: 'One moment' }],
    }),
    ['warning model.tools[0].messages[0]: an async tool does not speak request-start'],
  ],
  [
    'messages for no server',
    assistant({ serverMessages: ['end-of-call-report'] }),
    [
      'warning serverMessages: the assistant has no server; only one of the phone number or the organisation gets them',
    ],
  ],
  [
    'a server on this machine',
    assistant({ server: { url: 'http://localhost:3000' } }),
    ['warning server.url: http://localhost:3000 is on this machine, which hosted calls do not reach'],
  ],
  [
    'a server that is no address',
    assistant({ server: { url: 'example' } }),
    ['error server.url: example is not an address'],
  ],
  [
    'say with nothing to say',
    assistant({ hooks: [{ on: 'customer.speech.timeout', do: [{ type: 'say' }] }] }),
    ['error hooks[0].do[0]: say needs exactly one of exact and prompt'],
  ],
  [
    'no system message',
    assistant({ model: { provider: 'openai', model: 'gpt-4o' } }),
    ['warning model.messages: the model has no system message and knows nothing of its task'],
  ],
  [
    'a phrase that ends the call in the first message',
    assistant({ firstMessage: 'Hello and goodbye', endCallPhrases: ['Goodbye'] }),
    ['warning endCallPhrases[0]: firstMessage contains it, which ends every call at once'],
  ],
  [
    'a voicemail message that is never spoken',
    assistant({ voicemailMessage: 'Call back' }),
    ['warning voicemailMessage: it is never spoken: voicemail detection is off unless it is set'],
  ],
]

function check([, document, expected, fix]: Case): void {
  const findings = validator.validate(document)
  expect(told(findings)).toEqual(expected)
  if (fix !== undefined) expect(findings[0]?.fix).toBe(fix)
}

describe('validating an assistant', () => {
  it('finds nothing in a good one', () => {
    expect(validator.validate(assistant())).toEqual([])
  })
  it.each(shape)('tells once, in its place, %s', (...row) => check(row))
  it.each(limits)('knows the limits of %s', (...row) => check(row))
  it.each(spellings)('knows the old or foreign spelling: %s', (...row) => check(row))
  it.each(contradictions)('sees %s', (...row) => check(row))

  it('never throws, whatever stands in a field', () => {
    for (const odd of [null, 5, 'x', true, [], [null], {}, [[{}]]]) {
      for (const field of [
        'model',
        'voice',
        'transcriber',
        'hooks',
        'server',
        'startSpeakingPlan',
        'stopSpeakingPlan',
        'endCallPhrases',
        'firstMessage',
        'serverMessages',
        'compliancePlan',
        'tools:append',
      ])
        validator.validate(assistant({ [field]: odd }))
      for (const field of ['messages', 'tools', 'toolIds'])
        validator.validate(assistant({ model: model({ [field]: odd }) }))
      validator.validate(odd)
    }
  })
})

describe('validating a squad', () => {
  const member = (name: string, changes: object = {}) => ({ assistant: assistant({ name, ...changes }) })
  const handoff = (to: string) => ({
    model: model({ tools: [{ type: 'handoff', destinations: [{ type: 'assistant', assistantName: to }] }] }),
  })

  it('finds nothing in a good one', () => {
    expect(validator.validate({ members: [member('A', handoff('B')), member('B')] })).toEqual([])
  })

  it('checks each inline assistant, with its path', () => {
    const findings = validator.validate({
      members: [member('A'), member('B', { colour: 1, silenceTimeoutSeconds: 7 })],
    })
    expect(told(findings)).toEqual([
      'error members[1].assistant.colour: unknown field',
      'warning members[1].assistant.silenceTimeoutSeconds: values under 10 were seen to be refused',
    ])
  })

  it('knows that members may begin without a first message', () => {
    expect(validator.validate({ members: [member('A', { firstMessage: undefined })] })).toEqual([])
  })

  it('tells of destinations that are not there, of names that are missing or double', () => {
    const wrong = { members: [member('A', handoff('C')), member('B'), member('B')] }
    expect(told(validator.validate(wrong))).toEqual([
      'error members[2].assistant.name: members[1] has the same name B',
      'error members[0].assistant.model.tools[0].destinations[0].assistantName: no member of this file is called "C"',
    ])
    const stored = { members: [member('A', handoff('C')), { assistantId: 'x' }] }
    expect(told(validator.validate(stored))).toEqual([
      'warning members[0].assistant.model.tools[0].destinations[0].assistantName: no member of this file is called "C"',
    ])
  })

  it('wants exactly one of assistant and assistantId, and members', () => {
    expect(told(validator.validate({ members: [{}] }))).toEqual([
      'error members[0]: a member has exactly one of assistant and assistantId',
    ])
    expect(told(validator.validate({ members: [] }))).toEqual(['error members: a squad needs a member'])
    expect(told(validator.validate([member('A')]))).toContain('error : a squad is an object with members')
  })

  it('tells of an id in the place of an assistant', () => {
    expect(told(validator.validate({ members: [{ assistant: { assistantId: 'x' } }] }))).toContain(
      'error members[0].assistant.assistantId: assistantId is not taken here',
    )
  })
})
