import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadChecks } from '../../src/commands/call-checks.ts'
import { callWith } from '../support/configured.ts'
import { type Code, deepgram, follow, inTurn, pageVoices, voicesOf } from '../support/languages.ts'
import { base, runSimulation, type SimulatedCall } from '../support/simulation.ts'

const withVoice = (voice: string, rest: string) => follow(deepgram, rest, `, voice: ${voice}`)
const texts = (call: SimulatedCall) => call.all('assistant.speech.started').map(({ text }) => text)

describe('voices by language', () => {
  it.each<[Code, string]>([
    ['en', 'en-US-AriaNeural'],
    ['es', 'es-ES-ElviraNeural'],
    ['fr', 'fr-FR-DeniseNeural'],
    ['de', 'de-DE-KatjaNeural'],
    ['ja', 'en-US-AriaNeural'],
  ])(
    '[languages-voice-example, languages-fallback-voices-per-language] with the page’s voices %s is spoken by %s',
    async (code, voice) => {
      expect(voicesOf(await withVoice(pageVoices, inTurn(code)))).toEqual([`${voice}: Answer ${code}.`])
    },
  )

  it('[languages-voice-by-language, languages-switch-mid-conversation] changes the voice with the language, and back', async () => {
    const call = await withVoice(pageVoices, inTurn('en', 'es', 'ja', 'fr'))
    expect(voicesOf(call)).toEqual([
      'en-US-AriaNeural: Answer en.',
      'es-ES-ElviraNeural: Answer es.',
      'en-US-AriaNeural: Answer ja.',
      'fr-FR-DeniseNeural: Answer fr.',
    ])
    expect(call.all('voice.switched').map(({ to, language }) => [to, language])).toEqual([
      ['azure/es-ES-ElviraNeural', 'es'],
      ['azure/en-US-AriaNeural', 'ja'],
      ['azure/fr-FR-DeniseNeural', 'fr'],
    ])
  })

  it('[languages-switch-mid-conversation] never changes the voice in the middle of an utterance', async () => {
    const call = await runSimulation(`
assistant:
  transcriber: ${deepgram}
  voice: ${pageVoices}
  stopSpeakingPlan: { numWords: 10 }
latencies: { transcriberMs: 0, modelMs: 500, voiceMs: 2000 }
caller:
  - { at: 0, say: "Hello.", lasts: 1, language: en }
  - { during: assistant, plus: 0.5, say: "Una pregunta.", lasts: 1, language: es }
control: [{ at: 6, send: { type: say, content: "By the way." } }]
model: [{ reply: "This is the first sentence of the reply. <flush /> Here is the second one of it. <flush /> And that was the third." }, { reply: "¿Cuál?" }]`)
    const requested = call.all('voice.requested')
    // The second piece is asked for with the first sound, the third two seconds later: in between, the language changes.
    expect(call.all('language.changed').map(({ language, atMs }) => [language, atMs])).toEqual([
      ['en', 1000],
      ['es', 5100],
    ])
    expect(requested.slice(0, 3).map(({ atMs }) => atMs)).toEqual([1600, 3600, 5600])
    expect(voicesOf(call)).toEqual([
      'en-US-AriaNeural: This is the first sentence of the reply.',
      'en-US-AriaNeural: Here is the second one of it.',
      'en-US-AriaNeural: And that was the third.',
      'es-ES-ElviraNeural: By the way.',
      'es-ES-ElviraNeural: ¿Cuál?',
    ])
  })

  it('[languages-voice-by-language] finds the very region first, else the same language', async () => {
    const regions = `{ provider: azure, voiceId: en-US-AriaNeural, fallbackPlan: { voices: [
      { provider: azure, voiceId: es-ES-ElviraNeural }, { provider: azure, voiceId: es-MX-DaliaNeural }] } }`
    const speak = (language: string) =>
      withVoice(
        regions,
        `
caller: [{ at: 0, say: "Buenas tardes.", lasts: 1, language: ${language} }]
model: [{ reply: "Hola." }]`,
      )
    expect(voicesOf(await speak('es-MX'))).toEqual(['es-MX-DaliaNeural: Hola.'])
    expect(voicesOf(await speak('es-AR'))).toEqual(['es-ES-ElviraNeural: Hola.'])
  })

  it('[languages-fallback-voices-per-language] reads the language of a voice from its language setting too', async () => {
    const call = await withVoice(
      `{ provider: cartesia, voiceId: a, language: en, fallbackPlan: { voices: [
        { provider: playht, voiceId: b, language: french }, { provider: cartesia, voiceId: c, language: es }] } }`,
      inTurn('es', 'fr', 'de'),
    )
    expect(voicesOf(call)).toEqual(['c: Answer es.', 'b: Answer fr.', 'a: Answer de.'])
  })

  it('[languages-azure-multilingual-auto] leaves the choice to the provider: one voice for all languages, and no other is looked for', async () => {
    const auto = `{ provider: azure, voiceId: multilingual-auto, fallbackPlan: { voices: [{ provider: azure, voiceId: es-ES-ElviraNeural }] } }`
    const call = await withVoice(auto, inTurn('es', 'fr', 'en'))
    expect(voicesOf(call)).toEqual([
      'multilingual-auto: Answer es.',
      'multilingual-auto: Answer fr.',
      'multilingual-auto: Answer en.',
    ])
    expect(call.all('voice.switched')).toEqual([])
    const checked = await callWith(
      {
        ...base,
        assistant: { ...base.assistant, ...parse(`{ transcriber: ${deepgram}, voice: ${auto} }`) },
        ...parse(inTurn('es')),
      },
      { check: await loadChecks() },
    )
    expect(checked.warnings.filter(text => text.startsWith('voice'))).toEqual([])
  })

  it('[languages-fallback-is-a-backup-too] goes on with the other voices in their order where the one of the language fails', async () => {
    const call = await withVoice(
      pageVoices,
      `
failures: [{ voice: azure/fr-FR-DeniseNeural }]${inTurn('fr', 'es', 'fr')}`,
    )
    expect(voicesOf(call)).toEqual([
      'fr-FR-DeniseNeural: Answer fr.',
      'en-US-AriaNeural: Answer fr.',
      'es-ES-ElviraNeural: Answer es.',
      // A voice that failed is not asked again.
      'en-US-AriaNeural: Answer fr.',
    ])
    expect(call.all('voice.failed')).toHaveLength(1)
    expect(texts(call)).toEqual(['Answer fr.', 'Answer es.', 'Answer fr.'])
  })

  it('[languages-fallback-is-a-backup-too] has voices of other languages speak where the primary one fails, and ends when none is left', async () => {
    const one = await withVoice(
      pageVoices,
      `
failures: [{ voice: azure/en-US-AriaNeural }]${inTurn('en', 'de', 'en')}`,
    )
    expect(voicesOf(one)).toEqual([
      'en-US-AriaNeural: Answer en.',
      'es-ES-ElviraNeural: Answer en.',
      'de-DE-KatjaNeural: Answer de.',
      'es-ES-ElviraNeural: Answer en.',
    ])
    const all = ['en-US-AriaNeural', 'es-ES-ElviraNeural', 'fr-FR-DeniseNeural', 'de-DE-KatjaNeural']
    const none = await withVoice(
      pageVoices,
      `
failures: [${all.map(name => `{ voice: azure/${name} }`).join(', ')}]${inTurn('de')}`,
    )
    expect(none.all('voice.failed').map(({ voice }) => voice.split('/')[1])).toEqual([
      'de-DE-KatjaNeural',
      'en-US-AriaNeural',
      'es-ES-ElviraNeural',
      'fr-FR-DeniseNeural',
    ])
    expect(none.endedReason).toMatch(/azure-voice-failed$/)
  })

  it('[languages-voice-by-language] leaves the voice alone where the transcriber is set to one language', async () => {
    const call = await follow(
      '{ provider: deepgram, model: nova-2, language: en }',
      inTurn('es'),
      `, voice: ${pageVoices}`,
    )
    expect(voicesOf(call)).toEqual(['en-US-AriaNeural: Answer es.'])
  })
})

