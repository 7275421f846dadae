import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadChecks } from '../../src/commands/call-checks.ts'
import { callWith, resolveDocument } from '../support/configured.ts'
import { requestsOf } from '../support/hooks.ts'
import { deepgram, follow, inTurn, languagesOf, pageVoices, voicesOf } from '../support/languages.ts'
import { createMessageCheck, tellCall } from '../support/messages.ts'
import { documentAbsent, loadOpenApiDocument } from '../support/openapi/document.ts'
import { base, runSimulation, type SimulatedCall } from '../support/simulation.ts'

const document = loadOpenApiDocument()
const absent = document === false

const changes = (call: SimulatedCall) =>
  call.all('language.changed').map(({ language, from, atMs }) => [language, from, atMs])

describe('detection', () => {
  it.each([
    ['[languages-deepgram-detects]', deepgram, ['es', 'fr']],
    [
      '[languages-deepgram-detects, languages-deepgram-nova-3]',
      '{ provider: deepgram, model: nova-3, language: multi }',
      ['es', 'fr'],
    ],
    ['[languages-deepgram-detects]', '{ provider: deepgram, model: nova-2, language: en }', []],
    ['[languages-deepgram-detects]', '{ provider: deepgram, model: nova-3 }', []],
    ['[languages-deepgram-detects]', '{ provider: deepgram, model: enhanced, language: multi }', []],
    [
      '[languages-google-detects]',
      '{ provider: google, model: gemini-2.0-flash, language: Multilingual }',
      ['es', 'fr'],
    ],
    [
      '[languages-google-detects]',
      '{ provider: google, model: gemini-2.0-flash, language: mulTILINGUAL }',
      ['es', 'fr'],
    ],
    ['[languages-google-detects]', '{ provider: google, model: gemini-2.0-flash, language: English }', []],
    ['[languages-gladia-detects]', '{ provider: gladia, model: fast }', ['es', 'fr']],
    ['[languages-gladia-detects]', '{ provider: gladia, model: fast, language: en }', []],
    ['[languages-gladia-model]', '{ provider: gladia, model: solaria }', ['es', 'fr']],
    ['[languages-gladia-model]', '{ provider: gladia, model: solaria, language: es }', []],
  ])('%s with %s the languages es and fr are followed: %j', async (_rule, transcriber, followed) => {
    expect(languagesOf(await follow(transcriber, inTurn('es', 'fr')))).toEqual(followed)
  })

  it('[languages-deepgram-example] accepts the page’s transcriber without a word and follows the customer', async () => {
    const call = await callWith({
      ...base,
      assistant: {
        ...base.assistant,
        startSpeakingPlan: { smartEndpointingPlan: { provider: 'vapi' } },
        transcriber: { provider: 'deepgram', model: 'nova-2', language: 'multi' },
      },
      ...parse(inTurn('es')),
    })
    expect(call.warnings).toEqual([])
    expect(call.observations.filter(({ type }) => type === 'language.changed')).toEqual([
      { type: 'language.changed', language: 'es', from: null, atMs: 1000 },
    ])
  })

  it('[languages-google-example] accepts the page’s transcriber with a warning of today’s model and spelling', async () => {
    const call = await callWith(
      {
        ...base,
        assistant: {
          ...base.assistant,
          transcriber: { provider: 'google', model: 'latest', language: 'multilingual' },
        },
        ...parse(inTurn('es')),
      },
      { check: await loadChecks() },
    )
    expect(call.warnings.filter(text => text.startsWith('transcriber'))).toEqual([
      'transcriber.model: latest is an old spelling; write gemini-2.0-flash',
      'transcriber.language: multilingual is an old spelling; write Multilingual',
    ])
    expect(call.observations.some(({ type }) => type === 'language.changed')).toBe(true)
  })

  it('[languages-gladia-model] reads the page’s name of Gladia’s model as today’s, with a warning', async () => {
    const transcriber = { provider: 'gladia', model: 'solaria' }
    const startSpeakingPlan = { smartEndpointingPlan: { provider: 'vapi' } }
    const assistant = { ...base.assistant, startSpeakingPlan, transcriber }
    const call = await callWith({ ...base, assistant, ...parse(inTurn('es')) })
    expect(call.warnings).toEqual(['transcriber.model: solaria is an old spelling; write solaria-1'])
    const { compiled } = await resolveDocument(assistant)
    expect(compiled[0].plan.transcribers[0].name).toBe('gladia/solaria-1')
    const told = (await loadChecks())({ ...assistant, transcriber: { ...transcriber, model: 'solaria-1' } })
    expect(told.filter(text => text.startsWith('transcriber'))).toEqual([])
  })

  it('[languages-change-within-the-call, languages-switch-mid-conversation] goes on through the whole call, each change told once with its final transcript', async () => {
    const call = await follow(deepgram, inTurn('en', 'es', 'es', 'fr'))
    expect(changes(call).map(([language, from]) => [language, from])).toEqual([
      ['en', null],
      ['es', 'en'],
      ['fr', 'es'],
    ])
    const finals = call
      .all('transcript')
      .filter(({ role, transcriptType }) => role === 'user' && transcriptType === 'final')
    expect(finals.map(({ language }) => language)).toEqual(['en', 'es', 'es', 'fr'])
    expect(changes(call).map(([, , atMs]) => atMs)).toEqual([0, 1, 3].map(place => finals[place]?.atMs))
  })

  it('[languages-start-in-any] follows a first utterance in Spanish from the first turn', async () => {
    const call = await follow(deepgram, inTurn('es'), `, voice: ${pageVoices}`)
    expect(changes(call)).toEqual([['es', null, 1000]])
    expect(voicesOf(call)).toEqual(['es-ES-ElviraNeural: Answer es.'])
  })

  it('[languages-mixed-input] takes an utterance of two languages as one transcript and one turn', async () => {
    const call = await follow(
      deepgram,
      `
caller: [{ at: 0, say: "I need una cita para mañana.", lasts: 2, language: es }]
model: [{ reply: "Sí." }]`,
    )
    const finals = call
      .all('transcript')
      .filter(({ role, transcriptType }) => role === 'user' && transcriptType === 'final')
    expect(finals.map(({ transcript }) => transcript)).toEqual(['I need una cita para mañana.'])
    expect(call.all('turn.ended').map(({ turn, text }) => [turn, text])).toEqual([
      [1, 'I need una cita para mañana.'],
    ])
    expect(languagesOf(call)).toEqual(['es'])
  })

  it.each(['Spanish', 'e', 'es_MX', 'es-'])(
    'refuses %s as the language of a caller’s step',
    async language => {
      await expect(
        runSimulation(`caller: [{ at: 0, say: "Hola.", language: "${language}" }]`),
      ).rejects.toThrow('caller[0].language: is not the code of a language')
    },
  )
})

