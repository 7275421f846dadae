import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { compileVoices } from '../../src/assistant/voices.ts'
import { loadChecks } from '../../src/commands/call-checks.ts'
import { runSimulation, type SimulatedCall } from '../support/simulation.ts'

const check = await loadChecks()

/** What a call says of an assistant whose prompt lists languages, by the part that it is about. */
function warningsOf(part: 'transcriber' | 'voice', assistant: object): string[] {
  const model = {
    provider: 'openai',
    model: 'gpt-4o',
    messages: [{ role: 'system', content: 'You speak English and Spanish.' }],
  }
  const warnings = check({ name: 'A', firstMessage: 'Hello.', model, ...assistant })
  return warnings.filter(text => text.startsWith(part)).map(text => text.replace(/ \(.*$/, ''))
}

const speaks = (...codes: string[]) => `
caller: [${codes.map((code, place) => `{ ${place === 0 ? 'at: 0' : 'after: assistant, plus: 1'}, say: "Words.", lasts: 1, language: ${code} }`).join(', ')}]
model: [${codes.map(code => `{ reply: "Answer ${code}." }`).join(', ')}]`
const languages = (call: SimulatedCall) => call.all('language.changed').map(({ language }) => language)
const detecting = '{ provider: deepgram, model: nova-3, language: multi }'

describe('table: what transcribers can do about languages', () => {
  /** Settings, the languages that are followed of en and es, what is warned about. */
  type Row = [rule: string, transcriber: string, follows: boolean, warnings: string[]]
  const none = (name: string) => [`transcriber.language: ${name} does not detect languages; it is given one`]
  const not = (name: string) => [
    `transcriber.language: ${name} does not detect languages with these settings`,
  ]
  const english = (language: string) => [
    `transcriber.language: AssemblyAI hears English only with these settings, not ${language}`,
  ]

  it.each<Row>([
    ['languages-table-deepgram', '{ provider: deepgram, model: nova-2, language: multi }', true, []],
    ['languages-table-deepgram', '{ provider: deepgram, model: nova-2-general, language: multi }', true, []],
    ['languages-table-deepgram', '{ provider: deepgram, model: nova-3, language: multi }', true, []],
    ['languages-table-deepgram', '{ provider: deepgram, model: flux-general-multi }', true, []],
    ['languages-table-deepgram', '{ provider: deepgram, model: nova-3, language: es }', false, []],
    [
      'languages-table-deepgram',
      '{ provider: deepgram, model: base, language: multi }',
      false,
      not('Deepgram'),
    ],
    [
      'languages-table-deepgram',
      '{ provider: deepgram, model: nova-3-medical, language: multi }',
      false,
      not('Deepgram'),
    ],
    [
      'languages-table-google',
      '{ provider: google, model: gemini-2.5-flash, language: Multilingual }',
      true,
      [],
    ],
    ['languages-table-google', '{ provider: google, model: gemini-2.5-flash, language: Spanish }', false, []],
    [
      'languages-table-google',
      '{ provider: google, model: gemini-2.5-flash, language: multi }',
      false,
      not('Google'),
    ],
    ['languages-table-gladia', '{ provider: gladia, model: solaria-1 }', true, []],
    [
      'languages-table-gladia',
      '{ provider: gladia, model: solaria-1, languageBehaviour: automatic multiple languages }',
      true,
      [],
    ],
    ['languages-table-gladia', '{ provider: gladia, model: solaria-1, language: es }', false, []],
    [
      'languages-table-gladia',
      '{ provider: gladia, model: solaria-1, language: multi }',
      false,
      not('Gladia'),
    ],
    ['languages-table-assembly', '{ provider: assembly-ai }', false, []],
    ['languages-table-assembly', '{ provider: assembly-ai, language: en }', false, []],
    ['languages-table-assembly', '{ provider: assembly-ai, language: es }', false, english('es')],
    ['languages-table-assembly', '{ provider: assembly-ai, language: multi }', false, not('AssemblyAI')],
    [
      'languages-table-assembly',
      '{ provider: assembly-ai, language: multi, speechModel: universal-streaming-multilingual }',
      true,
      [],
    ],
    [
      'languages-table-assembly',
      '{ provider: assembly-ai, language: multi, speechModel: universal-3-5-pro }',
      true,
      [],
    ],
    ['languages-table-azure, languages-others-need-one', '{ provider: azure, language: es-ES }', false, []],
    [
      'languages-table-azure, languages-others-need-one',
      '{ provider: azure, language: multi }',
      false,
      none('Azure'),
    ],
    [
      'languages-table-openai, languages-others-need-one',
      '{ provider: openai, model: gpt-4o-transcribe, language: es }',
      false,
      [],
    ],
    [
      'languages-table-openai, languages-others-need-one',
      '{ provider: openai, model: gpt-4o-transcribe, language: multi }',
      false,
      none('OpenAI'),
    ],
    [
      'languages-table-speechmatics, languages-others-need-one',
      '{ provider: speechmatics, customVocabulary: [], language: es }',
      false,
      [],
    ],
    [
      'languages-table-speechmatics, languages-others-need-one',
      '{ provider: speechmatics, customVocabulary: [], language: multi }',
      false,
      none('Speechmatics'),
    ],
    [
      'languages-table-talkscriber, languages-others-need-one',
      '{ provider: talkscriber, language: es }',
      false,
      [],
    ],
    [
      'languages-table-talkscriber, languages-others-need-one',
      '{ provider: talkscriber, language: multi }',
      false,
      none('Talkscriber'),
    ],
    ['languages-others-need-one', '{ provider: 11labs, language: multi }', false, none('ElevenLabs')],
    ['languages-others-need-one', '{ provider: soniox, languages: [] }', true, []],
  ])('[%s] %s follows the customer: %s, warnings: %j', async (_rule, transcriber, follows, warnings) => {
    const call = await runSimulation(`
assistant: { transcriber: ${transcriber} }${speaks('en', 'es')}`)
    expect(languages(call)).toEqual(follows ? ['en', 'es'] : [])
    expect(warningsOf('transcriber', { transcriber: parse(transcriber) })).toEqual(warnings)
  })

  it('[languages-table-gladia] an utterance in two languages is followed from one to the other', async () => {
    const call = await runSimulation(`
assistant: { transcriber: { provider: gladia, model: solaria-1 } }
caller:
  - { at: 0, say: "I would like", lasts: 1, language: en }
  - { at: 1.05, say: "una cita mañana.", lasts: 1, language: es }
model: [{ reply: "Sí." }]`)
    expect(languages(call)).toEqual(['en', 'es'])
    expect(call.all('turn.ended').map(({ text }) => text)).toEqual(['I would like una cita mañana.'])
  })
})

describe('table: how voices follow the language', () => {
  it.each([
    ['languages-table-azure-voice', '{ provider: azure, voiceId: multilingual-auto }'],
    ['languages-table-azure-voice', '{ provider: azure, voiceId: en-US-AvaMultilingualNeural }'],
    [
      'languages-table-elevenlabs-voice',
      '{ provider: 11labs, voiceId: sarah, model: eleven_multilingual_v2 }',
    ],
    ['languages-table-openai-voice', '{ provider: openai, voiceId: alloy }'],
    ['languages-table-playht-voice', '{ provider: playht, voiceId: jennifer }'],
  ])(
    '[%s, languages-voices-speak-many] %s speaks every detected language, and nothing is refused or warned about',
    async (_rule, voice) => {
      // A voice for Spanish in the list is no reason to change: the one that speaks has all languages.
      const { provider, voiceId } = parse(voice)
      const fallback = '{ provider: azure, voiceId: es-ES-ElviraNeural }'
      const call = await runSimulation(`
assistant:
  transcriber: ${detecting}
  startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: vapi } }
  voice: ${voice.replace(/ }$/, `, fallbackPlan: { voices: [${fallback}] } }`)}${speaks('es', 'zh', 'cy', 'en')}`)
      expect(languages(call)).toEqual(['es', 'zh', 'cy', 'en'])
      expect(call.all('voice.requested').map(({ voice: name }) => name)).toEqual(
        Array(4).fill(`${provider}/${voiceId}`),
      )
      expect(call.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual(
        ['es', 'zh', 'cy', 'en'].map(code => `Answer ${code}.`),
      )
      expect(call.all('warning').map(({ message }) => message)).toEqual([])
      expect(warningsOf('voice', { voice: parse(voice), transcriber: parse(detecting) })).toEqual([])
    },
  )
})

describe('the speed of voices', () => {
  const voiceOf = (provider: string, speed: unknown) => compileVoices({ provider, voiceId: 'x', speed })

  it.each([
    ['playht', 0.1, 5],
    ['11labs', 0.7, 1.2],
    ['openai', 0.25, 4],
    ['azure', 0.5, 2],
    ['vapi', 0.25, 2],
    ['neuphonic', 0.25, 2],
    ['minimax', 0.5, 2],
    ['microsoft', 0.5, 2],
    ['xai', 0.7, 1.5],
    ['embedded', 0.25, 4],
  ])(
    '[speech-speed] %s is handed a speed from %d to %d, and its limit with a warning outside',
    (provider, minimum, maximum) => {
      for (const speed of [minimum, 1, maximum]) {
        const { settings, warnings } = voiceOf(provider, speed)
        expect([settings[0]?.speed, warnings]).toEqual([speed, []])
      }
      for (const [speed, held] of [
        [minimum / 2, minimum],
        [maximum + 0.5, maximum],
      ]) {
        const { settings, warnings } = voiceOf(provider, speed)
        expect(settings[0]?.speed).toBe(held)
        expect(warnings).toEqual([
          `voice.speed ${speed} is out of range and counts as ${held}: ${provider} takes ${minimum} to ${maximum}`,
        ])
      }
    },
  )

  it.each(['deepgram', 'hume', 'sesame', 'wellsaid', 'tavus', 'inworld', 'custom-voice'])(
    '[speech-speed] of %s has no effect, and says so',
    provider => {
      const { settings, warnings } = voiceOf(provider, 1.5)
      expect(settings).toEqual([{}])
      expect(warnings).toEqual([`voice.speed has no effect with voices of ${provider}`])
    },
  )

  it('[speech-speed] of LMNT, which has none any more, is held in the range of the API and said to have no effect', () => {
    const { settings, warnings } = voiceOf('lmnt', 3)
    expect(settings[0]?.speed).toBe(2)
    expect(warnings).toEqual([
      'voice.speed 3 is out of range and counts as 2: lmnt takes 0.25 to 2',
      'voice.speed has no effect with voices of lmnt in a local call',
    ])
  })

  it('[speech-speed] of Cartesia stands in its generationConfig', () => {
    const { warnings } = voiceOf('cartesia', 1.5)
    expect(warnings).toEqual([
      'voice.speed has no effect with voices of cartesia; write generationConfig: { speed: … }',
    ])
    const generationConfig = { speed: 1.5 }
    const nested = compileVoices({ provider: 'cartesia', voiceId: 'x', generationConfig })
    expect(nested.settings).toEqual([{ generationConfig }])
    expect(nested.warnings).toEqual([])
  })

  it.each([
    [0, false],
    [-1, false],
    [Number.NaN, false],
    ['fast', false],
    [0.01, true],
  ])('[speech-speed] %s is handed to a voice without a range: %s', (speed, taken) => {
    expect(voiceOf('smallest-ai', speed).settings).toEqual(taken ? [{ speed }] : [{}])
    expect(voiceOf('smallest-ai', speed).warnings).toHaveLength(taken ? 0 : 1)
  })

  it('[speech-speed] halves the length of PlayHT’s speech at 2, also of a fallback', async () => {
    const lengthOf = async (voice: string, more = '') => {
      const call = await runSimulation(`
assistant: { voice: ${voice} }${more}${speaks('en')}`)
      return call.first('assistant.speech.stopped').atMs - call.first('assistant.speech.started').atMs
    }
    // "Answer en." has ten characters: a second at ten a second.
    expect(await lengthOf('{ provider: playht, voiceId: jennifer }')).toBe(1000)
    expect(await lengthOf('{ provider: playht, voiceId: jennifer, speed: 2 }')).toBe(500)
    expect(await lengthOf('{ provider: deepgram, voiceId: luna, speed: 2 }')).toBe(1000)
    const fallback =
      '{ provider: openai, voiceId: alloy, fallbackPlan: { voices: [{ provider: playht, voiceId: will, speed: 0.5 }] } }'
    expect(await lengthOf(fallback, '\nfailures: [{ voice: openai/alloy }]')).toBe(2000)
  })
})