describe('texts by language', () => {
  const contents = [
    { type: 'text', text: 'Hello! How can I help you today?', language: 'en' },
    { type: 'text', text: '¡Hola! ¿Cómo puedo ayudarte hoy?', language: 'es' },
    { type: 'text', text: 'Bonjour! Comment puis-je vous aider?', language: 'fr' },
  ]
  const english = 'Hello! How can I help you today?'
  const spanish = '¡Hola! ¿Cómo puedo ayudarte hoy?'
  const french = 'Bonjour! Comment puis-je vous aider?'
  const opening = (language: string) =>
    runSimulation(`
assistant: { firstMessageMode: assistant-speaks-first, firstMessage: { contents: ${JSON.stringify(contents)} }, transcriber: { provider: deepgram, language: ${language} } }`)

  const tool = (when: string) => `
assistant:
  transcriber: ${deepgram}
  model:
    provider: openai
    model: gpt-4o
    tools: [{ type: function, function: { name: look }, messages: [{ type: ${when}, contents: ${JSON.stringify(contents)} }${when === 'request-start' ? '' : ', { type: request-start, content: "" }'}] }]`
  const called = (code: string) => `
caller: [{ at: 0, say: "Hallo.", lasts: 1, language: ${code} }]
model: [{ reply: "", toolCalls: [{ name: look }] }, { reply: "Done." }]`

  it.each([
    ['[languages-contents, languages-contents-english]', 'en', english],
    ['[languages-contents, languages-contents-english]', 'en-GB', english],
    ['[languages-contents, languages-contents-spanish]', 'es', spanish],
    ['[languages-contents, languages-contents-spanish]', 'es-MX', spanish],
    ['[languages-contents, languages-contents-french]', 'fr', french],
    ['[languages-contents] (a language without an entry: the first)', 'de', english],
  ])('%s a tool’s message is spoken in the detected language %s', async (_rule, code, text) => {
    expect(texts(await runSimulation(tool('request-start') + called(code)))).toEqual([text, 'Done.'])
    const [first] = texts(await runSimulation(tool('request-complete') + called(code)))
    expect(first).toBe(text)
  })

  it('[languages-contents] the message of a transfer is spoken in the detected language', async () => {
    const call = await runSimulation(`
assistant:
  transcriber: ${deepgram}
  model:
    provider: openai
    model: gpt-4o
    tools: [{ type: transferCall, destinations: [{ type: number, number: "+15551234567", message: { contents: ${JSON.stringify(contents)} } }] }]
caller: [{ at: 0, say: "Hola.", lasts: 1, language: es }]
model: [{ reply: "", toolCalls: [{ name: transferCall, arguments: { destination: "+15551234567" } }] }]`)
    expect(texts(call)).toEqual([spanish])
  })

  it.each([
    ['[languages-contents-english]', 'en', english],
    ['[languages-contents-spanish]', 'es', spanish],
    ['[languages-contents-french]', 'fr-CA', french],
    ['[languages-contents] (not known yet: the first)', 'multi', english],
  ])('%s opens a call of the language %s in it', async (_rule, language, text) => {
    const call = await opening(language)
    expect(texts(call)).toEqual([text])
    expect(call.first('assistant.speech.started')).toMatchObject({ atMs: 300, source: 'first-message' })
  })

  it.each([deepgram, '{ provider: gladia, model: fast }', '{ provider: google, language: Multilingual }'])(
    '[languages-contents] with %s the first entry opens the call, whatever its language',
    async transcriber => {
      const call = await follow(
        transcriber,
        '',
        `, firstMessageMode: assistant-speaks-first, firstMessage: { contents: ${JSON.stringify([...contents].reverse())} }`,
      )
      expect(texts(call)).toEqual([french])
    },
  )

  it('[languages-contents] a transcriber that is set to a language by its name is understood', async () => {
    const call = await follow(
      '{ provider: google, language: Spanish }',
      '',
      `, firstMessageMode: assistant-speaks-first, firstMessage: { contents: ${JSON.stringify(contents)} }`,
    )
    expect(texts(call)).toEqual([spanish])
  })

  it('[languages-first-message-contents] tells once that the API takes a text alone', async () => {
    const call = await callWith(
      { assistant: { firstMessage: { contents }, model: { provider: 'openai', model: 'gpt-4o' } } },
      { check: await loadChecks() },
    )
    expect(call.said).toEqual([english])
    expect(call.warnings.filter(message => message.startsWith('firstMessage'))).toEqual([
      'firstMessage with contents works in a local call alone; the hosted API takes one text, in the languages that you list in it',
    ])
  })

  it('[languages-contents-spanish] an assistant that takes over opens in the language that was detected before', async () => {
    const parts = { model: { provider: 'openai', model: 'gpt-4o' }, transcriber: parse(deepgram) }
    const destinations = [{ type: 'assistant', assistantName: 'Billing' }]
    const desk = {
      ...parts,
      name: 'Desk',
      firstMessageMode: 'assistant-waits-for-user',
      model: { ...parts.model, tools: [{ type: 'handoff', destinations }] },
    }
    const billing = { ...parts, name: 'Billing', firstMessage: { contents }, voice: JSON.parse(pageVoices) }
    const call = await callWith({
      squad: { members: [{ assistant: desk }, { assistant: billing }] },
      caller: [{ at: 0, say: 'Una pregunta.', lasts: 1, language: 'es' }],
      model: [{ toolCalls: [{ name: 'handoff_to_Billing', arguments: { destination: 'Billing' } }] }],
    })
    expect(call.said.at(-1)).toBe(spanish)
    expect(call.observations).toContainEqual(
      expect.objectContaining({ type: 'voice.requested', voice: 'azure/es-ES-ElviraNeural' }),
    )
  })

  it('[languages-simple-greeting] speaks a first message that is one text as it is, whatever is detected later', async () => {
    const greeting = 'Hello! I can assist you in English, Spanish, or French. How can I help you today?'
    const call = await follow(
      deepgram,
      inTurn('es'),
      `, voice: ${pageVoices}, firstMessageMode: assistant-speaks-first, firstMessage: "${greeting}"`,
    )
    expect(call.all('assistant.speech.stopped')[0]?.spokenText).toMatch(/^Hello! I can assist you/)
    const said = call.all('voice.requested').filter(({ voice }) => voice.endsWith('en-US-AriaNeural'))
    expect(said.map(({ text }) => text).join(' ')).toBe(greeting)
  })
})