describe('prompts', () => {
  const prompt = `You are a helpful assistant that can communicate in English, Spanish, and French.

Language Instructions:
- You can speak and understand: English, Spanish, and French
- Automatically detect and respond in the user's language

If a user speaks a language other than English, Spanish, or French, politely explain that you only support these three languages.`

  const prompted = async (content: string, transcriber = deepgram) => {
    const model = { provider: 'openai', model: 'gpt-4o', messages: [{ role: 'system', content }] }
    return (await loadChecks())({
      name: 'A',
      firstMessage: 'Hello.',
      model,
      transcriber: parse(transcriber),
      voice: { provider: 'azure', voiceId: 'multilingual-auto' },
    }).filter(warning => /names none/.test(warning))
  }

  it('[languages-prompt-reaches-model] sends a prompt that lists languages to the model unchanged', async () => {
    const call = await runSimulation(
      `
assistant: { transcriber: ${deepgram}, model: { provider: openai, model: gpt-4o, messages: [{ role: system, content: ${JSON.stringify(prompt)} }] } }${inTurn('es')}`,
    )
    expect(requestsOf(call)[0]?.[0]).toEqual({ role: 'system', content: prompt })
  })

  it.each([
    ['[languages-prompt-must-list]', 'You take bookings.', true],
    ['[languages-prompt-names-specific]', 'You are a multilingual assistant and speak every language.', true],
    ['[languages-prompt-names-specific]', 'You polish documents.', true],
    ['[languages-prompt-must-list]', prompt, false],
    ['[languages-prompt-must-list]', 'Hablas español y francés.', false],
    ['[languages-prompt-must-list]', 'Speak {{ languages }}.', false],
  ])('%s warns of the prompt %j with detection: %s', async (_rule, content, warned) => {
    expect(await prompted(content)).toEqual(
      warned
        ? [expect.stringMatching(/^model\.messages\[0\]\.content: the transcriber detects languages/)]
        : [],
    )
  })

  it('[languages-prompt-must-list] says nothing of a prompt without detection', async () => {
    expect(
      await prompted('You take bookings.', '{ provider: deepgram, model: nova-2, language: es }'),
    ).toEqual([])
  })
})

describe('messages', () => {
  it(`[api-language-change-detected] are told of each new language, in their documented form${absent ? ` (form skipped: ${documentAbsent})` : ''}`, async () => {
    const call = await tellCall(`
assistant: { transcriber: ${deepgram}, serverMessages: [language-change-detected], clientMessages: [language-changed] }${inTurn('en', 'es', 'es')}`)
    const told = (messages: readonly { type: string; language?: unknown }[]) =>
      messages.map(({ type, language }) => [type, language])
    const expected = [
      ['language-change-detected', 'en'],
      ['language-change-detected', 'es'],
    ]
    expect(told(call.server)).toEqual(expected)
    expect(told(call.client)).toEqual(expected)
    if (absent) return
    const check = createMessageCheck(document)
    for (const message of call.server) expect(check(message, 'ServerMessage')).toEqual([])
    for (const message of call.client) expect(check(message, 'ClientMessage')).toEqual([])
  })

  it('[api-language-change-detected] are for lists that name them alone', async () => {
    const call = await tellCall(`
assistant: { transcriber: ${deepgram} }${inTurn('en', 'es')}`)
    const types = [...call.server, ...call.client].map(({ type }) => type)
    expect(types).not.toContain('language-change-detected')
    expect(types).toContain('status-update')
  })
})
